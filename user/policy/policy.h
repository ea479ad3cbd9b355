/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy file says, as checked data: struct policy.
 *
 * YAML text -> policy_read_*() -> struct policy -> the rule compiler, explain
 * and policy_print().  A struct policy that was returned is complete and free
 * of contradictions: every reference is resolved to an index, every number is
 * in range, every feature that it uses is in force.  Nothing here knows about
 * BPF, maps or the machine that it runs on, and nothing logs.
 *
 * Memory: everything hangs on policy->arena and dies with policy_free().
 * All arrays are pointer and count; the order is that of the file.  A device's
 * index is its place in policy->devices.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../common/addr.h"
#include "../common/cleanup.h"
#include "../common/diag.h"
#include "words.h"

struct arena;

/* Where the daemon and its units look for it. */
#define POLICY_FILE_DEFAULT "/etc/ringfence/policy.yaml"

#define POLICY_NONE UINT32_MAX /* an index that refers to nothing */

enum policy_unknown {
	POLICY_UNKNOWN_QUARANTINE,
	POLICY_UNKNOWN_MONITOR,
	POLICY_UNKNOWN_PROFILE, /* unknown_profile is an index */
};

struct policy_dest {
	struct diag_pos pos;
	enum policy_dest_kind kind;
	uint32_t index;	      /* DEVICE, GROUP, LIST */
	struct prefix prefix; /* PREFIX */
	const char *name;     /* NAME, WILDCARD: A-labels, lower case, without "*." and
			       * final dot; DEVICE, GROUP, LIST: as written */
};

struct policy_ports {
	uint16_t lo, hi; /* inclusive, host byte order */
};

enum policy_rate_unit {
	POLICY_RATE_NONE, /* no limit */
	POLICY_RATE_PACKETS,
	POLICY_RATE_BITS,
	POLICY_RATE_FLOWS,
};

struct policy_rate {
	enum policy_rate_unit unit;
	uint64_t per_second;
};

struct policy_rule {
	struct diag_pos pos; /* of the rule's map: this is FILE:LINE */
	enum policy_action action;
	bool log;		   /* default true */
	struct policy_dest *dests; /* at least one */
	size_t n_dests;
	uint8_t *protos; /* IP protocol numbers; none: every protocol */
	size_t n_protos;
	struct policy_ports *ports; /* none: every port. Else all protos are tcp, udp, sctp */
	size_t n_ports;
	struct policy_rate rate;
	uint32_t when;	  /* index into schedules or POLICY_NONE */
	const char *note; /* NULL: none */
};

struct policy_rules {
	struct policy_rule *items;
	size_t n_items;
};

/* An entry of deny-names. */
struct policy_name {
	struct diag_pos pos;
	const char *name; /* as in struct policy_dest */
	bool wildcard;
};

struct policy_limit {
	struct policy_rate packets;
	struct policy_rate bits;
	struct policy_rate flows;
};

struct policy_profile {
	struct diag_pos pos; /* of its name */
	const char *name;
	enum policy_action default_action; /* ALLOW, DENY or REJECT */
	struct diag_pos default_pos;
	uint32_t services;	      /* bits 1 << enum policy_service; default dhcp, dns */
	struct diag_pos services_pos; /* line 0: default */
	bool dns_listed;	      /* dns: listed */
	struct policy_rules rules;
	bool has_inbound; /* false: the key is absent and means [{allow: local}] */
	struct policy_rules inbound;
	struct policy_name *deny_names;
	size_t n_deny_names;
	uint16_t *ethertypes; /* host byte order, 0x0600..0xffff, never IP, ARP, VLAN */
	size_t n_ethertypes;
	bool llc; /* ethertypes has `llc`: 802.3 frames with a length field */
	struct policy_limit limit;
};

struct policy_device {
	struct diag_pos pos; /* of its name */
	const char *name;
	struct mac *macs; /* at least one; no two devices share one */
	size_t n_macs;
	uint32_t profile; /* index */
	enum policy_mode mode;
	const char **ports; /* interface names; none: any inside port */
	size_t n_ports;
	uint16_t vlan; /* 0: any */
	bool addresses_dhcp;
	struct prefix *addresses; /* allowed sources; none and not dhcp: any */
	size_t n_addresses;
	struct policy_rules rules;
};

struct policy_group {
	struct diag_pos pos;
	const char *name;
	uint32_t *devices; /* indices, no duplicates */
	size_t n_devices;
};

struct policy_list {
	struct diag_pos pos;
	const char *name;
	const char *file; /* as written */
};

struct policy_span {
	uint8_t days;		     /* bit 0 = Monday .. bit 6 = Sunday: the day it starts */
	uint16_t start_min, end_min; /* minutes of the day; end <= start: next day */
};

struct policy_schedule {
	struct diag_pos pos;
	const char *name;
	struct policy_span *spans;
	size_t n_spans;
};

struct policy_prefixes {
	bool given; /* false: the key is absent */
	struct prefix *items;
	size_t n_items;
};

struct policy_strings {
	const char **items;
	size_t n_items;
};

struct policy {
	const char *file;	   /* name for FILE:LINE */
	struct diag_source source; /* file and text, for what the compiler finds wrong */

	/* attach: at most one of bridge and ports; neither: nothing to attach to */
	const char *bridge; /* NULL: not given */
	struct policy_strings uplinks;
	struct policy_strings ports;
	enum policy_hook hook;

	/* network */
	struct policy_prefixes local;	  /* not given: items are RFC 1918, link-local, ULA */
	struct policy_prefixes gateway;	  /* not given: no items; the machine knows */
	struct policy_prefixes resolvers; /* not given: no items; means gateway */

	enum policy_unknown unknown;
	uint32_t unknown_profile; /* index or POLICY_NONE */

	struct policy_profile *profiles;
	size_t n_profiles;
	struct policy_device *devices;
	size_t n_devices;
	struct policy_group *groups;
	size_t n_groups;
	struct policy_list *lists;
	size_t n_lists;
	struct policy_schedule *schedules;
	size_t n_schedules;

	struct arena *arena; /* owns everything above */
};

/*
 * Read and check a whole policy.  All that is wrong is added to diags, in one
 * run.  0: *ret_policy is usable (diags may hold warnings); -EINVAL: the policy
 * is bad; -ENOENT, -EACCES, ...: the file could not be read; -ENOMEM.  Any
 * failure has left a diagnostic.
 */
int policy_read_file(const char *path, struct diags *diags, struct policy **ret_policy);

/* The same for text in memory, which need not end in NUL; name is for messages. */
int policy_read_text(const char *name, const char *text, size_t len, struct diags *diags, struct policy **ret_policy);

void policy_free(struct policy *policy);

static inline void policy_cleanup(struct policy **policy)
{
	policy_free(*policy);
}

#define AUTO_POLICY CLEANUP(policy_cleanup)

/* Canonical YAML: reading it gives the same policy, printing that the same text. */
void policy_print(const struct policy *policy, FILE *out);

/* One rule as it stands in canonical YAML, on one line, without a newline. */
void policy_print_rule(const struct policy *policy, const struct policy_rule *rule, FILE *out);

/* Rules as written: of profiles, their inbound, and devices. What check, reload and status tell. */
size_t policy_count_rules(const struct policy *policy);

/* Is an interface an inside port? on_bridge: it is a port of attach.bridge. */
bool policy_has_port(const struct policy *policy, const char *name, bool on_bridge);

/* Index of the device with this name, POLICY_NONE if there is none. Linear. */
uint32_t policy_find_device(const struct policy *policy, const char *name);

#endif
