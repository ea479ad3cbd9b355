/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally_names.h - the DNS names through which replayed frames passed, counted by device.
 *
 * A part of tally.h, which owns it. Bounded as the kinds of drops are.
 */
#ifndef CLI_TALLY_NAMES_H
#define CLI_TALLY_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"
#include "policy_file.h"

struct tally_name {
	uint32_t place; /* in policy->devices */
	uint64_t hash;
	uint32_t rule;
	char *text;
	uint64_t frames;
};

struct tally_names {
	struct tally_name *items;
	size_t n, max;
	uint64_t other; /* frames by names that no longer fitted */
};

/* 0 or -ENOMEM. */
int tally_names_init(struct tally_names *names, size_t max);
void tally_names_free(struct tally_names *names);

/* A frame of the device at this place passed by this rule, through the name with this hash and text. 0 or -ENOMEM. */
int tally_names_add(struct tally_names *names, uint32_t place, const struct rf_result *result, const char *text);

/* 0 or negative errno. Prints nothing where there was none. */
int tally_names_print(const struct tally_names *names, const struct policy_file *file, const struct output *out);

#endif
