/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stage.h - the rows of one scene: which programs, which frames, and the proof that each measures what its name says.
 */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include "measure.h"
#include "scene.h"

/* What lives as long as the rows of a scene. Zeroed before. */
#define STAGE_KEYS_MAX 40
#define STAGE_OBJECTS_MAX 8

struct stage {
	struct scene scene;
	struct rows rows;
	struct turn_keys keys[STAGE_KEYS_MAX];
	size_t n_keys;
	struct bpf_object *objects[STAGE_OBJECTS_MAX]; /* pieces, peers, empty programs */
	size_t n_objects;
	int empty_xdp_fd, empty_tc_fd;
	struct bench_key *room; /* of SCENE_COLD_KEYS */
};

int stage_open(const struct scene_size *size, struct stage *stage);
void stage_close(struct stage *stage);

/* Keep an object until the end. */
int stage_keep(struct stage *stage, struct bpf_object *object);

/* A row whose frames vary by the keys. */
struct stage_row {
	const char *id, *name;
	struct scene_keys keys;
	bool tc;
	int fd; /* what is measured */
	uint32_t retval;
	uint8_t reason; /* of the datapath, which must have counted it for every frame; RF_REASON_NONE: not the datapath */
};
int stage_add(struct stage *stage, const struct stage_row *what);

/* The same for a list of the n keys in stage->room. */
int stage_add_keys(struct stage *stage, const struct stage_row *what, size_t n);

/* Does `device` (an index) count `n` frames under `reason` when `run` is run? For rows that offer one frame. */
int stage_prove(struct stage *stage, const struct row *row, uint32_t device, uint8_t reason);

/* stage_packets.c: packets by rules, rows, modes; pieces and peers. stage_names.c: questions and answers. */
int stage_packets(struct stage *stage);
int stage_names(struct stage *stage);

#endif
