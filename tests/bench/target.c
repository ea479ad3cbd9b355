// SPDX-License-Identifier: GPL-2.0-only
/*
 * target.c - see target.h.
 */
#include "target.h"

#include <stdio.h>

#define MEBIBYTE (1024.0 * 1024)

static const char *const pieces[] = {"piece-parse", "piece-hash", "piece-lpm"};

static void add(struct targets *targets, const struct target *target)
{
	if (targets->n == TARGETS_MAX)
		return; /* as many as there are scenes and targets: see targets_judge */
	targets->items[targets->n] = *target;
	targets->items[targets->n].met = target->value <= target->limit;
	targets->n++;
}

/* A row beside another, or the sum of several. */
static void add_ratio(struct targets *targets, const struct result *row, const struct result *const *others,
		      size_t n_others, struct target target)
{
	double sum = 0, low = 0, high = 0;

	if (!row)
		return;
	for (size_t i = 0; i < n_others; i++) {
		if (!others[i])
			return;
		sum += others[i]->net;
		low += others[i]->low;
		high += others[i]->high;
	}
	if (low <= 0)
		return;
	target.unit = "";
	target.value = row->net / sum;
	target.low = row->low / high;
	target.high = row->high / low;
	add(targets, &target);
}

static void judge_pieces(const struct results *results, const struct scene_size *size, struct targets *targets)
{
	static const struct {
		const char *id, *name;
		double limit;
	} paths[] = {{"allowed", "allowed by rule", 1.25},
		     {"denied", "denied by default", 1.5},
		     {"unknown", "unknown MAC", 0.5}};
	const struct result *sum[3];

	for (size_t i = 0; i < 3; i++)
		sum[i] = results_find(results, pieces[i], size, false);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct target target = {.limit = paths[i].limit};

		snprintf(target.what, sizeof(target.what), "%s / (parse + hash + LPM), %u devices, %u prefixes",
			 paths[i].name, size->devices, size->prefixes);
		add_ratio(targets, results_find(results, paths[i].id, size, false), sum, 3, target);
	}
}

static void judge_filter(const struct results *results, const struct scene_size *size, struct targets *targets)
{
	static const char *const paths[][3] = {{"allowed", "xdp-filter-pass", "passing"},
					       {"denied", "xdp-filter-drop", "dropping"}};

	for (size_t i = 0; i < 2; i++) {
		const struct result *filter = results_find(results, paths[i][1], size, false);
		struct target target = {.limit = 1};

		snprintf(target.what, sizeof(target.what), "%s / xdp-filter %s, %u devices, %u prefixes", paths[i][0],
			 paths[i][2], size->devices, size->prefixes);
		add_ratio(targets, results_find(results, paths[i][0], size, false), &filter, 1, target);
	}
}

/* The same prefixes and as many active devices, of ten and of a hundred thousand. */
static void judge_growth(const struct results *results, const struct scene_size *few, const struct scene_size *many,
			 struct targets *targets)
{
	static const char *const ids[] = {"allowed", "denied"};

	for (size_t i = 0; i < 2; i++) {
		const struct result *small = results_find(results, ids[i], few, false);
		struct target target = {.limit = 1.2};

		snprintf(target.what, sizeof(target.what), "%s, %u devices / %u devices, %d active, %u prefixes",
			 ids[i], many->devices, few->devices, SCENE_ACTIVE, few->prefixes);
		add_ratio(targets, results_find(results, ids[i], many, false), &small, 1, target);
	}
}

static void judge_names(const struct results *results, const struct scene_size *size, struct targets *targets)
{
	static const struct {
		const char *id;
		double limit;
	} limits[] = {{"question-few", 400}, {"question-many", 400}, {"answer-4", 1200}, {"answer-32", 4000}};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct result *row = results_find(results, limits[i].id, size, false);
		struct target target = {.limit = limits[i].limit, .unit = "ns"};

		if (!row)
			continue;
		snprintf(target.what, sizeof(target.what), "%s", row->name);
		target.value = row->net;
		target.low = row->low;
		target.high = row->high;
		add(targets, &target);
	}
}

static void judge_memory(const struct memory_result *memory, struct targets *targets)
{
	struct target target = {.limit = 16, .unit = "MiB"};

	if (!memory->bytes)
		return;
	snprintf(target.what, sizeof(target.what), "memory of all maps, %u devices", memory->devices);
	target.value = target.low = target.high = (double)memory->bytes / MEBIBYTE;
	add(targets, &target);
}

void targets_judge(const struct results *results, const struct scene_size *sizes, size_t n_sizes,
		   const struct memory_result *memory, struct targets *ret_targets)
{
	ret_targets->n = 0;
	for (size_t i = 0; i < n_sizes; i++)
		judge_pieces(results, &sizes[i], ret_targets);
	for (size_t i = 0; i < n_sizes; i++)
		judge_filter(results, &sizes[i], ret_targets);
	for (size_t i = 0; i < n_sizes; i++)
		for (size_t k = 0; k < n_sizes; k++)
			if (sizes[i].devices <= SCENE_ACTIVE && sizes[k].devices > 10000 &&
			    sizes[i].prefixes == sizes[k].prefixes)
				judge_growth(results, &sizes[i], &sizes[k], ret_targets);
	for (size_t i = 0; i < n_sizes; i++)
		if (sizes[i].names)
			judge_names(results, &sizes[i], ret_targets);
	judge_memory(memory, ret_targets);
}
