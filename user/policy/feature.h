/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which parts of the language this version enforces.
 *
 * The reader understands and checks all of the language, and refuses what is
 * not in force: nothing is accepted and then ignored.  This is the one place
 * to change when a part comes into force.
 */
#ifndef POLICY_FEATURE_H
#define POLICY_FEATURE_H

#include <stdbool.h>

/* X(enum suffix, word for messages, in force) */
#define FEATURES(X)                                                                                                    \
	X(REJECT, "reject", false)                                                                                     \
	X(RATE, "rate", false)                                                                                         \
	X(WHEN, "when", false)                                                                                         \
	X(LIMIT, "limit", false)                                                                                       \
	X(LISTS, "lists", false)                                                                                       \
	X(SCHEDULES, "schedules", false)                                                                               \
	X(ADDRESSES_DHCP, "addresses: dhcp", false)

enum feature {
	FEATURE_NONE, /* part of every version */
#define FEATURE_ENUM(name, word, in_force) FEATURE_##name,
	FEATURES(FEATURE_ENUM)
#undef FEATURE_ENUM
};

bool feature_in_force(enum feature feature);
const char *feature_text(enum feature feature);

#endif
