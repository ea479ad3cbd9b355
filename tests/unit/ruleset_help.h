/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the tests of the rule compiler: policies from text, and look-ups as include/abi.h describes them.
 *
 * The look-ups are written from that description and share no code with the compiler or the datapath. They work on
 * plain arrays, before ruleset_place() or after it.
 */
#ifndef TEST_RULESET_HELP_H
#define TEST_RULESET_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../include/hash.h"
#include "../../user/policy/ruleset.h"

#define HELP_SEED 0x5eedULL

/* Numbers of a fixed sequence (splitmix64): a failure comes again. */
static inline uint64_t help_random(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ULL;
	return rf_mix(*state);
}

static inline double help_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Text that grows; ends with help_text_free. */
struct help_text {
	char *data;
	size_t len;
	FILE *out;
};

static inline void help_text_open(struct help_text *text)
{
	text->out = open_memstream(&text->data, &text->len);
	assert_non_null(text->out);
}

static inline void help_text_close(struct help_text *text)
{
	assert_int_equal(fclose(text->out), 0);
	text->out = NULL;
}

static inline void help_text_free(struct help_text *text)
{
	if (text->out)
		fclose(text->out);
	free(text->data);
}

static inline struct policy *help_policy(const char *text)
{
	AUTO_DIAGS struct diags diags = {0};
	struct policy *policy = NULL;

	if (policy_read_text("test.yaml", text, strlen(text), &diags, &policy)) {
		diags_print(&diags, stderr);
		fail_msg("the test's own policy is refused");
	}
	return policy;
}

static inline struct ruleset *help_compile(const struct policy *policy)
{
	AUTO_DIAGS struct diags diags = {0};
	struct ruleset_input input = {.generation = 1, .seed = HELP_SEED};
	struct ruleset *ruleset = NULL;

	if (ruleset_compile(policy, &input, &diags, &ruleset)) {
		diags_print(&diags, stderr);
		fail_msg("not compiled");
	}
	assert_int_equal(diags.n_errors, 0);
	return ruleset;
}

/* The arrays of a look-up: those of a ruleset or those of a placed bank. */
struct help_arrays {
	const struct rf_bank *bank;
	const struct rf_device_bucket *buckets;
	const struct rf_profile *profiles;
	const struct ruleset_node *nodes;
	const uint32_t *values;
	const struct ruleset_chunk *chunks;
	const struct rf_peer_bucket *peers;
};

static inline struct help_arrays help_arrays(const struct ruleset *ruleset)
{
	return (struct help_arrays){
		.bank = &ruleset->bank,
		.buckets = ruleset->buckets,
		.profiles = ruleset->profiles,
		.nodes = ruleset->nodes,
		.values = ruleset->values,
		.chunks = ruleset->chunks,
		.peers = ruleset->peers,
	};
}

static inline const struct rf_device_slot *help_device(const struct help_arrays *arrays, uint64_t mac)
{
	uint64_t hash = rf_mac_hash(mac, arrays->bank->seed);
	uint32_t bucket[2] = {
		rf_place_first(hash, arrays->bank->bucket_mask),
		rf_place_second(hash, arrays->bank->bucket_mask),
	};

	for (int b = 0; b < 2; b++)
		for (int i = 0; i < RF_BUCKET_SLOTS; i++) {
			const struct rf_device_slot *slot =
				&arrays->buckets[arrays->bank->bucket_first + bucket[b]].slot[i];

			if (slot->key >> RF_DEVICE_FLAGS_SHIFT & RF_DEVICE_VALID && (slot->key & RF_MAC_MASK) == mac)
				return slot;
		}
	return NULL;
}

/* Walk nodes for a number, as the comment of struct ruleset_node says. */
static inline uint32_t help_value(const struct help_arrays *arrays, uint32_t root, uint64_t number)
{
	const struct ruleset_node *node = &arrays->nodes[root];

	for (int depth = 0; depth < RF_TREE_DEPTH; depth++) {
		uint32_t child = 0;

		for (int i = 0; i < RF_NODE_KEYS; i++)
			child += node->last[i] < number;
		if (node->leaf)
			return arrays->values[node->first + child];
		node = &arrays->nodes[node->first + child];
	}
	fail_msg("a tree is deeper than RF_TREE_DEPTH");
	return 0;
}

/* The chunk at which the rule list of this address starts. */
static inline uint32_t help_list(const struct help_arrays *arrays, uint32_t profile, enum rf_rule_set set,
				 struct rf_addr addr)
{
	const struct rf_profile *from = &arrays->profiles[profile];
	uint32_t value;

	if (addr.hi == 0 && addr.lo >> 32 == RF_ADDR_V4_MAPPED >> 32)
		return help_value(arrays, from->root4[set], addr.lo & UINT32_MAX);
	value = help_value(arrays, from->root6[set], addr.hi);
	if (value & RF_VALUE_SUBTREE)
		value = help_value(arrays, value & ~RF_VALUE_SUBTREE, addr.lo);
	assert_false(value & RF_VALUE_SUBTREE);
	return value;
}

/* The list for another device, UINT32_MAX if there is none. `profile` is absolute. */
static inline uint32_t help_peer(const struct help_arrays *arrays, uint32_t profile, enum rf_rule_set set,
				 uint32_t device)
{
	uint64_t key = rf_peer_key(profile - arrays->bank->profile_first, set, device);
	uint64_t hash = rf_mix(key ^ arrays->bank->seed);
	uint32_t bucket[2] = {
		rf_place_first(hash, arrays->bank->peer_mask),
		rf_place_second(hash, arrays->bank->peer_mask),
	};

	for (int b = 0; b < 2; b++)
		for (int i = 0; i < RF_BUCKET_SLOTS; i++) {
			const struct rf_peer_slot *slot = &arrays->peers[arrays->bank->peer_first + bucket[b]].slot[i];

			if (slot->key == key)
				return slot->chunk;
		}
	return UINT32_MAX;
}

static inline const struct ruleset_line *help_line(const struct help_arrays *arrays, uint32_t chunk, uint32_t number)
{
	assert_true(number < RF_LIST_RULES_MAX);
	return &arrays->chunks[chunk + number / RF_CHUNK_RULES].rule[number % RF_CHUNK_RULES];
}

/* What a frame looks like to a list: ports as in the frame; for ICMP dport is the type. */
struct help_frame {
	uint8_t proto;
	uint16_t sport, dport;
};

/* The first line that matches. */
static inline const struct ruleset_line *help_match(const struct help_arrays *arrays, uint32_t chunk,
						    struct help_frame frame)
{
	for (uint32_t i = 0;; i++) {
		const struct ruleset_line *line = help_line(arrays, chunk, i);
		int proto = line->flags & LINE_ANY_PROTO || line->proto == frame.proto;

		if (proto && line->sport_lo <= frame.sport && frame.sport <= line->sport_hi &&
		    line->dport_lo <= frame.dport && frame.dport <= line->dport_hi)
			return line;
		assert_false(line->flags & LINE_LAST);
	}
}

static inline struct rf_addr help_addr(const char *text)
{
	struct rf_addr wire = {0};
	struct addr addr;

	assert_int_equal(addr_parse(text, &addr), ADDR_OK);
	for (int i = 0; i < ADDR_BYTES; i++) {
		wire.hi = wire.hi << 8 | wire.lo >> 56;
		wire.lo = wire.lo << 8 | addr.bytes[i];
	}
	return wire;
}

#endif
