// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns_compare.c - generated DNS answers through compare.h. Each hundred is one test; what disagrees is written to a file for `--file`.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/text.h"
#include "compare.h"
#include "generate.h"

#define EXIT_MISUSE 2
#define GROUP 100
#define FAILURES_SHOWN 10

struct options {
	uint64_t count, seed;
	const char *file; /* NULL: generate; else only this message */
	const char *out;
	const char *seeds; /* NULL: compare; else only write them there */
};

static void usage(FILE *out)
{
	fputs("usage: dns_compare [--count N] [--seed N] [--out DIR] [--file MESSAGE] [--seeds DIR]\n"
	      "\n"
	      "  --count   generated answers (20000), each hundred is one test\n"
	      "  --seed    of the first (1)\n"
	      "  --out     where answers are left on which ldns and the datapath do not agree\n"
	      "  --file    compare the answer in this file instead, from its DNS header on\n"
	      "  --seeds   write the generated answers there instead, to begin fuzzing with\n",
	      out);
}

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"count", required_argument, NULL, 'c'},
		{"seed", required_argument, NULL, 's'},
		{"file", required_argument, NULL, 'f'},
		{"out", required_argument, NULL, 'o'},
		{"seeds", required_argument, NULL, 'S'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:s:f:o:S:h", longs, NULL)) >= 0) {
		switch (option) {
		case 'c':
			if (!text_to_u64(optarg, UINT32_MAX, &options->count))
				return -EINVAL;
			break;
		case 's':
			if (!text_to_u64(optarg, UINT32_MAX, &options->seed))
				return -EINVAL;
			break;
		case 'f':
			options->file = optarg;
			break;
		case 'o':
			options->out = optarg;
			break;
		case 'S':
			options->seeds = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return -EINVAL;
		}
	}
	return argv[optind] ? -EINVAL : 0;
}

static void keep(const char *dir, uint64_t seed, const uint8_t *message, size_t len)
{
	AUTO_FREE char *path = NULL;
	AUTO_FCLOSE FILE *out = NULL;

	if (!dir || asprintf(&path, "%s/answer-%llu", dir, (unsigned long long)seed) < 0) {
		path = NULL;
		return;
	}
	out = fopen(path, "we");
	if (!out || fwrite(message, 1, len, out) != len)
		fprintf(stderr, "dns_compare: %s: %s\n", path, strerror(errno));
}

static int write_seeds(const struct options *options)
{
	for (uint64_t seed = options->seed; seed < options->seed + options->count; seed++) {
		struct random random = {seed};
		uint8_t message[COMPARE_MESSAGE_MAX];
		const size_t len = generate_answer(&random, message);

		keep(options->seeds, seed, message, len);
	}
	return EXIT_SUCCESS;
}

static int compare_file(const char *path)
{
	uint8_t message[COMPARE_MESSAGE_MAX + 1];
	struct compare_tally tally = {0};
	char text[COMPARE_TEXT_MAX];
	AUTO_FCLOSE FILE *in = fopen(path, "re");
	size_t len;

	if (!in) {
		fprintf(stderr, "dns_compare: %s: %s\n", path, strerror(errno));
		return EXIT_MISUSE;
	}
	len = fread(message, 1, sizeof(message), in);
	if (!compare_message(message, len, &tally, text)) {
		printf("FAIL %s: %s\n", path, text);
		return EXIT_FAILURE;
	}
	printf("%s: the same, %zu addresses\n", path, tally.addresses);
	return EXIT_SUCCESS;
}

/* true: all of these agree. Each message has a seed of its own, so that it can be made again alone. */
static bool compare_group(const struct options *options, uint64_t first, uint64_t n, struct compare_tally *tally)
{
	static int shown;
	bool same = true;

	for (uint64_t seed = first; seed < first + n; seed++) {
		struct random random = {seed};
		uint8_t message[COMPARE_MESSAGE_MAX];
		char text[COMPARE_TEXT_MAX];
		const size_t len = generate_answer(&random, message);

		if (compare_message(message, len, tally, text))
			continue;
		same = false;
		keep(options->out, seed, message, len);
		if (shown++ < FAILURES_SHOWN)
			printf("FAIL seed %llu: %s\n", (unsigned long long)seed, text);
	}
	return same;
}

/* Answers that only TCP carries. */
static bool compare_all_long(void)
{
	static const size_t numbers[] = {1, 41, 64, 200, 1000, COMPARE_LONG_RECORDS, COMPARE_LONG_RECORDS + 1, 4000};
	char text[COMPARE_TEXT_MAX];
	bool same = true;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (compare_long(numbers[i], text))
			continue;
		same = false;
		printf("FAIL %zu records: %s\n", numbers[i], text);
	}
	return same;
}

static int compare_generated(const struct options *options)
{
	struct compare_tally tally = {0};
	size_t passed = 0, failed = 0;

	for (uint64_t done = 0; done < options->count; done += GROUP) {
		const uint64_t left = options->count - done;

		if (compare_group(options, options->seed + done, left < GROUP ? left : GROUP, &tally))
			passed++;
		else
			failed++;
	}
	if (compare_all_long())
		passed++;
	else
		failed++;
	printf("%zu answers: %zu with a question, %zu gave %zu addresses, %zu were not read to the end, of %zu ldns shows more than was learned, "
	       "%zu lives measured\n",
	       tally.messages, tally.asked, tally.learned, tally.addresses, tally.unread, tally.refused, tally.lives);
	printf("%zu passed, %zu failed, 0 skipped\n", passed, failed);
	/* A generator that makes nothing to learn would compare nothing. */
	return failed || !passed || !tally.addresses || !tally.lives ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options options = {.count = 20000, .seed = 1};
	int status;

	if (read_options(argc, argv, &options)) {
		usage(stderr);
		return EXIT_MISUSE;
	}
	if (options.seeds)
		return write_seeds(&options);
	if (compare_begin())
		return EXIT_FAILURE;
	status = options.file ? compare_file(options.file) : compare_generated(&options);
	compare_end();
	return status;
}
