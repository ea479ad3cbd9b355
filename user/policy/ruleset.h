/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy in the form that the datapath reads: struct ruleset.
 *
 * struct policy -> ruleset_compile() -> arrays of the values of include/abi.h -> copied into a bank of the kernel
 * maps (user/datapath) or of the native engine (user/engine). Both copy the same arrays with ruleset_place(), so both
 * judge alike. Nothing here knows BPF or the machine; what only the machine knows (the bridge's addresses, indices of
 * devices in earlier generations) comes in struct ruleset_input.
 */
#ifndef POLICY_RULESET_H
#define POLICY_RULESET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compiled.h"
#include "../common/diag.h"
#include "policy.h"

/* A device's name with the datapath's index that it had in the generation before this one. */
struct ruleset_index {
	const char *name;
	uint32_t device;
};

struct ruleset_input {
	uint32_t generation;
	uint64_t seed;	    /* of the hash tables; any number, the same gives the same ruleset */
	uint64_t name_seed; /* of the names' hashes; the same as long as what devices learned is to be found */
	/* Used where the policy does not say; else ignored. */
	const struct addr *gateways;
	size_t n_gateways;
	/* Devices keep the index they had; sorted by name. New ones take free indices from RF_UNKNOWN_DEVICES on. */
	const struct ruleset_index *indices;
	size_t n_indices;
	uint8_t policy_hash[32];
};

/*
 * Limits of the compiled form beyond those of include/bounds.h: what one bank may cost at most. A policy that exceeds
 * one is refused with -E2BIG; none is near what a network needs, all are far below what the 31-bit indices of the
 * value map can say.
 */
#define RULESET_DEVICES_MAX (1U << 20)	/* device indices; at the smallest sizing 7 GiB of state */
#define RULESET_PROFILES_MAX (1U << 20) /* one for each device at most */
#define RULESET_NODES_MAX (1U << 22)	/* 256 MiB */
#define RULESET_VALUES_MAX (1U << 24)	/* 64 MiB */
#define RULESET_CHUNKS_MAX (1U << 22)	/* 256 MiB */
#define RULESET_NAMES_MAX 65536		/* DNS names of all profiles, 2 MiB */
#define RULESET_PEERS_MAX (1U << 20)	/* (profile, set, device) of device: and group:, 32 MiB */

enum ruleset_rule_kind {
	RULESET_RULE_POLICY,  /* written in the file: `rule` and `line` are set */
	RULESET_RULE_SERVICE, /* `service` is set */
	RULESET_RULE_INBOUND, /* the {allow: local} of a profile without the key `inbound` */
	RULESET_RULE_DEFAULT, /* of a profile, of inbound, of quarantine, of unknown devices */
};

/*
 * What rule id means to people. Every id of a chunk's rule is an index into ruleset.rules. Services and defaults have
 * one id for all profiles, so that profiles that say the same share their tables; where the default of a device is
 * written, its struct policy_profile knows.
 */
struct ruleset_rule {
	enum ruleset_rule_kind kind;
	uint32_t line;			/* 0: it has no line of its own */
	const struct policy_rule *rule; /* NULL: not RULESET_RULE_POLICY */
	const char *service;		/* its word; NULL: not RULESET_RULE_SERVICE */
	const char *text;		/* what to show when `rule` is NULL; static */
};

struct ruleset_device {
	uint32_t index;	      /* of the datapath */
	uint32_t profile;     /* as in its slot: before ruleset_place an index into ruleset.profiles */
	uint32_t own_profile; /* the same, but also in mode quarantine the one that it has otherwise */
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
	struct ruleset_node *nodes;
	uint32_t n_nodes;
	uint32_t *values;
	uint32_t n_values;
	struct ruleset_chunk *chunks;
	uint32_t n_chunks;
	struct rf_peer_bucket *peers;
	uint32_t n_peers; /* a power of two */
	struct rf_name_bucket *names;
	uint32_t n_names;	      /* a power of two */
	struct rf_ident *idents;      /* by device index; ifindex is filled in by whoever knows the ports */
	struct rf_device_info *infos; /* likewise */
	uint32_t n_indices;	      /* one more than the highest device index */

	/* For people. */
	struct ruleset_rule *rules; /* by rule id */
	uint32_t n_rules;
	struct ruleset_device *devices; /* in the order of policy->devices */
	uint32_t n_devices;
};

/*
 * Compile. 0; -E2BIG: a limit of include/bounds.h or above is exceeded (the diagnostic says which, with its line);
 * -ENOMEM. Any failure has left a diagnostic.
 */
int ruleset_compile(const struct policy *policy, const struct ruleset_input *input, struct diags *diags,
		    struct ruleset **ret_ruleset);
void ruleset_free(struct ruleset *ruleset);

/* It was placed and will not be again: only what is for people is kept. */
void ruleset_drop_tables(struct ruleset *ruleset);

static inline void ruleset_cleanup(struct ruleset **ruleset)
{
	ruleset_free(*ruleset);
}

#define AUTO_RULESET CLEANUP(ruleset_cleanup)

/*
 * "FILE:LINE" of a rule, allocated; NULL in *ret_where: the rule has no line. 0, -EINVAL (no such id), -ENOMEM.
 */
int ruleset_rule_where(const struct ruleset *ruleset, uint32_t id, char **ret_where);

/* The rule as text on one line, allocated: canonical YAML, or "service dhcp", "default: deny" ... Errors as above. */
int ruleset_rule_text(const struct ruleset *ruleset, uint32_t id, char **ret_text);

/*
 * Canonical text of the compiled form, for golden tests and `check --compiled`: same policy, same text. 0 or -ENOMEM.
 */
int ruleset_print(const struct ruleset *ruleset, FILE *out);

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
	struct rf_name_bucket *names;
	struct rf_device_info *infos; /* by device index, not by bank */
	struct ruleset_sizes {	      /* elements of one bank, not of the map */
		uint32_t buckets, profiles, nodes, values, chunks, peers, names, indices;
	} sizes;
};

/* The room that a ruleset needs. */
struct ruleset_sizes ruleset_sizes(const struct ruleset *ruleset);

/*
 * Copy the ruleset into the idle bank, adding the bank's first index to every index. Bank b of an array with room for
 * n elements a bank starts at b * n. Peer keys (rf_peer_key) hold the profile relative to bank.profile_first, which
 * whoever looks one up subtracts. All of `infos` is written, also the free ones. Does not flip. -ENOSPC: does not
 * fit, nothing was written. The caller makes sure that no frame reads that bank (flip, then wait for a grace period).
 */
int ruleset_place(const struct ruleset *ruleset, const struct ruleset_place *place);

#endif
