// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a rule id of the datapath means to people: its place in the policy file and its text.
 *
 * Used by explain, replay, events and ruleset_print().
 */
#define _GNU_SOURCE 1 /* asprintf, open_memstream */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"

int ruleset_rule_where(const struct ruleset *ruleset, uint32_t id, char **ret_where)
{
	char *where = NULL;

	if (id >= ruleset->n_rules)
		return -EINVAL;
	if (ruleset->rules[id].line && asprintf(&where, "%s:%u", ruleset->policy->file, ruleset->rules[id].line) < 0)
		return -ENOMEM;
	*ret_where = where;
	return 0;
}

int ruleset_rule_text(const struct ruleset *ruleset, uint32_t id, char **ret_text)
{
	const struct ruleset_rule *rule;
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out;
	bool failed;

	if (id >= ruleset->n_rules)
		return -EINVAL;
	rule = &ruleset->rules[id];
	if (!rule->rule) {
		text = strdup(rule->text);
		if (!text)
			return -ENOMEM;
		*ret_text = TAKE_PTR(text);
		return 0;
	}
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	policy_print_rule(ruleset->policy, rule->rule, out);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed)
		return -ENOMEM;
	*ret_text = TAKE_PTR(text);
	return 0;
}
