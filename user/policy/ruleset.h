/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy in the form that the datapath reads: struct ruleset.
 *
 * struct policy -> ruleset_compile() -> arrays of the values of include/abi.h -> copied into a bank of the kernel maps (user/datapath)
 * or of the native engine (user/engine). Both copy the same arrays with ruleset_place(), so both judge alike. Nothing here knows
 * BPF or the machine; what only the machine knows (the bridge's addresses, indices of devices in earlier generations) comes in struct ruleset_input.
 */
#ifndef POLICY_RULESET_H
#define POLICY_RULESET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../include/abi.h"
#include "../common/diag.h"
#include "policy.h"

/* A MAC with the datapath's index of its device in the generation before this one. */
struct ruleset_index {
	const char *name;
	uint32_t device;
};

struct ruleset_input {
	uint32_t generation;
	uint64_t seed; /* of the hash tables; any number, the same gives the same ruleset */
	/* Used where the policy does not say; else ignored. */
	const struct addr *gateways;
	size_t n_gateways;
	/* Devices keep the index they had; sorted by name. New ones take free indices from RF_UNKNOWN_DEVICES on. */
	const struct ruleset_index *indices;
	size_t n_indices;
	uint8_t policy_hash[32];
};

/* What rule id means to people. Every id of a chunk's rule is an index into ruleset.rules. */
struct ruleset_rule {
	uint32_t line; /* 0: a service or a default, which has no line of its own */
	uint32_t profile_line;
	const struct policy_rule *rule; /* NULL: a service or a default */
	const char *service; /* its word, NULL if it is none */
};

struct ruleset_device {
	uint32_t index;	  /* of the datapath */
	uint32_t profile; /* absolute before ruleset_place: an index into ruleset.profiles */
	const struct policy_device *device;
};

struct ruleset {
	const struct policy *policy; /* borrowed: must outlive the ruleset */

	/* Copied into the maps. Indices inside count from 0 of each array until ruleset_place() adds the bank's first. */
	struct rf_bank bank;
	struct rf_device_bucket *buckets;
	uint32_t n_buckets; /* a power of two */
	struct rf_profile *profiles;
	uint32_t n_profiles;
	struct rf_node *nodes;
	uint32_t n_nodes;
	uint32_t *values;
	uint32_t n_values;
	struct rf_chunk *chunks;
	uint32_t n_chunks;
	struct rf_peer_bucket *peers;
	uint32_t n_peers; /* a power of two */
	struct rf_ident *idents; /* by device index; ifindex is filled in by whoever knows the ports */
	struct rf_device_info *infos; /* likewise */
	uint32_t n_indices;	 /* one more than the highest device index */

	/* For people. */
	struct ruleset_rule *rules; /* by rule id */
	uint32_t n_rules;
	struct ruleset_device *devices; /* in the order of policy->devices */
	uint32_t n_devices;
};

/*
 * Compile. 0; -E2BIG: a limit of include/limits.h or of `ruleset_limits` is exceeded (the diagnostic says which, with its line);
 * -ENOMEM. Any failure has left a diagnostic.
 */
int ruleset_compile(const struct policy *policy, const struct ruleset_input *input, struct diags *diags, struct ruleset **ret_ruleset);
void ruleset_free(struct ruleset *ruleset);

static inline void ruleset_cleanup(struct ruleset **ruleset)
{
	ruleset_free(*ruleset);
}

#define AUTO_RULESET CLEANUP(ruleset_cleanup)

/* Canonical text of the compiled form, for golden tests and `check --compiled`: same policy, same text. */
void ruleset_print(const struct ruleset *ruleset, FILE *out);

/* Where the arrays of one bank start and how many elements fit; `base` pointers are to element 0 of the whole map. */
struct ruleset_place {
	uint32_t bank; /* 0 or 1 */
	struct rf_control *control;
	struct rf_device_bucket *buckets;
	struct rf_profile *profiles;
	struct rf_node *nodes;
	uint32_t *values;
	struct rf_chunk *chunks;
	struct rf_peer_bucket *peers;
	struct rf_ident *idents;
	struct rf_device_info *infos; /* by device index, not by bank */
	struct ruleset_sizes {	      /* elements of one bank, not of the map */
		uint32_t buckets, profiles, nodes, values, chunks, peers, indices;
	} sizes;
};

/* The room that a ruleset needs. */
struct ruleset_sizes ruleset_sizes(const struct ruleset *ruleset);

/*
 * Copy the ruleset into the idle bank, adding the bank's first index to every index. Does not flip. -ENOSPC: does not fit, nothing was
 * written. The caller makes sure that no frame reads that bank (flip, then wait for a grace period).
 */
int ruleset_place(const struct ruleset *ruleset, const struct ruleset_place *place);

#endif
