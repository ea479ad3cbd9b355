// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure.c - see measure.h.
 */
#include "measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "sender.h"

int measure_run(int fd, const uint8_t *frame, size_t len, uint32_t repeat, uint32_t *ret_retval)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (__u32)len, .repeat = (int)repeat);

	if (bpf_prog_test_run_opts(fd, &opts) < 0)
		return -errno;
	*ret_retval = opts.retval;
	return (int)opts.duration;
}

struct row *rows_add(struct rows *rows, const char *id, const char *name, const struct scene_size *size)
{
	struct row *row;

	if (rows->n == rows->room) {
		const size_t room = rows->room ? rows->room * 2 : 32;
		struct row **grown = realloc(rows->items, room * sizeof(struct row *));

		if (!grown)
			return NULL;
		rows->items = grown;
		rows->room = room;
	}
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	snprintf(row->result.id, sizeof(row->result.id), "%s", id);
	snprintf(row->result.name, sizeof(row->result.name), "%s", name);
	row->result.devices = size->devices;
	row->result.prefixes = size->prefixes;
	row->result.rules = size->rules;
	row->fd = row->empty_fd = -1;
	rows->items[rows->n++] = row;
	return row;
}

void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		bpf_object__close(rows->items[i]->turn);
		bpf_object__close(rows->items[i]->empty_turn);
		free(rows->items[i]);
	}
	free(rows->items);
	*rows = (struct rows){0};
}

static int by_value(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double quantile(const double *values, uint32_t n, double part)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), by_value);
	return sorted[(uint32_t)(part * (n - 1) + 0.5)];
}

static int append(struct results *results, const struct result *result)
{
	if (results->n == results->room) {
		const size_t room = results->room ? results->room * 2 : 64;
		struct result *grown = realloc(results->items, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		results->items = grown;
		results->room = room;
	}
	results->items[results->n++] = *result;
	return 0;
}

static int fail(const struct row *row, int err, const char *what)
{
	fprintf(stderr, "bench: %s (%u devices, %u prefixes): %s: %s\n", row->result.name, row->result.devices,
		row->result.prefixes, what, strerror(-err));
	return err;
}

static int measure_round(struct row *row, const struct measure_options *options, uint32_t round)
{
	uint32_t retval = 0, repeat = options->repeat;
	int empty, full, err = row->prepare ? row->prepare(row, row->context) : 0;

	if (err)
		return fail(row, err, "cannot be prepared");
	sender_alone(true);
	empty = measure_run(row->empty_fd, row->frame, row->len, repeat, &retval);
	full = empty < 0 ? 0 : measure_run(row->fd, row->frame, row->len, repeat, &retval);
	sender_alone(false);
	if (empty < 0)
		return fail(row, empty, "the empty program does not run");
	if (full < 0)
		return fail(row, full, "does not run");
	if (retval != row->retval) {
		fprintf(stderr, "bench: %s: the verdict is %d, not %d: this is not what was to be measured\n",
			row->result.name, (int)retval, (int)row->retval);
		return -EPROTO;
	}
	row->empty[round] = empty;
	row->net[round] = full - empty;
	return 0;
}

void rows_keep(struct rows *rows, const char *ids)
{
	for (size_t i = 0; i < rows->n; i++) {
		const char *id = rows->items[i]->result.id, *at = ids;
		const size_t len = strlen(id);

		while (at && (strncmp(at, id, len) != 0 || (at[len] && at[len] != ','))) {
			at = strchr(at, ',');
			at = at ? at + 1 : NULL;
		}
		rows->items[i]->left_out = !at;
	}
}

int rows_measure(struct rows *rows, const struct measure_options *options, struct results *results)
{
	int err = 0;

	for (uint32_t round = 0; round < options->rounds && !err; round++)
		for (size_t i = 0; i < rows->n && !err; i++)
			if (!rows->items[i]->left_out)
				err = measure_round(rows->items[i], options, round);
	for (size_t i = 0; i < rows->n && !err; i++) {
		struct row *row = rows->items[i];

		if (row->left_out)
			continue;
		row->result.net = quantile(row->net, options->rounds, 0.5);
		row->result.low = quantile(row->net, options->rounds, 0.25);
		row->result.high = quantile(row->net, options->rounds, 0.75);
		row->result.empty = quantile(row->empty, options->rounds, 0.5);
		err = append(results, &row->result);
	}
	return err;
}

void results_free(struct results *results)
{
	free(results->items);
	*results = (struct results){0};
}
