/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * measure.h - rows of the table: a program, the empty one that it is measured against, and what came out.
 *
 * The time is the kernel's own (`duration` of test-run), each round runs the empty program and then the other, and the result is the median of
 * the differences: clocks that change between rounds take both along.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "scene.h"
#include "turn.h"

#define ROUNDS_MAX 99
#define FRAME_MAX 2048
#define ROW_ID_MAX 32
#define ROW_NAME_MAX 64

/* What a row came to, ns a frame. */
struct result {
	char id[ROW_ID_MAX]; /* for programs: "allowed", "piece-hash" ... */
	char name[ROW_NAME_MAX];
	uint32_t devices, prefixes, rules;
	bool cold;
	double net;	  /* median of the differences */
	double low, high; /* quartiles of them */
	double empty;	  /* median of the empty program's */
};

struct results {
	struct result *items;
	size_t n, room;
};

struct row {
	struct result result;
	struct bpf_object *turn, *empty_turn; /* NULL: run without turns */
	int fd, empty_fd;
	uint8_t frame[FRAME_MAX];
	size_t len;
	uint32_t retval;				/* of every run: else it is not what the row says */
	bool left_out;					/* not measured; others may need it to prepare */
	int (*prepare)(struct row *row, void *context); /* before each round; NULL */
	void *context;
	double net[ROUNDS_MAX], empty[ROUNDS_MAX];
};

struct rows {
	struct row **items;
	size_t n, room;
};

struct measure_options {
	uint32_t rounds;
	uint32_t repeat;
};

/* One test-run. Gives ns a frame; negative errno. */
int measure_run(int fd, const uint8_t *frame, size_t len, uint32_t repeat, uint32_t *ret_retval);

/* A row at the end, zeroed but for the name; NULL: no memory. */
struct row *rows_add(struct rows *rows, const char *id, const char *name, const struct scene_size *size);

/* Leave out what is not in the list of ids, "allowed,denied". */
void rows_keep(struct rows *rows, const char *ids);

/* Measure all rows by turns and append what they came to. 0, or negative errno, said on stderr. */
int rows_measure(struct rows *rows, const struct measure_options *options, struct results *results);
void rows_free(struct rows *rows);

void results_free(struct results *results);

#endif
