/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compiled.h - nodes and rules as the compiler makes them and as people's output reads them. place.c packs them into the words of include/abi.h.
 */
#ifndef POLICY_COMPILED_H
#define POLICY_COMPILED_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/abi.h"

/* Of struct rf_node, both families: children side by side from `first`, of a leaf values. Unused `last`: all ones of the family's keys. */
struct ruleset_node {
	uint64_t last[RF_NODE_KEYS];
	uint32_t first;
	bool leaf;
	bool v4;
};

/* Of struct rf_rule: bounds are inclusive. */
struct ruleset_line {
	uint8_t proto;
	uint8_t flags;	/* enum rf_rule_flags, enum ruleset_line_flags */
	uint8_t reason; /* enum rf_reason: what a match means */
	uint8_t reserved;
	uint16_t sport_lo;
	uint16_t sport_hi;
	uint16_t dport_lo;
	uint16_t dport_hi;
	uint32_t id;
};

/* Beside enum rf_rule_flags. */
enum ruleset_line_flags {
	LINE_ICMP_TYPE =
		1
		<< 4, /* dport_lo..hi are ICMP types: for people, the datapath puts the type there for every ICMP packet */
	LINE_LAST = 1 << 5, /* of its list */
	LINE_ANY_PROTO = 1 << 6,
};

struct ruleset_chunk {
	struct ruleset_line rule[RF_CHUNK_RULES];
};

#endif
