// SPDX-License-Identifier: GPL-2.0-only
/*
 * packets.c - `make bench`, part one: what a frame costs in the packet programs, by the kernel's test-run.
 *
 *   packets --scenes DEVICES/PREFIXES[/RULES],... [--names DEVICES/PREFIXES] [--each DEVICES/PREFIXES] [--rounds N] [--repeat N] [--only ID,...] [--json FILE]
 *
 * Scenes one after the other (stage.h); in that of --names rules by name, too. A scene that cannot be set up is told as missing, and the others go on; one
 * that measures something else than it says ends the run. Runs on one CPU. Without --json
 * a line for each row.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../../../user/common/cleanup.h"
#include "../print.h"
#include "../stage.h"

#define SCENES_MAX 32

struct options {
	struct measure_options measure;
	struct scene_size scenes[SCENES_MAX];
	size_t n_scenes;
	const char *json;
	const char *only; /* ids of rows, with commas; NULL: all */
};

static int stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

/* Others who time on this machine, and say so by the same file, wait meanwhile. */
static int measure(struct stage *stage, const struct options *options, struct results *results)
{
	const char *path = getenv("BENCH_LOCK");
	AUTO_CLOSE int lock = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;

	if (lock >= 0)
		flock(lock, LOCK_EX);
	return rows_measure(&stage->rows, &options->measure, results);
}

/* Of the scene in which each frame is judged by itself: beside the same rows of another. */
static void rename_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct result *result = &rows->items[i]->result;
		char id[ROW_ID_MAX], name[ROW_NAME_MAX];

		memcpy(id, result->id, sizeof(id));
		memcpy(name, result->name, sizeof(name));
		snprintf(result->id, sizeof(result->id), "each-%.*s", ROW_ID_MAX - 6, id);
		snprintf(result->name, sizeof(result->name), "%.*s, each judged", ROW_NAME_MAX - 14, name);
	}
}

static int run_scene(const struct scene_size *size, const struct options *options, struct results *results,
		     struct missing *missing, size_t *n_missing)
{
	struct stage stage = {0};
	int err;

	fprintf(stderr, "bench: a frame at a time, %u devices, %u prefixes, %u rules before\n", size->devices,
		size->prefixes, size->rules);
	err = stage_open(size, &stage);
	if (err) {
		stage_close(&stage);
		missing[*n_missing].size = *size;
		snprintf(missing[*n_missing].why, sizeof(missing->why), "cannot be set up: %s", strerror(-err));
		(*n_missing)++;
		return 0;
	}
	err = stage_packets(&stage);
	if (!err && size->names)
		err = stage_names(&stage);
	if (!err && size->each)
		rename_rows(&stage.rows);
	if (!err && options->only)
		rows_keep(&stage.rows, options->only);
	if (!err)
		err = measure(&stage, options, results);
	stage_close(&stage);
	return err;
}

static int read_scene(const char *text, bool names, bool each, struct options *options)
{
	struct scene_size size = {.names = names, .each = each};
	int n;

	if (options->n_scenes == SCENES_MAX)
		return -E2BIG;
	/* NOLINTNEXTLINE(cert-err34-c): the numbers are checked, and it is a developer's own option. */
	n = sscanf(text, "%u/%u/%u", &size.devices, &size.prefixes, &size.rules);
	if (n < 2 || !size.devices || !size.prefixes)
		return -EINVAL;
	options->scenes[options->n_scenes++] = size;
	return 0;
}

static int read_scenes(char *text, struct options *options)
{
	char *save = NULL;
	int err = 0;

	for (const char *each = strtok_r(text, ",", &save); each && !err; each = strtok_r(NULL, ",", &save))
		err = read_scene(each, false, false, options);
	return err;
}

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"rounds", required_argument, NULL, 'r'}, {"repeat", required_argument, NULL, 'n'},
		{"scenes", required_argument, NULL, 's'}, {"names", required_argument, NULL, 'N'},
		{"each", required_argument, NULL, 'e'},	  {"only", required_argument, NULL, 'o'},
		{"json", required_argument, NULL, 'j'},	  {NULL, 0, NULL, 0},
	};
	int opt, err = 0;

	while (!err && (opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (opt == 'r')
			options->measure.rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'n')
			options->measure.repeat = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 's')
			err = read_scenes(optarg, options);
		else if (opt == 'N')
			err = read_scene(optarg, true, false, options);
		else if (opt == 'e')
			err = read_scene(optarg, false, true, options);
		else if (opt == 'o')
			options->only = optarg;
		else if (opt == 'j')
			options->json = optarg;
		else
			err = -EINVAL;
	}
	if (err || optind < argc || !options->n_scenes || options->measure.rounds < 1 ||
	    options->measure.rounds > ROUNDS_MAX || options->measure.repeat < 1)
		return -EINVAL;
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = {.measure = {.rounds = 11, .repeat = 200000}};
	struct missing missing[SCENES_MAX];
	struct results results = {0};
	size_t n_missing = 0;
	int err = read_options(argc, argv, &options);

	if (err) {
		fputs("usage: packets --scenes DEVICES/PREFIXES[/RULES],... [--names DEVICES/PREFIXES] [--each DEVICES/PREFIXES] [--rounds 1..99] [--repeat FRAMES] [--only ID,...] [--json FILE]\n",
		      stderr);
		return 2;
	}
	err = stay_on_one_cpu();
	for (size_t i = 0; i < options.n_scenes && !err; i++)
		err = run_scene(&options.scenes[i], &options, &results, missing, &n_missing);
	if (!options.json)
		results_print(&results, stdout);
	else if (results_write(&results, missing, n_missing, options.json) && !err)
		err = -EIO;
	results_free(&results);
	return err ? 1 : 0;
}
