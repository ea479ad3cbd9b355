/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decider.h - which line of the policy file stands behind a verdict, and what it says: also where it is no rule.
 */
#ifndef CLI_DECIDER_H
#define CLI_DECIDER_H

#include <stdint.h>

#include "judge.h"
#include "policy_file.h"

struct decider {
	uint32_t line; /* 0: nothing in the file says so: it is what the language says by itself */
	char *text;    /* allocated; NULL: a matter of the link or of the packet, see the reason */
};

/* rule: the rule that decided, NULL if none did. 0 or -ENOMEM. */
int decider_find(const struct policy_file *file, const struct judge_verdict *verdict, const struct policy_rule *rule,
		 struct decider *ret_decider);

#endif
