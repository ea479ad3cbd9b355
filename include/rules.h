/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules.h - rules and lists of rules, as the datapath compares them. Part of abi.h.
 */
#ifndef RF_RULES_H
#define RF_RULES_H

#include <linux/types.h>

#include "bounds.h"
#include "reason.h"

/*
 * One line of a rule list. Lists hold every rule whose destination covers the address, in the order of the policy,
 * with the default as the last; what several prefixes share is stored once.
 *
 * The bounds of protocol, source and destination port stand side by side in two words, with a guard bit above each, so that two subtractions compare
 * all three: bits 0-15 destination port (of ICMP: the type), 17-32 source port, 34-41 protocol; ports in host byte order. The guards are 0 in `low` and 1 in
 * `high`. Behind them stand flags, reason and id: `id` grows with the order inside a set, so of two matches from two lists the lower id decides.
 */
struct rf_rule {
	__u64 low;  /* RF_RULE_LAST 63, the id's low 11 bits 52-62, reason 47-51, other flags 43-46 */
	__u64 high; /* the id's high 21 bits 43-63 */
};

enum rf_rule_flags {
	RF_RULE_DENY = 1 << 0,
	RF_RULE_QUIET = 1 << 1, /* log: false */
	RF_RULE_DEFAULT = 1 << 2,
};

#define RF_RULE_SPORT_SHIFT 17
#define RF_RULE_PROTO_SHIFT 34
#define RF_RULE_GUARDS (1ULL << 16 | 1ULL << 33 | 1ULL << 42)
#define RF_RULE_FLAGS_SHIFT 43
#define RF_RULE_FLAGS_MASK 0xf
#define RF_RULE_REASON_SHIFT 47
#define RF_RULE_REASON_MASK 0x1f
#define RF_RULE_ID_LOW_SHIFT 52
#define RF_RULE_ID_LOW_BITS 11
#define RF_RULE_ID_HIGH_SHIFT 43
#define RF_RULE_LAST (1ULL << 63) /* of its list */
_Static_assert(RF_REASON_SLOTS <= RF_RULE_REASON_MASK + 1, "a reason fits in a rule");

/* Protocol and ports as both words of a rule have them. */
static inline __attribute__((always_inline)) __u64 rf_rule_word(__u8 proto, __u16 sport, __u16 dport)
{
	return (__u64)proto << RF_RULE_PROTO_SHIFT | (__u64)sport << RF_RULE_SPORT_SHIFT | dport;
}

/* Does the rule match? `word`: of the packet. No part can borrow from the next: its guard is set. */
static inline __attribute__((always_inline)) int rf_rule_matches(const struct rf_rule *rule, __u64 word)
{
	return (((word | RF_RULE_GUARDS) - rule->low) & (rule->high - word) & RF_RULE_GUARDS) == RF_RULE_GUARDS;
}

static inline __attribute__((always_inline)) __u32 rf_rule_flags(const struct rf_rule *rule)
{
	return rule->low >> RF_RULE_FLAGS_SHIFT & RF_RULE_FLAGS_MASK;
}

static inline __attribute__((always_inline)) __u32 rf_rule_reason(const struct rf_rule *rule)
{
	return rule->low >> RF_RULE_REASON_SHIFT & RF_RULE_REASON_MASK;
}

static inline __attribute__((always_inline)) __u32 rf_rule_id(const struct rf_rule *rule)
{
	return (__u32)(rule->high >> RF_RULE_ID_HIGH_SHIFT) << RF_RULE_ID_LOW_BITS |
	       (rule->low >> RF_RULE_ID_LOW_SHIFT & ((1U << RF_RULE_ID_LOW_BITS) - 1));
}

struct rf_chunk {
	struct rf_rule rule[RF_CHUNK_RULES];
};
_Static_assert(sizeof(struct rf_chunk) == 64, "one cache line");

#define RF_RULE_NONE 0xffffffffU

#endif
