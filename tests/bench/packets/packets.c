// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench.c - `make bench`, part one: what a frame costs in the packet programs, by the kernel's test-run.
 *
 *   bench [--rounds N] [--repeat N] [--quick] [--scene DEVICES/PREFIXES] [--only ID,...] [--json FILE] [--markdown FILE]
 *
 * With --scene or --only memory is not measured. Scenes one after the other (stage.h), the report at the end. The exit status says whether it could measure, not how fast it was. Runs on one CPU.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "../memory.h"
#include "../print.h"
#include "../stage.h"

/* Scene sizes; names are measured in the second. */
static const struct scene_size all_scenes[] = {
	{.devices = 10, .prefixes = 10},
	{.devices = 10, .prefixes = 1000},
	{.devices = 1000, .prefixes = 1000, .names = true},
	{.devices = 100000, .prefixes = 1000},
	{.devices = 1000, .prefixes = 100000},
	{.devices = 100000, .prefixes = 100000},
};
#define QUICK_SCENES 3 /* --quick: without those that take gigabytes */
#define SCENES_MAX (sizeof(all_scenes) / sizeof(all_scenes[0]))

static const uint32_t memory_devices[] = {64, 10000};
#define MEMORY_SIZES (sizeof(memory_devices) / sizeof(memory_devices[0]))

struct options {
	struct measure_options measure;
	struct scene_size scenes[SCENES_MAX];
	size_t n_scenes;
	const char *json, *markdown;
	const char *only; /* ids of rows, with commas; NULL: all */
	bool no_memory;
};

static int stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

static int run_scene(const struct scene_size *size, const struct options *options, struct results *results)
{
	struct stage stage = {0};
	int err;

	fprintf(stderr, "bench: %u devices, %u prefixes\n", size->devices, size->prefixes);
	err = stage_open(size, &stage);
	if (!err)
		err = stage_packets(&stage);
	if (!err && size->names)
		err = stage_names(&stage);
	if (!err && options->only)
		rows_keep(&stage.rows, options->only);
	if (!err)
		err = rows_measure(&stage.rows, &options->measure, results);
	stage_close(&stage);
	return err;
}

static void cpu_name(char *name, size_t size)
{
	FILE *in = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(name, size, "unknown CPU");
	while (in && fgets(line, sizeof(line), in)) {
		const char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || !colon)
			continue;
		snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
		break;
	}
	if (in)
		fclose(in);
}

static int write_file(const char *path, const struct report *report, bool json)
{
	FILE *out = fopen(path, "we");
	int err = 0;

	if (!out) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	if (json)
		err = bench_json(report, out);
	else
		bench_markdown(report, out);
	if (fclose(out) || err)
		return -EIO;
	return 0;
}

static int give_report(const struct options *options, const struct results *results, const struct memory_result *memory)
{
	struct targets targets;
	struct utsname uname_data;
	char cpu[128], date[32];
	const time_t now = time(NULL);
	struct tm tm;
	struct report report = {
		.results = results,
		.targets = &targets,
		.memory = memory,
		.n_memory = options->no_memory ? 0 : MEMORY_SIZES,
		.sizes = options->scenes,
		.n_sizes = options->n_scenes,
		.rounds = options->measure.rounds,
		.repeat = options->measure.repeat,
		.cpu = cpu,
		.date = date,
	};
	int err = 0;

	if (uname(&uname_data) < 0 || !gmtime_r(&now, &tm))
		return -errno;
	report.kernel = uname_data.release;
	cpu_name(cpu, sizeof(cpu));
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	targets_judge(results, options->scenes, options->n_scenes, memory, &targets);
	bench_text(&report, stdout);
	if (options->json)
		err = write_file(options->json, &report, true);
	if (!err && options->markdown)
		err = write_file(options->markdown, &report, false);
	return err;
}

/* "1000/1000": this scene only. */
static int read_scene(const char *text, struct options *options)
{
	unsigned int devices, prefixes;

	/* NOLINTNEXTLINE(cert-err34-c): both numbers are checked, and it is a developer's own option. */
	if (sscanf(text, "%u/%u", &devices, &prefixes) != 2 || !devices || !prefixes)
		return -EINVAL;
	options->scenes[0] = (struct scene_size){
		.devices = devices, .prefixes = prefixes, .names = devices == 1000 && prefixes == 1000};
	options->n_scenes = 1;
	options->no_memory = true;
	return 0;
}

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"rounds", required_argument, NULL, 'r'},   {"repeat", required_argument, NULL, 'n'},
		{"quick", no_argument, NULL, 'q'},	    {"scene", required_argument, NULL, 's'},
		{"only", required_argument, NULL, 'o'},	    {"json", required_argument, NULL, 'j'},
		{"markdown", required_argument, NULL, 'm'}, {NULL, 0, NULL, 0},
	};
	int opt, err = 0;

	memcpy(options->scenes, all_scenes, sizeof(all_scenes));
	options->n_scenes = SCENES_MAX;
	while (!err && (opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (opt == 'r')
			options->measure.rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'n')
			options->measure.repeat = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'q')
			options->n_scenes = QUICK_SCENES;
		else if (opt == 's')
			err = read_scene(optarg, options);
		else if (opt == 'o')
			options->only = optarg;
		else if (opt == 'j')
			options->json = optarg;
		else if (opt == 'm')
			options->markdown = optarg;
		else
			err = -EINVAL;
	}
	options->no_memory = options->no_memory || options->only;
	if (err || optind < argc || options->measure.rounds < 1 || options->measure.rounds > ROUNDS_MAX ||
	    options->measure.repeat < 1)
		return -EINVAL;
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = {.measure = {.rounds = 11, .repeat = 200000}};
	struct memory_result memory[MEMORY_SIZES] = {{0}};
	struct results results = {0};
	int err = read_options(argc, argv, &options);

	if (err) {
		fputs("usage: bench [--rounds 1..99] [--repeat FRAMES] [--quick | --scene DEVICES/PREFIXES] [--only ID,...] [--json FILE] [--markdown FILE]\n",
		      stderr);
		return 2;
	}
	err = stay_on_one_cpu();
	for (size_t i = 0; i < MEMORY_SIZES && !err && !options.no_memory; i++) {
		memory[i].devices = memory_devices[i];
		err = memory_measure(memory_devices[i], &memory[i].bytes);
	}
	for (size_t i = 0; i < options.n_scenes && !err; i++)
		err = run_scene(&options.scenes[i], &options, &results);
	if (!err)
		err = give_report(&options, &results, memory);
	results_free(&results);
	return err ? 1 : 0;
}
