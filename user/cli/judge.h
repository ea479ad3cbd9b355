/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.h - whose a captured frame is, and what an engine says about it.
 *
 * replay gives every frame of a capture to judge_frame(), which finds the device and the direction by the rules of ringfence(8) and asks the
 * engine: the core compiled natively (judge_native.c) or the programs in the kernel (judge_kernel.c). Both get the same frames with
 * the same virtual time, so what differs between them is a bug of one of them.
 */
#ifndef CLI_JUDGE_H
#define CLI_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../common/index.h"
#include "../common/known.h"
#include "capture.h"
#include "policy_file.h"

/* What an engine is to replay. */
struct judge_engine {
	/* 0, or negative errno: the engine broke, not the frame. */
	int (*run)(void *state, enum rf_direction direction, const struct capture_frame *frame,
		   struct rf_result *ret_result);
	/* The DNS name under which it has just allowed a frame, or NULL. */
	const char *(*name)(void *state, const struct rf_result *result, char buf[KNOWN_TEXT_MAX]);
	void (*free)(void *state);
	void *state;
};

/* Exit codes of cli.h; complain by themselves. */
int judge_native_open(const struct policy_file *file, enum rf_sizing_id sizing, struct judge_engine *ret_engine);
int judge_kernel_open(const struct policy_file *file, enum rf_sizing_id sizing, struct judge_engine *ret_engine);

struct judge {
	struct judge_engine engine;
	const struct policy_file *file;
	struct index macs; /* MAC to place in policy->devices */
	bool unknown;	   /* --unknown */
};

/* Takes the engine over. 0 or -ENOMEM. */
int judge_init(struct judge *judge, const struct policy_file *file, struct judge_engine *engine, bool unknown);
void judge_free(struct judge *judge);

#define AUTO_JUDGE __attribute__((cleanup(judge_free)))

struct judge_verdict {
	bool policed; /* false: neither end is a device; then only `pass` and `unpoliced` are set */
	enum rf_direction direction;
	const struct policy_device *device; /* NULL: an unknown device, or not policed */
	uint32_t place;			    /* in policy->devices, POLICY_NONE */
	struct mac mac;			    /* of the device, as in the frame */
	struct rf_result result;
};

/* The frame in one direction, for the device at this place (POLICY_NONE: unknown). 0, or negative errno of the engine. */
int judge_side(struct judge *judge, enum rf_direction direction, uint32_t place, const struct capture_frame *frame,
	       struct judge_verdict *ret_verdict);

/* Whose device a MAC address is: its place in policy->devices, POLICY_NONE. */
uint32_t judge_owner(const struct judge *judge, const uint8_t mac[MAC_BYTES]);

/* The DNS name through which the last frame was allowed, or NULL. */
const char *judge_name(struct judge *judge, const struct judge_verdict *verdict, char buf[KNOWN_TEXT_MAX]);

/* By these rules: from, and if that passed, to. 0, or negative errno of the engine. */
int judge_frame(struct judge *judge, const struct capture_frame *frame, struct judge_verdict *ret_verdict);

#endif
