/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * case.h - packet cases as data: a file of cases, each a sequence of frames with the verdict that ringfence.yaml(5) gives them.
 *
 *   policy FILE               of the cases that follow; beside the case file
 *   define NAME TEXT          $NAME stands for TEXT from here on
 *   case NAME                 a case begins: an own world, time 0
 *   sizing WORD               after that: the case is about the bounds of this sizing, and runs at no other
 *   at SECONDS | wait SECONDS the clock, to a millisecond
 *   clock SECONDS             before the first frame: the case begins at this reading of the machine's clock; `at` counts from there
 *   generation N              the number of the policy in force; between frames, of the one that the next reload brings
 *   from [PORT] | LAYERS [=> EXPECTATION]     a frame that enters by an inside port; PORT is an interface's name, none: not known
 *   to [PORT] | LAYERS [=> EXPECTATION]       a frame that leaves by one
 *   expect EXPECTATION        of the frame before: VERDICT REASON [would=REASON] [rule=LINE|NOTE|-] [device=NAME|-] [name=NAME|-]
 *   times N [FIRST]           the next frame N times; $n counts from FIRST
 *   tag-meta TCI              the next frame has this VLAN tag in its metadata
 *   snap N                    of the next frame only N bytes were captured
 *   reload FILE               another policy comes into force
 *   count DEVICE|unknown|totals KEY=N...      counters now, see check.c
 *   events N                  so many events have been sent so far
 *
 * LAYERS are those of tests/host/. Lines that begin with # say what the case is about. Every frame must have an expectation.
 */
#ifndef TESTS_PROG_CASE_H
#define TESTS_PROG_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../include/reason.h"
#include "../../include/sizing.h"
#include "../../user/common/arena.h"

enum step_kind {
	STEP_FRAME,
	STEP_RELOAD,
	STEP_COUNT,
	STEP_EVENTS,
};

struct expectation {
	bool given;
	enum rf_verdict verdict;
	enum rf_reason reason;
	enum rf_reason would; /* RF_REASON_NONE: not said */
	const char *rule;     /* line, note, "-" for none; NULL: not said */
	const char *device;   /* name, "-" for none; NULL: not said */
	const char *name;     /* DNS name through which the remote was allowed, "-" for none; NULL: not said */
};

struct step {
	enum step_kind kind;
	unsigned int line;
	uint64_t time_ns;
	const char *text; /* layers; file of the policy; counters */
	/* STEP_FRAME */
	enum rf_direction direction;
	const char *port; /* NULL: not known */
	uint64_t times, first;
	uint64_t snap; /* 0: all of it */
	bool has_tag;
	uint16_t tag;
	struct expectation expect;
	/* STEP_EVENTS: how many; STEP_RELOAD: generation, 0: the next */
	uint64_t number;
};

struct packet_case {
	const char *name;
	const char *file;	  /* of the case */
	const char *policy;	  /* path */
	uint32_t generation;	  /* of that policy; 0: the first */
	enum rf_sizing_id sizing; /* RF_SIZING_AUTO: any */
	unsigned int line;
	struct step *steps;
	size_t n_steps, capacity;
};

struct case_list {
	struct arena *arena;
	struct packet_case *items;
	size_t n, capacity;
};

/* Add the cases of a file. 0; -EINVAL: what is wrong was printed to stderr as FILE:LINE: message; -errno: not readable. */
int case_read(const char *path, struct case_list *list);
void case_list_free(struct case_list *list);

#endif
