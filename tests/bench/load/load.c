// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - `make bench`, part four: how long a policy takes to come into force, by step, and what every map costs.
 *
 *   load --sizes DEVICES/PREFIXES,... [--rounds N] --json FILE
 *
 * Sizes ascend. One that would not fit into this machine, as the sizes before it let expect, is not tried: its row says so, with the bytes that were
 * computed in place of those that were measured.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <jansson.h>

#include "../../../user/common/cleanup.h"
#include "../../../user/common/diag.h"
#include "../../../user/common/sizing.h"
#include "../../../user/datapath/state.h"
#include "../../../user/policy/policy.h"
#include "../scene.h"

#define SIZES_MAX 16
#define MAPS_MAX 64
#define ROUNDS_MAX 9
#define MEMORY_PART 0.8 /* of what is available: the rest is the policy's while it is compiled */
#define SEED 0x5eed5eed5eedULL

enum step { STEP_READ, STEP_COMPILE, STEP_OPEN, STEP_STAGE, STEP_FLIP, STEP_RESTAGE, STEPS };

static const char *const step_text[STEPS] = {"read", "compile", "open", "stage", "flip", "stage_again"};

struct charge {
	char name[BPF_OBJ_NAME_LEN];
	uint32_t id, entries;
	double bytes;
};

struct load {
	struct scene_size size;
	double seconds[STEPS][ROUNDS_MAX];
	uint32_t rounds;
	struct charge maps[MAPS_MAX];
	size_t n_maps;
	double total;
	char why[160]; /* it was not measured; "" */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- what the kernel charged --------------------------------------------------------------------------------------- */

/* Every map that this process holds is the datapath's. One has several descriptors: libbpf's and the datapath's. */
static int read_charge(const char *fd_text, struct load *load)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	struct charge *charge = &load->maps[load->n_maps];
	char path[300], line[256];
	AUTO_FCLOSE FILE *in = NULL;

	if (bpf_obj_get_info_by_fd((int)strtol(fd_text, NULL, 10), &info, &len) < 0 || !info.max_entries)
		return 0; /* no map */
	for (size_t i = 0; i < load->n_maps; i++)
		if (load->maps[i].id == info.id)
			return 0;
	if (load->n_maps == MAPS_MAX)
		return -E2BIG;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd_text);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (fgets(line, sizeof(line), in))
		if (strncmp(line, "memlock:", 8) == 0) {
			charge->bytes = strtod(line + 8, NULL);
			charge->id = info.id;
			charge->entries = info.max_entries;
			snprintf(charge->name, sizeof(charge->name), "%s", info.name);
			load->total += charge->bytes;
			load->n_maps++;
			return 0;
		}
	return 0; /* a program */
}

static int read_charges(struct load *load)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	const struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = read_charge(entry->d_name, load);
	closedir(dir);
	return err ? err : load->n_maps ? 0 : -ENOENT;
}

/* ---- one size ------------------------------------------------------------------------------------------------------ */

static int put_in_force(struct load *load, const struct ruleset *ruleset, uint32_t round)
{
	const struct datapath_options options = {0};
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	struct fault fault = {{0}};
	AUTO_DATAPATH struct datapath *datapath = NULL;
	double start = now();
	int err = datapath_open(&options, &need, &fault, &datapath);

	load->seconds[STEP_OPEN][round] = now() - start;
	for (int again = 0; again < 2 && !err; again++) {
		start = now();
		err = datapath_stage(datapath, ruleset);
		load->seconds[again ? STEP_RESTAGE : STEP_STAGE][round] = now() - start;
		if (err)
			break;
		start = now();
		datapath_flip(datapath);
		load->seconds[STEP_FLIP][round] = now() - start;
	}
	if (!err && !round)
		err = read_charges(load);
	if (err)
		snprintf(load->why, sizeof(load->why), "%.150s", fault.text[0] ? fault.text : strerror(-err));
	return err;
}

static int run_round(struct load *load, const char *text, size_t len, uint32_t round)
{
	const struct ruleset_input input = {.generation = 1, .seed = SEED, .name_seed = SEED};
	AUTO_DIAGS struct diags diags = {0};
	struct policy *policy = NULL;
	struct ruleset *ruleset = NULL;
	double start = now();
	int err = policy_read_text("bench", text, len, &diags, &policy);

	load->seconds[STEP_READ][round] = now() - start;
	start = now();
	if (!err)
		err = ruleset_compile(policy, &input, &diags, &ruleset);
	load->seconds[STEP_COMPILE][round] = now() - start;
	if (err)
		snprintf(load->why, sizeof(load->why), "the policy is refused: %.120s",
			 diags.n_items ? diags.items[0].message : strerror(-err));
	else
		err = put_in_force(load, ruleset, round);
	ruleset_free(ruleset);
	policy_free(policy);
	return err;
}

static void measure(struct load *load, uint32_t rounds)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;

	fprintf(stderr, "bench: loading %u devices, %u prefixes\n", load->size.devices, load->size.prefixes);
	if (scene_policy(&load->size, &text, &len)) {
		snprintf(load->why, sizeof(load->why), "no memory for its text");
		return;
	}
	for (uint32_t round = 0; round < rounds; round++) {
		if (run_round(load, text, len, round))
			break;
		load->rounds++;
	}
}

/* ---- will it fit? -------------------------------------------------------------------------------------------------- */

static double available(void)
{
	AUTO_FCLOSE FILE *in = fopen("/proc/meminfo", "re");
	char line[128];

	while (in && fgets(line, sizeof(line), in))
		if (strncmp(line, "MemAvailable:", 13) == 0)
			return strtod(line + 13, NULL) * 1024;
	return 0;
}

static const struct charge *find(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->n_maps; i++)
		if (strcmp(load->maps[i].name, name) == 0)
			return &load->maps[i];
	return NULL;
}

/* What grows with the devices alone is known before anything is loaded; the tables of the policy are on the line through the two sizes before. */
static double computed_bytes(const struct load *small, const struct load *large, const struct load *load,
			     const struct charge *after)
{
	const double part = ((double)load->size.devices - small->size.devices) /
			    ((double)large->size.devices - small->size.devices);
	const struct charge *before = find(small, after->name);
	const struct ruleset_sizes need = {.indices = load->size.devices + RF_UNKNOWN_DEVICES};
	const struct ruleset_sizes room = maps_room(&need);
	double bytes = after->bytes;

	for (int id = 0; id < MAP_COUNT; id++) {
		struct map map = {.value_size = map_specs[id].value_size};

		if (strncmp(map_specs[id].name, after->name, sizeof(after->name) - 1) != 0)
			continue;
		if (map_specs[id].counted != offsetof(struct ruleset_sizes, indices))
			break;
		map.entries = maps_entries((enum map_id)id, sizing_choose(need.indices), &room);
		return (double)maps_bytes((enum map_id)id, &map, libbpf_num_possible_cpus());
	}
	if (before)
		bytes += (after->bytes - before->bytes) * (part - 1);
	return bytes > 0 ? bytes : 0;
}

/* Gives true if the whole is more than there is. */
static bool too_large(const struct load *small, const struct load *large, struct load *load)
{
	struct load computed = *load;

	for (size_t i = 0; i < large->n_maps; i++) {
		struct charge *charge = &computed.maps[computed.n_maps];

		*charge = large->maps[i];
		charge->bytes = computed_bytes(small, large, load, &large->maps[i]);
		computed.total += charge->bytes;
		computed.n_maps++;
	}
	if (computed.total < available() * MEMORY_PART)
		return false;
	snprintf(computed.why, sizeof(computed.why),
		 "does not fit: the maps would take %.1f GiB, this machine has %.1f", computed.total / (1U << 30),
		 available() / (1U << 30));
	*load = computed;
	return true;
}

/* ---- telling ------------------------------------------------------------------------------------------------------- */

static json_t *load_json(const struct load *load)
{
	json_t *steps = json_object(), *maps = json_object();

	for (int step = 0; step < STEPS; step++) {
		json_t *rounds = json_array();

		for (uint32_t i = 0; i < load->rounds; i++)
			json_array_append_new(rounds, json_real(load->seconds[step][i]));
		json_object_set_new(steps, step_text[step], rounds);
	}
	for (size_t i = 0; i < load->n_maps; i++)
		json_object_set_new(maps, load->maps[i].name, json_integer((json_int_t)load->maps[i].bytes));
	return json_pack("{si si ss so so sI sb ss*}", "devices", (int)load->size.devices, "prefixes",
			 (int)load->size.prefixes, "sizing",
			 sizing_text(sizing_choose(load->size.devices + RF_UNKNOWN_DEVICES)), "seconds", steps, "maps",
			 maps, "bytes", (json_int_t)load->total, "computed", load->rounds == 0, "why",
			 load->why[0] ? load->why : NULL);
}

static int read_sizes(char *text, struct load *loads, size_t *ret_n)
{
	char *save = NULL;
	size_t n = 0;

	for (const char *each = strtok_r(text, ",", &save); each; each = strtok_r(NULL, ",", &save)) {
		struct scene_size *size = &loads[n].size;

		/* NOLINTNEXTLINE(cert-err34-c): both numbers are checked, and it is a developer's own option. */
		if (n == SIZES_MAX || sscanf(each, "%u/%u", &size->devices, &size->prefixes) != 2 || !size->devices ||
		    !size->prefixes)
			return -EINVAL;
		size->plain = true;
		n++;
	}
	*ret_n = n;
	return n ? 0 : -EINVAL;
}

static int measure_all(struct load *loads, size_t n, uint32_t rounds, const char *path)
{
	json_t *rows = json_array();
	int err;

	for (size_t i = 0; i < n; i++) {
		if (i < 2 || !loads[i - 1].rounds || !loads[i - 2].rounds ||
		    !too_large(&loads[i - 2], &loads[i - 1], &loads[i]))
			measure(&loads[i], loads[i].size.devices > 10000 ? 1 : rounds);
		if (loads[i].why[0])
			fprintf(stderr, "bench: %u devices: %s\n", loads[i].size.devices, loads[i].why);
		json_array_append_new(rows, load_json(&loads[i]));
	}
	err = json_dump_file(rows, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(rows);
	return err ? -EIO : 0;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {{"sizes", required_argument, NULL, 's'},
					      {"rounds", required_argument, NULL, 'r'},
					      {"json", required_argument, NULL, 'j'},
					      {NULL, 0, NULL, 0}};
	static struct load loads[SIZES_MAX];
	const char *path = NULL;
	uint32_t rounds = 3;
	size_t n = 0;
	int opt, err = 0;

	while (!err && (opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (opt == 's')
			err = read_sizes(optarg, loads, &n);
		else if (opt == 'r')
			rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'j')
			path = optarg;
		else
			err = -EINVAL;
	}
	if (err || !n || !path || !rounds || rounds > ROUNDS_MAX) {
		fputs("usage: load --sizes DEVICES/PREFIXES,... [--rounds 1..9] --json FILE\n", stderr);
		return 2;
	}
	return measure_all(loads, n, rounds, path) ? 1 : 0;
}
