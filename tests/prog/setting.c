// SPDX-License-Identifier: GPL-2.0-only
/*
 * setting.c - see setting.h.
 */
#include "setting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Any: the same in every run, so that what a case shows comes again. */
#define TABLE_SEED 0x5eed5eed5eedULL

uint32_t setting_ifindex(const struct setting *setting, const char *port)
{
	for (size_t i = 0; port && i < setting->n_ports; i++)
		if (strcmp(setting->ports[i], port) == 0)
			return SETTING_IFINDEX_FIRST + (uint32_t)i;
	return 0;
}

static int name_port(struct setting *setting, const char *port)
{
	if (!port || setting_ifindex(setting, port))
		return 0;
	if (setting->n_ports == SETTING_PORTS_MAX) {
		fprintf(stderr, "more than %d ports in one case\n", SETTING_PORTS_MAX);
		return -E2BIG;
	}
	setting->ports[setting->n_ports++] = port;
	return 0;
}

/* What the daemon knows and the policy does not: which interface has the name now. A port that no frame of the case names is not there. */
static void bind_ports(const struct setting *setting, struct ruleset *ruleset)
{
	for (uint32_t i = 0; i < ruleset->n_devices; i++) {
		const struct policy_device *device = ruleset->devices[i].device;

		for (size_t port = 0; port < device->n_ports && port < RF_IDENT_PORTS; port++)
			ruleset->idents[ruleset->devices[i].index].ifindex[port] =
				setting_ifindex(setting, device->ports[port]);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ruleset_index *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* Devices keep their index from the generation before, as in the daemon. */
static struct ruleset_index *indices_of(const struct ruleset *ruleset)
{
	struct ruleset_index *indices = calloc(ruleset->n_devices + 1, sizeof(*indices));

	for (uint32_t i = 0; indices && i < ruleset->n_devices; i++)
		indices[i] = (struct ruleset_index){ruleset->devices[i].device->name, ruleset->devices[i].index};
	if (indices)
		qsort(indices, ruleset->n_devices, sizeof(*indices), by_name);
	return indices;
}

/* number: of the generation; 0: the one after the generation before. */
static int compile(struct setting *setting, struct generation *generation, uint32_t number, struct diags *diags)
{
	struct ruleset_input input = {.generation = number ? number : 1, .seed = TABLE_SEED};
	AUTO_FREE struct ruleset_index *indices = NULL;

	if (setting->n_generations > 1) {
		const struct ruleset *before = generation[-1].ruleset;

		indices = indices_of(before);
		if (!indices)
			return -ENOMEM;
		if (!number)
			input.generation = before->bank.generation + 1;
		input.indices = indices;
		input.n_indices = before->n_devices;
	}
	return ruleset_compile(generation->policy, &input, diags, &generation->ruleset);
}

static int add_generation(struct setting *setting, const char *path, uint32_t number)
{
	struct generation *generation = &setting->generations[setting->n_generations];
	AUTO_DIAGS struct diags diags = {0};
	int err;

	if (setting->n_generations == SETTING_GENERATIONS_MAX) {
		fprintf(stderr, "more than %d policies in one case\n", SETTING_GENERATIONS_MAX);
		return -E2BIG;
	}
	setting->n_generations++;
	err = policy_read_file(path, &diags, &generation->policy);
	if (!err)
		err = compile(setting, generation, number, &diags);
	if (err)
		diags_print(&diags, stderr);
	else
		bind_ports(setting, generation->ruleset);
	return err;
}

int setting_make(const struct packet_case *packet_case, struct setting *ret_setting)
{
	int err = 0;

	for (size_t i = 0; i < packet_case->n_steps && !err; i++)
		err = name_port(ret_setting, packet_case->steps[i].port);
	if (!err)
		err = add_generation(ret_setting, packet_case->policy, packet_case->generation);
	for (size_t i = 0; i < packet_case->n_steps && !err; i++)
		if (packet_case->steps[i].kind == STEP_RELOAD)
			err = add_generation(ret_setting, packet_case->steps[i].text,
					     (uint32_t)packet_case->steps[i].number);
	return err;
}

void setting_free(struct setting *setting)
{
	for (size_t i = 0; i < setting->n_generations; i++) {
		ruleset_free(setting->generations[i].ruleset);
		policy_free(setting->generations[i].policy);
	}
	*setting = (struct setting){0};
}

static void at_least(uint32_t *have, uint32_t need)
{
	if (*have < need)
		*have = need;
}

void setting_room(const struct setting *setting, struct ruleset_sizes *sizes)
{
	for (size_t i = 0; i < setting->n_generations; i++) {
		const struct ruleset_sizes need = ruleset_sizes(setting->generations[i].ruleset);

		at_least(&sizes->buckets, need.buckets);
		at_least(&sizes->profiles, need.profiles);
		at_least(&sizes->nodes, need.nodes);
		at_least(&sizes->values, need.values);
		at_least(&sizes->chunks, need.chunks);
		at_least(&sizes->peers, need.peers);
		at_least(&sizes->names, need.names);
		at_least(&sizes->indices, need.indices);
	}
}
