// SPDX-License-Identifier: GPL-2.0-only
/*
 * prog_cases.c - runs packet cases natively, by XDP test-run and by TC test-run. All must agree with the case and with each other.
 *
 * The packet programs are those linked in: the Makefile builds one of this for the object of each compiler. Needs root for all but
 * `--engines native`.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/sizing.h"
#include "dump.h"
#include "run.h"
#include "seeds.h"

#define EXIT_MISUSE 2

static const struct world_ops *const all_ops[WORLD_COUNT] = {
	[WORLD_NATIVE] = &world_native,
	[WORLD_XDP] = &world_xdp,
	[WORLD_TC] = &world_tc,
};

struct options {
	const char *dir;
	const char *only;  /* NULL: all */
	const char *seeds; /* NULL: run; else write fuzzers' seeds into this directory */
	uint64_t
		frames_max; /* cases with more are skipped, and counted so: for guests whose processor is emulated; 0: none is */
	bool engine[WORLD_COUNT];
	enum rf_sizing_id sizing;
	bool verbose;
	bool dump; /* write the frames as text instead of judging them */
};

struct tally {
	size_t count[RUN_SKIPPED + 1];
	size_t cases;
};

struct stage {
	struct world *world[WORLD_COUNT];
	char why[WORLD_COUNT][WORLD_WHY_MAX]; /* a world that could not be opened */
	struct run_record record[WORLD_COUNT];
};

static void usage(FILE *out)
{
	fputs("usage: prog_cases [--engines native,xdp,tc] [--only NAME] [--frames-max N] [--sizing SIZING] [--verbose] [--seeds DIR | --dump] CASES\n"
	      "\n"
	      "  CASES       a directory of *.case files\n"
	      "  --only      cases with this in their name\n"
	      "  --frames-max  skip cases with more frames than this\n"
	      "  --sizing    how many rows a device has: home (default), campus or provider; cases about the bounds of another are left out\n"
	      "  --seeds     write the frames of the cases as seeds for fuzz_frame instead of judging them\n"
	      "  --dump      print them as text (see dump.h)\n"
	      "\n"
	      "Ends with \"N passed, M failed, K skipped\", counting each case once for each engine.\n",
	      out);
}

static int read_engines(char *text, struct options *options)
{
	char *save = NULL;

	memset(options->engine, 0, sizeof(options->engine));
	for (char *name = strtok_r(text, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		int i = 0;

		while (i < WORLD_COUNT && strcmp(all_ops[i]->name, name) != 0)
			i++;
		if (i == WORLD_COUNT) {
			fprintf(stderr, "prog_cases: no engine is called \"%s\": native, xdp, tc\n", name);
			return -EINVAL;
		}
		options->engine[i] = true;
	}
	return 0;
}

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"engines", required_argument, NULL, 'e'},
		{"only", required_argument, NULL, 'o'},
		{"frames-max", required_argument, NULL, 'm'},
		{"sizing", required_argument, NULL, 'z'},
		{"seeds", required_argument, NULL, 's'},
		{"verbose", no_argument, NULL, 'v'},
		{"dump", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "e:o:m:z:s:vdh", longs, NULL)) >= 0) {
		switch (option) {
		case 'e':
			if (read_engines(optarg, options))
				return -EINVAL;
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'm':
			options->frames_max = strtoull(optarg, NULL, 10);
			break;
		case 'z':
			if (sizing_parse(optarg, &options->sizing) && options->sizing != RF_SIZING_AUTO)
				break;
			fprintf(stderr, "prog_cases: no sizing is called \"%s\": home, campus, provider\n", optarg);
			return -EINVAL;
		case 's':
			options->seeds = optarg;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'd':
			options->dump = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	options->dir = argv[optind];
	if (!options->dir || argv[optind + 1]) {
		usage(stderr);
		return -EINVAL;
	}
	return 0;
}

static int read_cases(const char *dir, struct case_list *list)
{
	AUTO_FREE char *pattern = NULL;
	glob_t found = {0};
	int err = 0;

	if (asprintf(&pattern, "%s/*.case", dir) < 0) {
		pattern = NULL;
		return -ENOMEM;
	}
	if (glob(pattern, 0, NULL, &found)) {
		fprintf(stderr, "prog_cases: no *.case files in %s\n", dir);
		return -ENOENT;
	}
	for (size_t i = 0; i < found.gl_pathc && !err; i++)
		err = case_read(found.gl_pathv[i], list);
	globfree(&found);
	return err;
}

static bool is_wanted(const struct options *options, const struct packet_case *packet_case)
{
	if (options->only && !strstr(packet_case->name, options->only))
		return false;
	return packet_case->sizing == RF_SIZING_AUTO || packet_case->sizing == options->sizing;
}

/* Those that are left to a run at another sizing. */
static size_t count_other(const struct options *options, const struct case_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->items[i].sizing != RF_SIZING_AUTO && list->items[i].sizing != options->sizing;
	return n;
}

/* Room for all policies, so that each object is loaded once. */
static int measure(const struct options *options, const struct case_list *list, struct ruleset_sizes *ret_sizes)
{
	for (size_t i = 0; i < list->n; i++) {
		struct setting setting = {0};
		int err = is_wanted(options, &list->items[i]) ? setting_make(&list->items[i], &setting) : 0;

		if (!err)
			setting_room(&setting, ret_sizes);
		setting_free(&setting);
		if (err)
			return err;
	}
	return 0;
}

static void open_worlds(const struct options *options, const struct world_room *room, struct stage *stage)
{
	for (int i = 0; i < WORLD_COUNT; i++) {
		struct world *sibling = i == WORLD_TC ? stage->world[WORLD_XDP] : NULL;
		int err = options->engine[i] ? all_ops[i]->open(room, sibling, stage->why[i], &stage->world[i]) : 0;

		if (!err)
			continue;
		if (!stage->why[i][0])
			snprintf(stage->why[i], sizeof(stage->why[i]), "%s", strerror(-err));
		printf("%s: cannot be opened: %s\n", all_ops[i]->name, stage->why[i]);
	}
}

static void close_worlds(struct stage *stage)
{
	for (int i = WORLD_COUNT; i-- > 0;) { /* guests before their hosts */
		all_ops[i]->close(stage->world[i]);
		free(stage->record[i].results);
	}
}

static uint64_t frames_of(const struct packet_case *packet_case)
{
	uint64_t n = 0;

	for (size_t i = 0; i < packet_case->n_steps; i++)
		if (packet_case->steps[i].kind == STEP_FRAME)
			n += packet_case->steps[i].times;
	return n;
}

static enum run_status run_in(const struct options *options, const struct packet_case *packet_case, struct stage *stage,
			      int kind, const struct setting *setting)
{
	const bool compare = kind != WORLD_NATIVE && stage->world[WORLD_NATIVE];
	const struct run run = {
		.packet_case = packet_case,
		.setting = setting,
		.ops = all_ops[kind],
		.world = stage->world[kind],
		.other_record = compare ? &stage->record[WORLD_NATIVE] : NULL,
		.other_world = compare ? stage->world[WORLD_NATIVE] : NULL,
		.other_ops = all_ops[WORLD_NATIVE],
	};
	const char *why = NULL;
	enum run_status status;

	/* Asked for and not there: a failure, so that a machine that tests nothing does not look like one where all is well. */
	if (!stage->world[kind])
		return RUN_FAILED;
	if (options->frames_max && frames_of(packet_case) > options->frames_max) {
		why = "more frames than this machine was asked to run (--frames-max)";
		status = RUN_SKIPPED;
	} else {
		status = run_case(&run, &stage->record[kind], &why);
	}
	if (status == RUN_SKIPPED)
		printf("SKIP %s: %s: %s\n", packet_case->name, run.ops->name, why);
	else if (options->verbose)
		printf("%s %s: %s\n", status == RUN_PASSED ? "ok" : "FAIL", packet_case->name, run.ops->name);
	return status;
}

static void run_all(const struct options *options, const struct case_list *list, struct stage *stage,
		    struct tally *tally)
{
	for (size_t i = 0; i < list->n; i++) {
		struct setting setting = {0};

		if (!is_wanted(options, &list->items[i]) || setting_make(&list->items[i], &setting))
			continue;
		tally->cases++;
		for (int kind = 0; kind < WORLD_COUNT; kind++)
			if (options->engine[kind])
				tally->count[run_in(options, &list->items[i], stage, kind, &setting)]++;
		setting_free(&setting);
	}
}

static int run_worlds(const struct options *options, const struct case_list *list)
{
	struct world_room room = {.sizing = options->sizing};
	struct stage stage = {0};
	struct tally tally = {0};
	int err = measure(options, list, &room.need);

	if (err)
		return EXIT_FAILURE;
	open_worlds(options, &room, &stage);
	run_all(options, list, &stage, &tally);
	close_worlds(&stage);
	printf("%zu cases at sizing %s, %zu are about another\n", tally.cases, sizing_text(options->sizing),
	       count_other(options, list));
	printf("%zu passed, %zu failed, %zu skipped\n", tally.count[RUN_PASSED], tally.count[RUN_FAILED],
	       tally.count[RUN_SKIPPED]);
	return tally.count[RUN_FAILED] || !tally.count[RUN_PASSED] ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options options = {.engine = {true, true, true}, .sizing = RF_SIZING_HOME};
	struct case_list list = {0};
	int status = EXIT_FAILURE;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (read_options(argc, argv, &options))
		return EXIT_MISUSE;
	if (!read_cases(options.dir, &list))
		status = options.dump	 ? dump_write(&list)
			 : options.seeds ? seeds_write(&list, options.seeds)
					 : run_worlds(&options, &list);
	else
		puts("0 passed, 1 failed, 0 skipped");
	case_list_free(&list);
	return status;
}
