// SPDX-License-Identifier: GPL-2.0-only
/*
 * generation.c - see generation.h.
 */
#include <errno.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "generation.h"

_Static_assert(SHA256_DIGEST_LENGTH == 32, "room in struct generation");

/* The same bytes before and after reading: else the file was being written, and the hash would name another policy. */
#define READ_TRIES 3

static int hash_file(const char *path, uint8_t ret_hash[32])
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	unsigned char bytes[4096];
	SHA256_CTX context;
	size_t n;

	if (!file)
		return -errno;
	SHA256Init(&context);
	while ((n = fread(bytes, 1, sizeof(bytes), file)))
		SHA256Update(&context, bytes, n);
	if (ferror(file))
		return -EIO;
	SHA256Final(ret_hash, &context);
	return 0;
}

static int read_once(const char *path, struct generation *generation, struct diags *diags)
{
	uint8_t before[32] = {0};
	/* A file that cannot be read is told by the reader, which knows the words. */
	const int hashed = hash_file(path, before);
	int err = policy_read_file(path, diags, &generation->policy);

	if (err || hashed)
		return err ? err : hashed;
	err = hash_file(path, generation->hash);
	return err || !memcmp(before, generation->hash, sizeof(before)) ? err : -EAGAIN;
}

int generation_read(const char *path, struct diags *diags, struct generation **ret_generation)
{
	AUTO_GENERATION struct generation *generation = calloc(1, sizeof(*generation));
	int err = -EAGAIN;

	if (!generation)
		return -ENOMEM;
	for (int i = 0; i < READ_TRIES && err == -EAGAIN; i++) {
		policy_free(generation->policy);
		generation->policy = NULL;
		diags_free(diags);
		*diags = (struct diags){0};
		err = read_once(path, generation, diags);
	}
	if (err)
		return err;
	*ret_generation = TAKE_PTR(generation);
	return 0;
}

static int name_devices(struct generation *generation)
{
	const struct ruleset *ruleset = generation->ruleset;

	generation->device_names =
		calloc(ruleset->n_indices ? ruleset->n_indices : 1, sizeof(*generation->device_names));
	if (!generation->device_names)
		return -ENOMEM;
	generation->n_indices = ruleset->n_indices;
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		generation->device_names[ruleset->devices[i].index] = ruleset->devices[i].device->name;
	return 0;
}

int generation_compile(struct generation *generation, const struct generation_past *past, struct diags *diags)
{
	struct ruleset_input input = {
		.generation = past->number + 1,
		.name_seed = past->name_seed,
		.gateways = generation->gateways.items,
		.n_gateways = generation->gateways.n,
		.indices = past->indices,
		.n_indices = past->n_indices,
	};
	struct timespec now;
	int err;

	/* So that nobody can choose MAC addresses that fall into one bucket. */
	if (getrandom(&input.seed, sizeof(input.seed), 0) != (ssize_t)sizeof(input.seed))
		return -EIO;
	/* Nor ask for a name that has the hash of one that is listed. */
	if (!input.name_seed &&
	    getrandom(&input.name_seed, sizeof(input.name_seed), 0) != (ssize_t)sizeof(input.name_seed))
		return -EIO;
	memcpy(input.policy_hash, generation->hash, sizeof(input.policy_hash));
	err = ruleset_compile(generation->policy, &input, diags, &generation->ruleset);
	if (err)
		return err;
	clock_gettime(CLOCK_REALTIME, &now);
	generation->loaded_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	return name_devices(generation);
}

static int compare_indices(const void *a, const void *b)
{
	const struct ruleset_index *left = a, *right = b;

	return strcmp(left->name, right->name);
}

int generation_indices(const struct generation *generation, struct ruleset_index **ret_indices, size_t *ret_n)
{
	const struct ruleset *ruleset = generation->ruleset;
	struct ruleset_index *indices = calloc(ruleset->n_devices ? ruleset->n_devices : 1, sizeof(*indices));

	if (!indices)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		indices[i] = (struct ruleset_index){.name = ruleset->devices[i].device->name,
						    .device = ruleset->devices[i].index};
	qsort(indices, ruleset->n_devices, sizeof(*indices), compare_indices);
	*ret_indices = indices;
	*ret_n = ruleset->n_devices;
	return 0;
}

uint32_t generation_number(const struct generation *generation)
{
	return generation->ruleset->bank.generation;
}

const char *generation_device(const struct generation *generation, uint32_t index)
{
	return index < generation->n_indices ? generation->device_names[index] : NULL;
}

const char *generation_rule(const struct generation *generation, uint32_t rule, char buf[GENERATION_RULE_MAX])
{
	const struct ruleset *ruleset = generation->ruleset;

	if (rule >= ruleset->n_rules || !ruleset->rules[rule].line)
		return NULL;
	snprintf(buf, GENERATION_RULE_MAX, "%s:%u", generation->policy->file, ruleset->rules[rule].line);
	return buf;
}

bool generation_has_vlan(const struct generation *generation)
{
	for (size_t i = 0; i < generation->policy->n_devices; i++)
		if (generation->policy->devices[i].vlan)
			return true;
	return false;
}

void generation_free(struct generation *generation)
{
	if (!generation)
		return;
	ruleset_free(generation->ruleset);
	policy_free(generation->policy);
	free(generation->device_names);
	free(generation);
}
