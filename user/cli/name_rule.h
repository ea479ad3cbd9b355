/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * name_rule.h - what a policy says about a DNS name: may it be asked, and which rule allows what it leads to.
 *
 * For explain only: on the wire the datapath decides this by what was learned.
 */
#ifndef CLI_NAME_RULE_H
#define CLI_NAME_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../include/reason.h"
#include "../policy/policy.h"
#include "question.h"

/* X(enum suffix, word for JSON, sentence) */
#define NAME_LISTED_LIST(X)                                                                                            \
	X(YES, "listed", "a rule lists it; what it leads to is allowed once the device has looked it up")              \
	X(NO, "not-listed", "no rule for this port lists it; it may be asked for, which opens nothing")                \
	X(REFUSED, "name-not-listed", "no rule lists it and the profile says `dns: listed': the question is dropped")   \
	X(DENIED, "name-denied", "it is under the profile's `deny-names': the question is dropped")

enum name_listed {
#define X(name, text, sentence) NAME_LISTED_##name,
	NAME_LISTED_LIST(X)
#undef X
};

const char *name_listed_text(enum name_listed listed);
const char *name_listed_sentence(enum name_listed listed);

struct name_rule {
	const struct policy_rule *rule; /* NULL: no rule lists the name for this port */
	size_t place;			/* in the order device's rules, profile's rules */
};

enum name_listed name_rule_find(const struct policy *policy, const struct question *question, struct name_rule *ret_rule);

/* Does it stand before the rule (NULL: a default or a service, which the reason tells) that decided without the name? */
bool name_rule_before(const struct policy *policy, const struct policy_device *device, const struct name_rule *found,
		      const struct policy_rule *other, enum rf_reason reason);

#endif
