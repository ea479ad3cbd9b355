// SPDX-License-Identifier: GPL-2.0-only
/*
 * name_rule.c - see name_rule.h.
 */
#include "name_rule.h"

#include <string.h>
#include <strings.h>

const char *name_listed_text(enum name_listed listed)
{
	static const char *const texts[] = {
#define X(name, text, sentence) [NAME_LISTED_##name] = text,
		NAME_LISTED_LIST(X)
#undef X
	};

	return texts[listed];
}

const char *name_listed_sentence(enum name_listed listed)
{
	static const char *const sentences[] = {
#define X(name, text, sentence) [NAME_LISTED_##name] = sentence,
		NAME_LISTED_LIST(X)
#undef X
	};

	return sentences[listed];
}

/* The policy's names are lower case without a final dot; what is typed may have both. */
static size_t typed_len(const char *name)
{
	size_t len = strlen(name);

	return len && name[len - 1] == '.' ? len - 1 : len;
}

static bool same_name(const char *typed, const char *name)
{
	return typed_len(typed) == strlen(name) && strncasecmp(typed, name, strlen(name)) == 0;
}

/* Any depth below, not the name itself. */
static bool below_name(const char *typed, const char *name)
{
	size_t len = typed_len(typed), n = strlen(name);

	return len > n + 1 && typed[len - n - 1] == '.' && strncasecmp(typed + len - n, name, n) == 0;
}

static bool lists_name(const struct policy_rule *rule, const char *typed)
{
	for (size_t i = 0; i < rule->n_dests; i++) {
		const struct policy_dest *dest = &rule->dests[i];

		if ((dest->kind == POLICY_DEST_NAME && same_name(typed, dest->name)) ||
		    (dest->kind == POLICY_DEST_WILDCARD && below_name(typed, dest->name)))
			return true;
	}
	return false;
}

static bool serves(const struct policy_rule *rule, const struct question *question)
{
	bool match = !rule->n_protos;

	for (size_t i = 0; i < rule->n_protos; i++)
		match = match || rule->protos[i] == question->proto;
	if (!match || !rule->n_ports)
		return match;
	for (size_t i = 0; i < rule->n_ports; i++)
		if (question->port >= rule->ports[i].lo && question->port <= rule->ports[i].hi)
			return true;
	return false;
}

static bool search(const struct policy_rules *rules, const struct question *question, size_t first,
		   struct name_rule *found)
{
	bool listed = false;

	for (size_t i = 0; i < rules->n_items; i++) {
		if (!lists_name(&rules->items[i], question->name))
			continue;
		listed = true; /* for any port: it may be asked */
		if (!found->rule && serves(&rules->items[i], question))
			*found = (struct name_rule){&rules->items[i], first + i};
	}
	return listed;
}

enum name_listed name_rule_find(const struct policy *policy, const struct question *question, struct name_rule *ret_rule)
{
	const struct policy_device *device = question->device;
	const struct policy_profile *profile = &policy->profiles[device->profile];
	bool listed;

	*ret_rule = (struct name_rule){0};
	for (size_t i = 0; i < profile->n_deny_names; i++) {
		const struct policy_name *deny = &profile->deny_names[i];

		if (deny->wildcard ? below_name(question->name, deny->name) : same_name(question->name, deny->name))
			return NAME_LISTED_DENIED;
	}
	listed = search(&device->rules, question, 0, ret_rule);
	listed = search(&profile->rules, question, device->rules.n_items, ret_rule) || listed;
	if (!listed && profile->dns_listed)
		return NAME_LISTED_REFUSED;
	return ret_rule->rule ? NAME_LISTED_YES : NAME_LISTED_NO;
}

bool name_rule_before(const struct policy *policy, const struct policy_device *device, const struct name_rule *found,
		      const struct policy_rule *other, enum rf_reason reason)
{
	const struct policy_rules *own = &device->rules, *shared = &policy->profiles[device->profile].rules;
	size_t place = SIZE_MAX;

	if (device->mode != POLICY_MODE_ENFORCE && device->mode != POLICY_MODE_MONITOR)
		return false; /* no rule counts in the other modes */
	if (!other)
		return reason == RF_REASON_DEFAULT_DENY || reason == RF_REASON_DEFAULT_ALLOW || reason == RF_REASON_WOULD_DROP;
	if (other >= own->items && other < own->items + own->n_items)
		place = (size_t)(other - own->items);
	else if (other >= shared->items && other < shared->items + shared->n_items)
		place = own->n_items + (size_t)(other - shared->items);
	return found->place < place;
}
