// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules.c - see rules.h.
 */
#include <stdlib.h>

#include "../common/cleanup.h"
#include "rules.h"

void profiles_each(const struct policy *policy, profiles_fn each, void *context)
{
	AUTO_FREE bool *used = calloc(policy->n_profiles ? policy->n_profiles : 1, sizeof(*used));

	for (size_t i = 0; i < policy->n_devices && used; i++)
		used[policy->devices[i].profile] = true;
	if (used && policy->unknown == POLICY_UNKNOWN_PROFILE)
		used[policy->unknown_profile] = true;
	/* Without memory all of them: rather too much is said than too little. */
	for (size_t i = 0; i < policy->n_profiles; i++)
		if (!used || used[i])
			each(policy, &policy->profiles[i], context);
}

struct walk {
	rules_fn each;
	void *context;
	bool ended;
};

static void walk_rules(const struct policy_rules *rules, struct walk *walk)
{
	for (size_t i = 0; i < rules->n_items && !walk->ended; i++) {
		const struct rules_place place = {&rules->items[i], rules, i};

		walk->ended = !walk->each(&place, walk->context);
	}
}

static void walk_profile(const struct policy *policy, const struct policy_profile *profile, void *context)
{
	(void)policy;
	walk_rules(&profile->rules, context);
}

void rules_each(const struct policy *policy, rules_fn each, void *context)
{
	struct walk walk = {each, context, false};

	profiles_each(policy, walk_profile, &walk);
	for (size_t i = 0; i < policy->n_devices; i++)
		walk_rules(&policy->devices[i].rules, &walk);
}

bool rule_has(const struct policy_rule *rule, enum policy_dest_kind kind)
{
	for (size_t i = 0; i < rule->n_dests; i++)
		if (rule->dests[i].kind == kind)
			return true;
	return false;
}

bool rule_has_proto(const struct policy_rule *rule, uint8_t proto)
{
	for (size_t i = 0; i < rule->n_protos; i++)
		if (rule->protos[i] == proto)
			return true;
	return false;
}

bool rule_has_port(const struct policy_rule *rule, uint16_t port)
{
	for (size_t i = 0; i < rule->n_ports; i++)
		if (rule->ports[i].lo <= port && port <= rule->ports[i].hi)
			return true;
	return false;
}
