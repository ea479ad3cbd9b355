/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * generation.h - one policy as it was read and compiled, with everything that events of its time need to be told.
 *
 * The daemon keeps the one in force and the one before it, whose events may still be under way. Start and reload make one by the same call.
 */
#ifndef DAEMON_GENERATION_H
#define DAEMON_GENERATION_H

#include <stdint.h>

#include "../common/cleanup.h"
#include "../common/diag.h"
#include "../policy/policy.h"
#include "../policy/ruleset.h"
#include "interfaces.h"

struct generation {
	struct policy *policy;
	struct ruleset *ruleset;
	uint8_t hash[32];	   /* of the file */
	struct gateways gateways;  /* what the machine said; used where the policy does not say */
	int64_t loaded_ns;	   /* of the epoch */
	const char **device_names; /* by device index; NULL: free. Borrowed from the policy */
	uint32_t n_indices;
};

/* What the datapath knows of the generation before. */
struct generation_past {
	uint32_t number;    /* 0: there was none */
	uint64_t name_seed; /* what devices learned is found by it; 0: make one */
	const struct ruleset_index *indices;
	size_t n_indices;
};

/* Read the policy of the file. Diagnostics say what is wrong; 0 or negative errno. */
int generation_read(const char *path, struct diags *diags, struct generation **ret_generation);

/* Compile it as the next after `past`, with the gateways that are in it. */
int generation_compile(struct generation *generation, const struct generation_past *past, struct diags *diags);

/* The indices of its devices, sorted by name, for the next. Names are borrowed; the array is the caller's. */
int generation_indices(const struct generation *generation, struct ruleset_index **ret_indices, size_t *ret_n);

uint32_t generation_number(const struct generation *generation);

/* NULL: no device of that index. */
const char *generation_device(const struct generation *generation, uint32_t index);

/* FILE:LINE of a rule, or NULL if it is none or stands nowhere (services, defaults). */
#define GENERATION_RULE_MAX 4200
const char *generation_rule(const struct generation *generation, uint32_t rule, char buf[GENERATION_RULE_MAX]);

/* true if a device of the policy is bound to a VLAN. */
bool generation_has_vlan(const struct generation *generation);

void generation_free(struct generation *generation);

static inline void generation_cleanup(struct generation **generation)
{
	generation_free(*generation);
}

#define AUTO_GENERATION CLEANUP(generation_cleanup)

#endif
