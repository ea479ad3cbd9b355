/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - is what a world did what the case says? And do two worlds agree?
 */
#ifndef TESTS_PROG_CHECK_H
#define TESTS_PROG_CHECK_H

#include "../../include/abi.h"
#include "../../user/policy/ruleset.h"
#include "case.h"
#include "world.h"

#define CHECK_TEXT_MAX 512

/* true: the verdict is the expected one. Else ret_text says both. name: as world_ops has it. */
bool check_result(const struct rf_result *result, const char *name, const struct expectation *expect,
		  const struct ruleset *ruleset, char ret_text[CHECK_TEXT_MAX]);

/*
 * "DEVICE KEY=N ..." of the line `count`. Keys of a device, or of "unknown": {from,to}-{passed,dropped,would-drop} and each with -bytes;
 * the reasons. Of "totals": unpoliced-to, emitted, lost, packets-lost, quiet, internal, and dns-{questions,answers,unasked,unread,learned,evicted}.
 * -EINVAL: no such key or device.
 */
int check_count(const struct world_ops *ops, struct world *world, const struct ruleset *ruleset, const char *text,
		char ret_text[CHECK_TEXT_MAX]);

/* All that two worlds counted and sent in one case, up to n_indices devices. */
bool check_same(const struct world_ops *ops, struct world *world, const struct world_ops *other_ops,
		struct world *other, uint32_t n_indices, char ret_text[CHECK_TEXT_MAX]);

/* The same frame in two worlds. */
bool check_same_result(const struct rf_result *result, const struct rf_result *other);

#endif
