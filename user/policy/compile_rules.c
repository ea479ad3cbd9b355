// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules and defaults, as clauses with ids.
 *
 * Every rule of the policy becomes one clause, whichever and however many profiles use it. The order of their numbers
 * is the order in which any profile evaluates them: services (compile_services.c), inbound by default, devices'
 * rules, profiles' rules and inbound, defaults.
 */
#define _GNU_SOURCE 1 /* vasprintf */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "compile.h"

int compile_limit(struct compiler *c, struct diag_pos pos, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;
	diags_add(c->diags, DIAG_ERROR, &c->policy->source, pos, "%s", text);
	free(text);
	return -E2BIG;
}

struct diag_pos compile_clause_pos(const struct compiler *c, uint32_t clause)
{
	uint32_t id = c->clauses.lines[c->clauses.items[clause].line_first].id;
	const struct policy_rule *rule = c->ruleset->rules[id].rule;

	return rule ? rule->pos : (struct diag_pos){0};
}

int compile_add_rule(struct compiler *c, struct ruleset_rule rule, uint32_t *ret_id)
{
	struct ruleset *ruleset = c->ruleset;
	struct ruleset_rule *rules;

	rules = array_grow(ruleset->rules, &c->rules_capacity, (size_t)ruleset->n_rules + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	ruleset->rules = rules;
	rules[ruleset->n_rules] = rule;
	*ret_id = ruleset->n_rules++;
	return 0;
}

int compile_add_clause(struct compiler *c, struct address_set dests, uint32_t flags, uint32_t *ret_clause)
{
	struct clauses *clauses = &c->clauses;
	struct clause *items = array_grow(clauses->items, &clauses->capacity, (size_t)clauses->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	clauses->items = items;
	items[clauses->n] = (struct clause){.dests = dests, .flags = flags, .line_first = clauses->n_lines};
	*ret_clause = clauses->n++;
	return 0;
}

int compile_add_line(struct compiler *c, struct ruleset_line line)
{
	struct clauses *clauses = &c->clauses;
	struct ruleset_line *lines =
		array_grow(clauses->lines, &clauses->lines_capacity, (size_t)clauses->n_lines + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	clauses->lines = lines;
	lines[clauses->n_lines++] = line;
	clauses->items[clauses->n - 1].n_lines++;
	return 0;
}

static const struct ruleset_line any_line = {
	.flags = LINE_ANY_PROTO,
	.sport_hi = UINT16_MAX,
	.dport_hi = UINT16_MAX,
};

/* What a match of the rule means. */
static struct ruleset_line rule_line(const struct policy_rule *rule, enum rf_rule_set set, uint32_t id)
{
	struct ruleset_line line = any_line;
	bool allow = rule->action == POLICY_ALLOW;

	if (set == RF_SET_IN)
		line.reason = allow ? RF_REASON_INBOUND : RF_REASON_INBOUND_DENY;
	else
		line.reason = allow ? RF_REASON_RULE : RF_REASON_RULE_DENY;
	if (!allow)
		line.flags |= RF_RULE_DENY;
	if (!rule->log)
		line.flags |= RF_RULE_QUIET;
	line.id = id;
	return line;
}

/* Lines of the rule's protocols times its ports. */
static int add_lines(struct compiler *c, const struct policy_rule *rule, struct ruleset_line line)
{
	size_t n_protos = rule->n_protos ? rule->n_protos : 1;
	size_t n_ports = rule->n_ports ? rule->n_ports : 1;

	if (n_ports > (RF_LIST_RULES_MAX - 1) / n_protos)
		return compile_limit(c, rule->pos, "%zu protocols times %zu ports: at most %d are possible in one rule",
				     n_protos, n_ports, RF_LIST_RULES_MAX - 1);
	for (size_t i = 0; i < n_protos; i++) {
		if (rule->n_protos) {
			line.proto = rule->protos[i];
			line.flags &= (uint8_t)~LINE_ANY_PROTO;
		}
		for (size_t k = 0; k < n_ports; k++) {
			int r;

			if (rule->n_ports) {
				line.dport_lo = rule->ports[k].lo;
				line.dport_hi = rule->ports[k].hi;
			}
			r = compile_add_line(c, line);
			if (r)
				return r;
		}
	}
	return 0;
}

/* Add what one destination means in addresses to the set being built; what it means besides, to *flags. */
static int add_dest(struct compiler *c, const struct policy_dest *dest, uint32_t *flags)
{
	switch (dest->kind) {
	case POLICY_DEST_ANY:
	case POLICY_DEST_LOCAL:
	case POLICY_DEST_INTERNET:
	case POLICY_DEST_GATEWAY:
	case POLICY_DEST_RESOLVERS:
	case POLICY_DEST_MULTICAST:
	case POLICY_DEST_BROADCAST:
		return addresses_add_set(&c->addresses, &c->words[dest->kind], FAMILIES_ALL);
	case POLICY_DEST_PREFIX:
		return addresses_add_prefix(&c->addresses, &dest->prefix);
	case POLICY_DEST_DEVICE:
	case POLICY_DEST_GROUP:
		*flags |= CLAUSE_PEERS;
		return 0;
	case POLICY_DEST_NAME:
	case POLICY_DEST_WILDCARD:
		*flags |= CLAUSE_NAMES;
		return 0;
	case POLICY_DEST_LIST:
		/* The reader refuses lists as long as they are not in force; a deny that is left out would open the fence. */
		return compile_limit(c, dest->pos, "list:%s: lists are not in force in this version", dest->name);
	}
	return -EINVAL;
}

static int rule_dests(struct compiler *c, const struct policy_rule *rule, struct address_set *ret_set,
		      uint32_t *ret_flags)
{
	struct address_set set;
	uint32_t flags = 0;

	if (rule->n_dests == 1 && rule->dests[0].kind <= POLICY_DEST_BROADCAST) {
		*ret_set = c->words[rule->dests[0].kind];
		*ret_flags = 0;
		return 0;
	}
	addresses_begin(&c->addresses, &set);
	for (size_t i = 0; i < rule->n_dests; i++) {
		int r = add_dest(c, &rule->dests[i], &flags);

		if (r)
			return r;
	}
	addresses_end(&c->addresses, &set);
	*ret_set = set;
	*ret_flags = flags;
	return 0;
}

static int add_rule(struct compiler *c, const struct policy_rule *rule, enum rf_rule_set set)
{
	struct address_set dests;
	uint32_t flags, clause, id;
	int r;

	r = rule_dests(c, rule, &dests, &flags);
	if (r)
		return r;
	r = compile_add_rule(
		c, (struct ruleset_rule){.kind = RULESET_RULE_POLICY, .line = rule->pos.line, .rule = rule}, &id);
	if (r)
		return r;
	r = compile_add_clause(c, dests, flags, &clause);
	if (r)
		return r;
	return add_lines(c, rule, rule_line(rule, set, id));
}

static int add_rules(struct compiler *c, const struct policy_rules *rules, enum rf_rule_set set, uint32_t *ret_first)
{
	*ret_first = c->clauses.n;
	for (size_t i = 0; i < rules->n_items; i++) {
		int r = add_rule(c, &rules->items[i], set);

		if (r)
			return r;
	}
	return 0;
}

/* A clause of one line that matches everything. */
static int add_simple(struct compiler *c, struct ruleset_rule rule, struct address_set dests, struct ruleset_line line,
		      uint32_t *ret_clause)
{
	int r = compile_add_rule(c, rule, &line.id);

	if (!r)
		r = compile_add_clause(c, dests, 0, ret_clause);
	if (!r)
		r = compile_add_line(c, line);
	return r;
}

int compile_rules(struct compiler *c)
{
	const struct policy *policy = c->policy;
	struct ruleset_line line = any_line;
	int r;

	line.reason = RF_REASON_INBOUND;
	r = add_simple(
		c, (struct ruleset_rule){.kind = RULESET_RULE_INBOUND, .text = "inbound by default: {allow: local}"},
		c->words[POLICY_DEST_LOCAL], line, &c->inbound_default);
	for (size_t i = 0; i < policy->n_devices && !r; i++)
		r = add_rules(c, &policy->devices[i].rules, RF_SET_OUT, &c->device_rules[i]);
	for (size_t i = 0; i < policy->n_profiles && !r; i++) {
		r = add_rules(c, &policy->profiles[i].rules, RF_SET_OUT, &c->profile_rules[i]);
		if (!r)
			r = add_rules(c, &policy->profiles[i].inbound, RF_SET_IN, &c->profile_inbound[i]);
	}
	return r;
}

static const struct {
	enum rf_reason reason;
	const char *text;
} default_meanings[DEFAULT_COUNT] = {
	[DEFAULT_ALLOW] = {RF_REASON_DEFAULT_ALLOW, "default: allow"},
	[DEFAULT_DENY] = {RF_REASON_DEFAULT_DENY, "default: deny"},
	[DEFAULT_INBOUND] = {RF_REASON_INBOUND_DENY, "inbound: nothing else"},
	[DEFAULT_QUARANTINE] = {RF_REASON_QUARANTINED, "mode: quarantine"},
	[DEFAULT_UNKNOWN] = {RF_REASON_UNKNOWN_DEVICE, "unknown: not named in the policy"},
};

int compile_defaults(struct compiler *c)
{
	const struct address_set none = {0};

	for (int kind = 0; kind < DEFAULT_COUNT; kind++) {
		struct ruleset_line line = any_line;
		int r;

		line.flags |= RF_RULE_DEFAULT | LINE_LAST | (kind == DEFAULT_ALLOW ? 0 : RF_RULE_DENY);
		line.reason = (uint8_t)default_meanings[kind].reason;
		r = add_simple(c,
			       (struct ruleset_rule){.kind = RULESET_RULE_DEFAULT, .text = default_meanings[kind].text},
			       none, line, &c->defaults[kind]);
		if (r)
			return r;
	}
	return 0;
}
