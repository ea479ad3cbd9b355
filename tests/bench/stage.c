// SPDX-License-Identifier: GPL-2.0-only
/*
 * stage.c - see stage.h.
 */
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "../../user/datapath/view.h"
#include "frames.h"

#define PROOF_FRAMES 64

int stage_keep(struct stage *stage, struct bpf_object *object)
{
	if (stage->n_objects == STAGE_OBJECTS_MAX) {
		bpf_object__close(object);
		return -E2BIG;
	}
	stage->objects[stage->n_objects++] = object;
	return 0;
}

static int load_empty(struct stage *stage, const char *program, int *ret_fd)
{
	struct bpf_object *object = NULL;
	int err = turn_load(program, NULL, NULL, &object);

	if (!err)
		err = stage_keep(stage, object);
	if (!err)
		*ret_fd = turn_prog_fd(object, program);
	return err;
}

int stage_open(const struct scene_size *size, struct stage *stage)
{
	int err = scene_open(size, &stage->scene);

	stage->room = err ? NULL : calloc(SCENE_COLD_KEYS, sizeof(*stage->room));
	if (!err && !stage->room)
		err = -ENOMEM;
	if (!err)
		err = load_empty(stage, "empty_xdp", &stage->empty_xdp_fd);
	if (!err)
		err = load_empty(stage, "empty_tc", &stage->empty_tc_fd);
	return err;
}

void stage_close(struct stage *stage)
{
	rows_free(&stage->rows);
	for (size_t i = 0; i < stage->n_keys; i++)
		turn_keys_close(&stage->keys[i]);
	for (size_t i = 0; i < stage->n_objects; i++)
		bpf_object__close(stage->objects[i]);
	free(stage->room);
	scene_close(&stage->scene);
	*stage = (struct stage){0};
}

/* ---- proof ---- */

static int count_reason(const struct stage *stage, uint32_t device, uint8_t reason, uint64_t *total)
{
	const struct maps *maps = datapath_maps(stage->scene.datapath);
	struct counters counters;
	AUTO_VIEW struct view *view = NULL;
	struct fault fault = {0};
	int err = view_lend(maps, &fault, &view);

	if (!err)
		err = view_counters(view, device, &counters);
	if (!err)
		*total += counters_reason(&counters, reason);
	return err;
}

int stage_prove(struct stage *stage, const struct row *row, uint32_t device, uint8_t reason)
{
	uint64_t before = 0, after = 0;
	uint32_t retval = 0;
	int err = row->prepare ? row->prepare((struct row *)(uintptr_t)row, row->context) : 0;

	if (!err)
		err = count_reason(stage, device, reason, &before);
	if (!err)
		err = measure_run(row->fd, row->frame, row->len, PROOF_FRAMES, &retval);
	if (err >= 0)
		err = count_reason(stage, device, reason, &after);
	if (!err && (after - before != PROOF_FRAMES || retval != row->retval)) {
		fprintf(stderr, "bench: %s: only %llu of %d frames were of that reason (%u)\n", row->result.name,
			(unsigned long long)(after - before), PROOF_FRAMES, reason);
		err = -EPROTO;
	}
	return err;
}

/* The same for keys: of as many frames as there are keys, at most PROOF_FRAMES, each must be of that reason. */
static int count_keys(const struct stage *stage, const struct stage_row *what, size_t n, uint64_t *total)
{
	int err = 0;

	*total = 0;
	if (what->keys.traffic == SCENE_UNKNOWN)
		return count_reason(stage, 0, what->reason, total);
	for (size_t i = 0; i < n && !err; i++) {
		size_t k = 0;

		while (k < i && stage->room[k].device != stage->room[i].device)
			k++;
		if (k == i)
			err = count_reason(stage, stage->room[i].device, what->reason, total);
	}
	return err;
}

static int prove_keys(struct stage *stage, const struct stage_row *what, const struct row *row, size_t n_keys)
{
	const size_t n = n_keys < PROOF_FRAMES ? n_keys : PROOF_FRAMES;
	uint64_t before = 0, after = 0;
	uint32_t retval = 0;
	int err;

	if (what->reason == RF_REASON_NONE)
		return 0;
	err = count_keys(stage, what, n, &before);
	if (!err)
		err = measure_run(row->fd, row->frame, row->len, (uint32_t)n, &retval);
	if (err >= 0)
		err = count_keys(stage, what, n, &after);
	if (!err && (after - before != n || retval != what->retval)) {
		fprintf(stderr,
			"bench: %s (%u devices, %u prefixes): %llu of %zu frames were of that reason (%u), verdict %d\n",
			what->name, stage->scene.size.devices, stage->scene.size.prefixes,
			(unsigned long long)(after - before), n, what->reason, (int)retval);
		err = -EPROTO;
	}
	return err;
}

/* ---- rows ---- */

int stage_add(struct stage *stage, const struct stage_row *what)
{
	return stage_add_keys(stage, what, scene_keys(&stage->scene, &what->keys, stage->room));
}

int stage_add_keys(struct stage *stage, const struct stage_row *what, size_t n)
{
	struct row *row = rows_add(&stage->rows, what->id, what->name, &stage->scene.size);
	const char *turn = what->tc ? "turn_tc" : "turn_xdp";
	struct turn_into into = {.program = turn, .target_fd = what->fd, .questions_fd = -1};
	struct turn_keys *keys;
	int err;

	if (!row || stage->n_keys == STAGE_KEYS_MAX)
		return -ENOMEM;
	keys = &stage->keys[stage->n_keys];
	err = turn_keys_make(stage->room, n, keys);
	if (err)
		return err;
	stage->n_keys++;
	into.keys = keys;
	err = turn_make(&into, &row->turn);
	into.target_fd = what->tc ? stage->empty_tc_fd : stage->empty_xdp_fd;
	if (!err)
		err = turn_make(&into, &row->empty_turn);
	if (err)
		return err;
	row->fd = turn_prog_fd(row->turn, turn);
	row->empty_fd = turn_prog_fd(row->empty_turn, turn);
	row->result.cold = what->keys.cold;
	row->retval = what->retval;
	row->len = frame_udp(row->frame, &stage->room[0], NULL, 0);
	return prove_keys(stage, what, row, n);
}
