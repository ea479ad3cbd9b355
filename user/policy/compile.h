/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rule compiler's own state: what its files compile_*.c share.
 *
 *   compile_keywords  what local, internet, gateway ... mean            -> address sets
 *   compile_services, compile_rules   services, rules, defaults         -> clauses and rule ids
 *   compile.c         profiles: which clauses, in which order           -> sequences
 *   compile_sweep     a sequence and a family                           -> intervals, each with a list -> tree
 *   compile_own       the same for a device's own rules    -> intervals and trees that share its profile's
 *   compile_lists     the clauses that are active in an interval        -> a run of chunks
 *   compile_peers     device: and group:                                -> peer table
 *   compile_names     DNS names, wildcards, deny-names                  -> name table
 *   compile_devices   devices                                           -> indices, device table, identities
 *
 * Nothing here is seen outside of user/policy, and nothing of it outlives ruleset_compile().
 */
#ifndef POLICY_COMPILE_H
#define POLICY_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "compile_addresses.h"
#include "compile_lists.h"
#include "compile_own.h"
#include "ruleset.h"
#include "tree.h"

enum clause_flags {
	CLAUSE_PEERS = 1 << 0, /* its rule has device: or group: */
	CLAUSE_NAMES = 1 << 1, /* its rule has a DNS name */
};

/*
 * A clause is what one rule says: lines of a rule list, and for which addresses they are in the list. Rules, defaults
 * and `inbound` by default are one clause each, a service several. Clauses are numbered in the order in which any
 * profile evaluates them, so a set of clauses in ascending order is a rule list, and rule ids ascend with them.
 */
struct clause {
	struct address_set dests; /* a default has none: it ends every list */
	uint32_t line_first;
	uint32_t n_lines;
	uint32_t flags;
};

struct clauses {
	struct clause *items;
	uint32_t n, capacity;
	struct ruleset_line *lines;
	uint32_t n_lines, lines_capacity;
};

/* Which default ends the lists of a set. */
enum default_kind {
	DEFAULT_ALLOW,	    /* OUT */
	DEFAULT_DENY,	    /* OUT */
	DEFAULT_INBOUND,    /* IN: always deny */
	DEFAULT_QUARANTINE, /* OUT and IN of RF_PROFILE_QUARANTINE */
	DEFAULT_UNKNOWN,    /* OUT and IN of RF_PROFILE_UNKNOWN */
	DEFAULT_COUNT
};

struct sweep_event;
struct sweep_interval;
struct tree_slot;

struct sweep {
	struct tree_store trees;
	/* Trees that are there already, by the sequence and family they were made of. */
	struct tree_slot *slots;
	uint32_t n_slots, n_used;
	struct sequence keys; /* the sequences, one after the other */
	/* scratch */
	struct sequence filtered;
	struct sweep_event *events;
	uint32_t n_events, events_capacity;
	struct sweep_interval *intervals;
	uint32_t n_intervals, intervals_capacity;
	struct tree_interval *tree; /* the intervals as the tree wants them */
	uint32_t tree_capacity;
};

struct peer {
	uint64_t key;
	uint32_t chunk;
};

struct peer_pair {
	uint32_t device; /* of the datapath */
	uint32_t clause;
};

struct peers {
	struct peer *items;
	uint32_t n, capacity;
	struct peer_pair *pairs; /* scratch */
	uint32_t n_pairs, pairs_capacity;
};

/* What one rule or deny-names says of a name. */
struct name_pattern {
	const char *name;
	uint32_t clause;
	bool wildcard;
};

struct name_entry {
	uint64_t key;
	uint32_t chunk;
	uint32_t flags; /* enum rf_name_flags */
};

struct names {
	struct name_entry *items;
	uint32_t n, capacity;
	/* scratch, of one profile */
	struct name_pattern *patterns;
	uint32_t n_patterns, patterns_capacity;
	struct sequence closure;
};

struct compiler {
	const struct policy *policy;
	const struct ruleset_input *input;
	struct diags *diags;
	struct ruleset *ruleset;

	struct address_pool addresses;
	struct address_set words[POLICY_DEST_BROADCAST + 1]; /* by enum policy_dest_kind: those that are one word */

	struct clauses clauses;
	struct clause_run services[RF_SET_COUNT][POLICY_SERVICE_COUNT];
	uint32_t inbound_default; /* clause of {allow: local} */
	uint32_t *device_rules;	  /* first clause, by policy device */
	uint32_t *profile_rules;  /* by policy profile */
	uint32_t *profile_inbound;
	uint32_t defaults[DEFAULT_COUNT];
	struct clause_run
		discovery; /* what makes neighbour discovery `link` also beyond link-local addresses: of the lobby */
	uint32_t rules_capacity; /* of ruleset->rules */

	struct sequence sequence; /* scratch */
	struct lists lists;
	struct sweep sweep;
	struct own own;
	struct peers peers;
	struct names names;
};

/* Leave an error at a place of the policy, and return -E2BIG. */
int compile_limit(struct compiler *c, struct diag_pos pos, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Where the rule of a clause stands in the file; line 0: nowhere. */
struct diag_pos compile_clause_pos(const struct compiler *c, uint32_t clause);

int compile_keywords(struct compiler *c);
int compile_services(struct compiler *c);
int compile_rules(struct compiler *c);
int compile_defaults(struct compiler *c);

/* A new rule id for what follows. */
int compile_add_rule(struct compiler *c, struct ruleset_rule rule, uint32_t *ret_id);
/* Add a line to the clause that was added last. */
int compile_add_line(struct compiler *c, struct ruleset_line line);
/* A new clause without lines. */
int compile_add_clause(struct compiler *c, struct address_set dests, uint32_t flags, uint32_t *ret_clause);

/* The tree of a sequence in a family: its root. */
int sweep_tree(struct compiler *c, const struct sequence *sequence, enum family family, uint32_t *ret_root);
void sweep_free(struct sweep *sweep);

/* Peer entries of a sequence, under this profile and set. */
int peers_add(struct compiler *c, const struct sequence *sequence, uint32_t profile, enum rf_rule_set set);
int peers_table(struct compiler *c);
void peers_free(struct peers *peers);

/* The names of a sequence of OUT and of the profile's deny-names. */
int names_add(struct compiler *c, const struct sequence *sequence, uint32_t profile, const struct policy_profile *from);
int names_table(struct compiler *c);
void names_free(struct names *names);

/* Before the profiles: which index each device has. After them: the device table, identities and names. */
int compile_indices(struct compiler *c);
int compile_devices(struct compiler *c);

#endif
