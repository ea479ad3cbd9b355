/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules.h - the rules of a policy that somebody has: walk them, and ask what one of them says.
 *
 * A profile that no device has, and that unknown devices do not get, opens nothing.
 */
#ifndef DOCTOR_RULES_H
#define DOCTOR_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "../policy/policy.h"

struct rules_place {
	const struct policy_rule *rule;
	const struct policy_rules *rules; /* the list in which it stands, in order */
	size_t at;			  /* its place there */
};

/* Rules of profiles that are used, then those of devices, each list in its order. Ends when the callback gives false. `inbound` is not meant. */
typedef bool (*rules_fn)(const struct rules_place *place, void *context);
void rules_each(const struct policy *policy, rules_fn each, void *context);

/* Profiles that are used, in their order. */
typedef void (*profiles_fn)(const struct policy *policy, const struct policy_profile *profile, void *context);
void profiles_each(const struct policy *policy, profiles_fn each, void *context);

bool rule_has(const struct policy_rule *rule, enum policy_dest_kind kind);
bool rule_has_proto(const struct policy_rule *rule, uint8_t proto); /* by name: not as one of all */
bool rule_has_port(const struct policy_rule *rule, uint16_t port);

#endif
