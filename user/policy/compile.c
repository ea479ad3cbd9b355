// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rule compiler: struct policy -> struct ruleset.
 *
 * Called with a policy that is complete and without contradictions (policy.h). What is too big for the datapath is
 * refused here; nothing is left out. Profiles come first RF_PROFILE_QUARANTINE and RF_PROFILE_UNKNOWN, then the
 * policy's in their order, then one more for each device that has rules of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/hash.h"
#include "compile.h"

_Static_assert((int)POLICY_MODE_ENFORCE == (int)RF_MODE_ENFORCE && (int)POLICY_MODE_MONITOR == (int)RF_MODE_MONITOR &&
		       (int)POLICY_MODE_QUARANTINE == (int)RF_MODE_QUARANTINE &&
		       (int)POLICY_MODE_OFF == (int)RF_MODE_OFF,
	       "a device's mode is copied as a number");

/* What one set of one profile is made of, in the order of evaluation. */
struct set_rules {
	enum rf_rule_set set;
	uint32_t services;		      /* bits 1 << enum policy_service */
	const struct policy_profile *profile; /* whose names count; NULL: none */
	struct clause_run own;
	struct clause_run rules;
	enum default_kind end;
};

static int push_run(struct compiler *c, struct clause_run run)
{
	int r = 0;

	for (uint32_t i = 0; i < run.n && !r; i++)
		r = sequence_push(&c->sequence, run.first + i);
	return r;
}

/* The rules of a set, in c->sequence. */
static int sequence_make(struct compiler *c, const struct set_rules *rules)
{
	int r = 0;

	c->sequence.n = 0;
	for (int service = 0; service < POLICY_SERVICE_COUNT && !r; service++)
		if (rules->services & 1U << service)
			r = push_run(c, c->services[rules->set][service]);
	if (!r)
		r = push_run(c, rules->own);
	if (!r)
		r = push_run(c, rules->rules);
	return r ? r : sequence_push(&c->sequence, c->defaults[rules->end]);
}

/* Ports of one line that are worth a bit each. */
#define FILTER_PORTS_MAX 32

static uint64_t line_ports(const struct ruleset_line *line)
{
	const bool has_ports = line->proto == POLICY_PROTO_TCP || line->proto == POLICY_PROTO_UDP ||
			       line->proto == POLICY_PROTO_SCTP || line->proto == POLICY_PROTO_ICMP ||
			       line->proto == POLICY_PROTO_ICMPV6;
	uint64_t bits = 0;

	if (line->flags & LINE_ANY_PROTO || (has_ports && line->dport_hi - line->dport_lo >= FILTER_PORTS_MAX))
		return UINT64_MAX;
	if (!has_ports)
		return rf_port_bit(line->proto, 0);
	for (uint32_t port = line->dport_lo; port <= line->dport_hi; port++)
		bits |= rf_port_bit(line->proto, (uint16_t)port);
	return bits;
}

/* By protocol and port alone: which packets can meet a rule of c->sequence, and what all others meet. */
static void filter_ports(const struct compiler *c, struct rf_profile *out)
{
	for (uint32_t i = 0; i < c->sequence.n; i++) {
		const struct clause *clause = &c->clauses.items[c->sequence.items[i]];

		for (uint32_t k = 0; k < clause->n_lines; k++) {
			const struct ruleset_line *line = &c->clauses.lines[clause->line_first + k];

			if (line->flags & RF_RULE_DEFAULT) {
				out->default_reason = line->reason;
				out->default_flags = line->flags & RF_RULE_FLAGS_MASK;
			} else {
				out->ports |= line_ports(line);
			}
		}
	}
}

/* What of c->sequence is not in its trees: peers, names, and which ports any of it names. */
static int add_peers_and_names(struct compiler *c, uint32_t profile, const struct set_rules *rules)
{
	int r = peers_add(c, &c->sequence, profile, rules->set);

	if (rules->set == RF_SET_OUT)
		filter_ports(c, &c->ruleset->profiles[profile]);
	if (!r && rules->profile && rules->set == RF_SET_OUT)
		r = names_add(c, &c->sequence, profile, rules->profile);
	for (uint32_t i = 0; i < c->sequence.n; i++)
		if (c->clauses.items[c->sequence.items[i]].flags & CLAUSE_NAMES)
			c->ruleset->profiles[profile].flags |= RF_PROFILE_NAMES;
	return r;
}

static int compile_set(struct compiler *c, uint32_t profile, const struct set_rules *rules)
{
	struct rf_profile *out = &c->ruleset->profiles[profile];
	int r = sequence_make(c, rules);

	if (!r)
		r = sweep_tree(c, &c->sequence, FAMILY_4, &out->root4[rules->set]);
	if (!r)
		r = sweep_tree(c, &c->sequence, FAMILY_6, &out->root6[rules->set]);
	return r ? r : add_peers_and_names(c, profile, rules);
}

/* RF_PROFILE_QUARANTINE and RF_PROFILE_UNKNOWN: an address, and nothing else. */
static int compile_lobby(struct compiler *c, uint32_t profile, enum default_kind end)
{
	struct set_rules rules = {.services = 1U << POLICY_SERVICE_DHCP, .end = end};
	int r;

	rules.set = RF_SET_OUT;
	rules.own = c->discovery;
	r = compile_set(c, profile, &rules);
	rules.own = (struct clause_run){0};
	rules.set = RF_SET_IN;
	return r ? r : compile_set(c, profile, &rules);
}

static int profile_fixed(struct compiler *c, const struct policy_profile *profile, struct rf_profile *out)
{
	if (profile->n_ethertypes > RF_ETHERTYPES_MAX)
		return compile_limit(c, profile->pos, "profile %s lists %zu ethertypes, at most %d are possible",
				     profile->name, profile->n_ethertypes, RF_ETHERTYPES_MAX);
	out->n_ethertypes = (uint16_t)profile->n_ethertypes;
	for (size_t i = 0; i < profile->n_ethertypes; i++)
		out->ethertypes[i] = profile->ethertypes[i];
	if (profile->llc)
		out->flags |= RF_PROFILE_LLC;
	if (profile->dns_listed)
		out->flags |= RF_PROFILE_DNS_LISTED;
	if (profile->n_deny_names)
		out->flags |= RF_PROFILE_DENY_NAMES;
	return 0;
}

static struct set_rules rules_out(const struct compiler *c, uint32_t number)
{
	const struct policy_profile *from = &c->policy->profiles[number];

	return (struct set_rules){
		.set = RF_SET_OUT,
		.services = from->services,
		.profile = from,
		.rules = {c->profile_rules[number], (uint32_t)from->rules.n_items},
		.end = from->default_action == POLICY_ALLOW ? DEFAULT_ALLOW : DEFAULT_DENY,
	};
}

static struct set_rules rules_in(const struct compiler *c, uint32_t number)
{
	const struct policy_profile *from = &c->policy->profiles[number];
	struct set_rules rules = {
		.set = RF_SET_IN,
		.services = from->services,
		.rules = {c->profile_inbound[number], (uint32_t)from->inbound.n_items},
		.end = DEFAULT_INBOUND,
	};

	if (!from->has_inbound)
		rules.rules = (struct clause_run){c->inbound_default, 1};
	return rules;
}

/* A profile of the policy. */
static int compile_profile(struct compiler *c, uint32_t number, uint32_t profile)
{
	struct set_rules out = rules_out(c, number), in = rules_in(c, number);
	int r;

	r = profile_fixed(c, &c->policy->profiles[number], &c->ruleset->profiles[profile]);

	if (!r)
		r = compile_set(c, profile, &out);
	return r ? r : compile_set(c, profile, &in);
}

/* The same with one device's rules before its own: what they do not change is the profile's. */
static int compile_own_profile(struct compiler *c, uint32_t number, struct clause_run rules, uint32_t profile)
{
	struct rf_profile *out = &c->ruleset->profiles[profile];
	struct set_rules set_out = rules_out(c, number), set_in = rules_in(c, number);
	struct own_rules own = {.rules = rules, .profile = number};
	int r;

	*out = c->ruleset->profiles[RF_PROFILE_FIRST + number];
	own.base_root[FAMILY_4] = out->root4[RF_SET_OUT];
	own.base_root[FAMILY_6] = out->root6[RF_SET_OUT];
	set_out.own = rules;
	r = sequence_make(c, &set_out);
	if (!r)
		r = own_tree(c, &own, FAMILY_4, &out->root4[RF_SET_OUT]);
	if (!r)
		r = own_tree(c, &own, FAMILY_6, &out->root6[RF_SET_OUT]);
	if (!r)
		r = add_peers_and_names(c, profile, &set_out);
	if (r || !(out->flags & RF_PROFILE_PEERS_IN))
		return r;
	r = sequence_make(c, &set_in);
	return r ? r : add_peers_and_names(c, profile, &set_in);
}

static int compile_profiles(struct compiler *c)
{
	const struct policy *policy = c->policy;
	struct ruleset *ruleset = c->ruleset;
	uint32_t next = RF_PROFILE_FIRST;
	int r;

	r = compile_lobby(c, RF_PROFILE_QUARANTINE, DEFAULT_QUARANTINE);
	if (!r)
		r = compile_lobby(c, RF_PROFILE_UNKNOWN, DEFAULT_UNKNOWN);
	for (uint32_t i = 0; i < policy->n_profiles && !r; i++)
		r = compile_profile(c, i, next++);
	for (uint32_t i = 0; i < ruleset->n_devices && !r; i++) {
		const struct policy_device *device = &policy->devices[i];
		struct ruleset_device *out = &ruleset->devices[i];

		out->own_profile = RF_PROFILE_FIRST + device->profile;
		if (device->rules.n_items) {
			struct clause_run own = {c->device_rules[i], (uint32_t)device->rules.n_items};

			out->own_profile = next;
			r = compile_own_profile(c, device->profile, own, next++);
		}
		out->profile = device->mode == POLICY_MODE_QUARANTINE ? RF_PROFILE_QUARANTINE : out->own_profile;
	}
	return r;
}

static void compile_unknown(struct compiler *c)
{
	struct rf_bank *bank = &c->ruleset->bank;

	bank->unknown_profile = RF_PROFILE_UNKNOWN;
	switch (c->policy->unknown) {
	case POLICY_UNKNOWN_QUARANTINE:
		bank->unknown_mode = RF_MODE_QUARANTINE;
		break;
	case POLICY_UNKNOWN_MONITOR:
		bank->unknown_mode = RF_MODE_MONITOR;
		break;
	case POLICY_UNKNOWN_PROFILE:
		bank->unknown_mode = RF_MODE_ENFORCE;
		bank->unknown_profile = RF_PROFILE_FIRST + c->policy->unknown_profile;
		break;
	}
}

/* Arrays whose sizes the policy gives. */
static int allocate(struct compiler *c)
{
	const struct policy *policy = c->policy;
	struct ruleset *ruleset = c->ruleset;
	size_t n_profiles = RF_PROFILE_FIRST + policy->n_profiles;

	for (size_t i = 0; i < policy->n_devices; i++)
		c->own.n_devices += policy->devices[i].rules.n_items != 0;
	n_profiles += c->own.n_devices;
	if (policy->n_devices > RULESET_DEVICES_MAX - RF_UNKNOWN_DEVICES)
		return compile_limit(c, (struct diag_pos){0}, "%zu devices, at most %u are possible", policy->n_devices,
				     RULESET_DEVICES_MAX - RF_UNKNOWN_DEVICES);
	if (n_profiles > RULESET_PROFILES_MAX)
		return compile_limit(c, (struct diag_pos){0},
				     "%zu profiles and devices with own rules, at most %u are possible", n_profiles,
				     RULESET_PROFILES_MAX);
	ruleset->n_devices = (uint32_t)policy->n_devices;
	ruleset->n_profiles = (uint32_t)n_profiles;
	ruleset->devices = calloc(policy->n_devices + 1, sizeof(*ruleset->devices));
	ruleset->profiles = calloc(n_profiles, sizeof(*ruleset->profiles));
	c->device_rules = calloc(policy->n_devices + 1, sizeof(*c->device_rules));
	c->profile_rules = calloc(policy->n_profiles + 1, sizeof(*c->profile_rules));
	c->profile_inbound = calloc(policy->n_profiles + 1, sizeof(*c->profile_inbound));
	if (!ruleset->devices || !ruleset->profiles || !c->device_rules || !c->profile_rules || !c->profile_inbound)
		return -ENOMEM;
	return 0;
}

/* Everything, in the order in which it needs each other. */
static int compile(struct compiler *c)
{
	static int (*const steps[])(struct compiler * c) = {
		allocate,	 compile_keywords, compile_services, compile_rules, compile_defaults,
		compile_indices, compile_profiles, peers_table,	     names_table,   compile_devices,
	};
	struct rf_bank *bank = &c->ruleset->bank;

	bank->seed = c->input->seed;
	bank->generation = c->input->generation;
	memcpy(bank->policy_hash, c->input->policy_hash, sizeof(bank->policy_hash));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r = steps[i](c);

		if (r)
			return r;
	}
	compile_unknown(c);
	return 0;
}

/* Hand over what grew in the compiler's own structs. */
static void take_arrays(struct compiler *c)
{
	struct ruleset *ruleset = c->ruleset;

	ruleset->n_nodes = c->sweep.trees.n_nodes;
	ruleset->nodes = TAKE_PTR(c->sweep.trees.nodes);
	ruleset->n_values = c->sweep.trees.n_values;
	ruleset->values = TAKE_PTR(c->sweep.trees.values);
	ruleset->n_chunks = c->lists.n_chunks;
	ruleset->chunks = TAKE_PTR(c->lists.chunks);
}

static void compiler_free(struct compiler *c)
{
	ruleset_free(c->ruleset);
	addresses_free(&c->addresses);
	free(c->clauses.items);
	free(c->clauses.lines);
	free(c->device_rules);
	free(c->profile_rules);
	free(c->profile_inbound);
	free(c->sequence.items);
	lists_free(&c->lists);
	sweep_free(&c->sweep);
	own_free(c);
	peers_free(&c->peers);
	names_free(&c->names);
}

int ruleset_compile(const struct policy *policy, const struct ruleset_input *input, struct diags *diags,
		    struct ruleset **ret_ruleset)
{
	struct compiler c = {.policy = policy, .input = input, .diags = diags};
	int r = -ENOMEM;

	c.ruleset = calloc(1, sizeof(*c.ruleset));
	if (c.ruleset) {
		c.ruleset->policy = policy;
		r = compile(&c);
	}
	if (r == 0) {
		take_arrays(&c);
		*ret_ruleset = TAKE_PTR(c.ruleset);
	} else if (r != -E2BIG) {
		const struct diag_source src = {.file = policy->file};

		diags_add(diags, DIAG_ERROR, &src, (struct diag_pos){0}, "cannot compile the policy: %s", strerror(-r));
	}
	compiler_free(&c);
	return r;
}

void ruleset_drop_tables(struct ruleset *ruleset)
{
	void *const tables[] = {ruleset->buckets, ruleset->profiles, ruleset->nodes,  ruleset->values, ruleset->chunks,
				ruleset->peers,	  ruleset->names,    ruleset->idents, ruleset->infos};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		free(tables[i]);
	ruleset->buckets = NULL;
	ruleset->profiles = NULL;
	ruleset->nodes = NULL;
	ruleset->values = NULL;
	ruleset->chunks = NULL;
	ruleset->peers = NULL;
	ruleset->names = NULL;
	ruleset->idents = NULL;
	ruleset->infos = NULL;
}

void ruleset_free(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	ruleset_drop_tables(ruleset);
	free(ruleset->rules);
	free(ruleset->devices);
	free(ruleset);
}
