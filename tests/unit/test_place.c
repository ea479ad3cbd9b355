// SPDX-License-Identifier: GPL-2.0-only
/*
 * Placing a ruleset into a bank: the same answers from there, nothing outside of the bank touched, nothing at all if
 * it does not fit.
 */
#include "ruleset_help.h"

#include <errno.h>
#include <stdlib.h>

#define OUT RF_SET_OUT
#define IN RF_SET_IN

#define CANARY 0xa5

static const char *const home =
	"network: {gateway: [192.168.1.1]}\n"
	"unknown: p\n"
	"profiles:\n"
	"  p:\n"
	"    default: deny\n"
	"    rules:\n"
	"      - {allow: 203.0.113.0/24, proto: tcp, port: 443}\n"
	"      - {allow: \"2001:db8::1\"}\n"
	"      - {allow: device:b, proto: udp}\n"
	"    inbound:\n"
	"      - {allow: device:a}\n"
	"devices:\n"
	"  a: {mac: \"02:00:00:00:00:01\", profile: p, rules: [{deny: 203.0.113.9}]}\n"
	"  b: {mac: \"02:00:00:00:00:02\", profile: p, mode: quarantine, addresses: [192.168.1.2]}\n";

/* Maps of two banks, bigger than the ruleset needs, full of canaries. */
struct maps {
	struct ruleset_place place;
	struct rf_control control;
	void *memory[9];
	size_t bytes[9];
	int n;
};

static void *map_new(struct maps *maps, uint32_t n, size_t bytes)
{
	void *memory = malloc(n * bytes);

	assert_non_null(memory);
	memset(memory, CANARY, n * bytes);
	maps->bytes[maps->n] = n * bytes;
	maps->memory[maps->n++] = memory;
	return memory;
}

static void maps_open(struct maps *maps, struct ruleset_sizes sizes, uint32_t bank)
{
	*maps = (struct maps){.place = {.bank = bank, .sizes = sizes}};
	memset(&maps->control, CANARY, sizeof(maps->control));
	maps->place.control = &maps->control;
	maps->place.buckets = map_new(maps, 2 * sizes.buckets, sizeof(struct rf_device_bucket));
	maps->place.profiles = map_new(maps, 2 * sizes.profiles, sizeof(struct rf_profile));
	maps->place.nodes = map_new(maps, 2 * sizes.nodes, sizeof(struct rf_node));
	maps->place.values = map_new(maps, 2 * sizes.values, sizeof(uint32_t));
	maps->place.chunks = map_new(maps, 2 * sizes.chunks, sizeof(struct rf_chunk));
	maps->place.peers = map_new(maps, 2 * sizes.peers, sizeof(struct rf_peer_bucket));
	maps->place.idents = map_new(maps, 2 * sizes.indices, sizeof(struct rf_ident));
	maps->place.names = map_new(maps, 2 * sizes.names, sizeof(struct rf_name_bucket));
	maps->place.infos = map_new(maps, sizes.indices, sizeof(struct rf_device_info));
}

static void maps_close(struct maps *maps)
{
	for (int i = 0; i < maps->n; i++)
		free(maps->memory[i]);
}

static void assert_canary(const void *memory, size_t bytes)
{
	const unsigned char *byte = memory;

	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(byte[i], CANARY);
}

/* What place.c packed, unpacked again: room for what a bank holds, at the bank's own indices. */
struct unpacked {
	struct ruleset_node nodes[4096];
	uint32_t values[8192];
	struct ruleset_chunk chunks[4096];
};

static void unpack_nodes(const struct ruleset *ruleset, const struct maps *maps, struct unpacked *out)
{
	const struct ruleset_place *place = &maps->place;

	for (uint32_t i = 0; i < ruleset->n_nodes; i++) {
		const struct rf_node *node = &place->nodes[place->bank * place->sizes.nodes + i];
		struct ruleset_node *to = &out->nodes[place->bank * place->sizes.nodes + i];

		*to = (struct ruleset_node){.leaf = node->leaf, .first = node->v6.first};
		for (int k = 0; k < RF_NODE_KEYS; k++)
			to->last[k] = ruleset->nodes[i].v4 ? node->v4.last[k] : node->v6.last[k];
		if (!ruleset->nodes[i].v4)
			continue;
		/* Children are named one by one: nodes side by side, or values, which get places of their own behind those of the map. */
		to->first = node->leaf ? 4096 + i * (RF_NODE_KEYS + 1) : node->v4.child[0];
		for (uint32_t k = 0; k <= RF_NODE_KEYS; k++) {
			if (node->leaf)
				out->values[to->first + k] = node->v4.child[k];
			else
				assert_int_equal(node->v4.child[k], to->first + k);
		}
	}
}

static struct ruleset_line unpack_rule(const struct rf_rule *rule)
{
	const uint8_t proto_lo = (uint8_t)(rule->low >> RF_RULE_PROTO_SHIFT),
		      proto_hi = (uint8_t)(rule->high >> RF_RULE_PROTO_SHIFT);
	struct ruleset_line line = {
		.proto = proto_lo == proto_hi ? proto_lo : 0,
		.flags = (uint8_t)rf_rule_flags(rule),
		.reason = (uint8_t)rf_rule_reason(rule),
		.sport_lo = (uint16_t)(rule->low >> RF_RULE_SPORT_SHIFT),
		.sport_hi = (uint16_t)(rule->high >> RF_RULE_SPORT_SHIFT),
		.dport_lo = (uint16_t)rule->low,
		.dport_hi = (uint16_t)rule->high,
		.id = rf_rule_id(rule),
	};

	assert_int_equal(rule->low & RF_RULE_GUARDS, 0);
	assert_int_equal(rule->high & RF_RULE_GUARDS, RF_RULE_GUARDS);
	if (proto_lo != proto_hi)
		line.flags |= LINE_ANY_PROTO;
	if (rule->low & RF_RULE_LAST)
		line.flags |= LINE_LAST;
	return line;
}

static void unpack(const struct ruleset *ruleset, const struct maps *maps, struct unpacked *out)
{
	const struct ruleset_place *place = &maps->place;
	const uint32_t chunk_first = place->bank * place->sizes.chunks;

	assert_true(2 * place->sizes.nodes <= 4096 / (RF_NODE_KEYS + 1) && 2 * place->sizes.values <= 4096 &&
		    2 * place->sizes.chunks <= 4096);
	unpack_nodes(ruleset, maps, out);
	memcpy(out->values, place->values, 2 * place->sizes.values * sizeof(*out->values));
	for (uint32_t i = 0; i < ruleset->n_chunks; i++)
		for (int k = 0; k < RF_CHUNK_RULES; k++)
			out->chunks[chunk_first + i].rule[k] = unpack_rule(&place->chunks[chunk_first + i].rule[k]);
}

static struct help_arrays placed(const struct maps *maps, const struct unpacked *unpacked)
{
	return (struct help_arrays){
		.bank = &maps->control.bank[maps->place.bank],
		.buckets = maps->place.buckets,
		.profiles = maps->place.profiles,
		.nodes = unpacked->nodes,
		.values = unpacked->values,
		.chunks = unpacked->chunks,
		.peers = maps->place.peers,
	};
}

static void check_same_list(const struct help_arrays *a, uint32_t list_a, const struct help_arrays *b, uint32_t list_b)
{
	for (uint32_t i = 0;; i++) {
		struct ruleset_line line = *help_line(a, list_a, i);

		line.flags &= (uint8_t)~LINE_ICMP_TYPE; /* for people, and not packed */
		assert_memory_equal(&line, help_line(b, list_b, i), sizeof(line));
		if (line.flags & LINE_LAST)
			return;
	}
}

static void check_answers(const struct ruleset *ruleset, const struct help_arrays *bank)
{
	static const char *const addrs[] = {"0.0.0.0",	    "192.168.1.1",     "203.0.113.9",
					    "203.0.113.10", "255.255.255.255", "2001:db8::1",
					    "2001:db8::2",  "ff02::1:2",       "fe80::1"};
	struct help_arrays direct = help_arrays(ruleset);

	for (uint32_t profile = 0; profile < ruleset->n_profiles; profile++)
		for (int set = 0; set < RF_SET_COUNT; set++) {
			uint32_t there = bank->bank->profile_first + profile;

			for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++)
				check_same_list(&direct, help_list(&direct, profile, set, help_addr(addrs[i])), bank,
						help_list(bank, there, set, help_addr(addrs[i])));
			for (uint32_t i = 0; i < ruleset->n_devices; i++) {
				uint32_t list = help_peer(&direct, profile, set, ruleset->devices[i].index);
				uint32_t list_there = help_peer(bank, there, set, ruleset->devices[i].index);

				assert_int_equal(list == UINT32_MAX, list_there == UINT32_MAX);
				if (list != UINT32_MAX)
					check_same_list(&direct, list, bank, list_there);
			}
		}
}

static void check_devices(const struct ruleset *ruleset, const struct maps *maps, const struct unpacked *unpacked)
{
	struct help_arrays bank = placed(maps, unpacked);
	const struct rf_device_slot *a = help_device(&bank, 0x020000000001);
	const struct rf_device_slot *b = help_device(&bank, 0x020000000002);

	assert_int_equal(a->profile, bank.bank->profile_first + RF_PROFILE_FIRST + 1);
	assert_int_equal(b->profile, bank.bank->profile_first + RF_PROFILE_QUARANTINE);
	assert_null(help_device(&bank, 0x020000000003));
	assert_int_equal(bank.bank->unknown_profile, bank.bank->profile_first + RF_PROFILE_FIRST);
	assert_int_equal(maps->place.idents[bank.bank->ident_first + b->device].n_addresses, 1);
	assert_string_equal(maps->place.infos[b->device].name, "b");
	for (uint32_t i = ruleset->n_indices; i < maps->place.sizes.indices; i++)
		assert_string_equal(maps->place.infos[i].name, "");
}

static void check_other_bank(const struct maps *maps)
{
	uint32_t other = !maps->place.bank;

	for (int i = 0; i < maps->n - 1; i++) /* all but infos, which have no banks */
		assert_canary((const char *)maps->memory[i] + other * maps->bytes[i] / 2, maps->bytes[i] / 2);
	assert_canary(&maps->control.bank[other], sizeof(maps->control.bank[other]));
	assert_canary(&maps->control.active, sizeof(maps->control.active)); /* placing is not flipping */
	assert_canary(maps->control.secret, sizeof(maps->control.secret));
}

static void check_bank(uint32_t bank, uint32_t spare)
{
	AUTO_POLICY struct policy *policy = help_policy(home);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	static struct unpacked unpacked;
	struct ruleset_sizes sizes = ruleset_sizes(ruleset);
	struct help_arrays arrays;
	struct maps maps;

	sizes.buckets += spare;
	sizes.profiles += spare;
	sizes.nodes += spare;
	sizes.values += spare;
	sizes.chunks += spare;
	sizes.peers += spare;
	sizes.indices += spare;
	maps_open(&maps, sizes, bank);
	assert_int_equal(ruleset_place(ruleset, &maps.place), 0);
	unpack(ruleset, &maps, &unpacked);
	arrays = placed(&maps, &unpacked);
	check_answers(ruleset, &arrays);
	check_devices(ruleset, &maps, &unpacked);
	check_other_bank(&maps);
	maps_close(&maps);
}

static void test_banks(void **state)
{
	(void)state;
	check_bank(0, 0);
	check_bank(1, 0);
	check_bank(0, 37);
	check_bank(1, 37);
}

/* Both banks at once: what one holds does not change when the other is filled. */
static void test_reload(void **state)
{
	AUTO_POLICY struct policy *policy = help_policy(home);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	static struct unpacked of_first, of_second;
	struct help_arrays first, second;
	struct maps maps;

	(void)state;
	maps_open(&maps, ruleset_sizes(ruleset), 0);
	assert_int_equal(ruleset_place(ruleset, &maps.place), 0);
	first = placed(&maps, &of_first);
	maps.place.bank = 1;
	assert_int_equal(ruleset_place(ruleset, &maps.place), 0);
	unpack(ruleset, &maps, &of_second);
	second = placed(&maps, &of_second);
	/* Read only now: what the first bank holds after the second was filled. */
	maps.place.bank = 0;
	unpack(ruleset, &maps, &of_first);
	check_answers(ruleset, &first);
	check_answers(ruleset, &second);
	maps_close(&maps);
}

static void test_no_room(void **state)
{
	AUTO_POLICY struct policy *policy = help_policy(home);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct ruleset_sizes need = ruleset_sizes(ruleset);
	uint32_t *const needs[] = {&need.buckets, &need.profiles, &need.nodes,	&need.values,
				   &need.chunks,  &need.peers,	  &need.indices};

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		struct maps maps;

		--*needs[i];
		maps_open(&maps, need, 1);
		assert_int_equal(ruleset_place(ruleset, &maps.place), -ENOSPC);
		for (int k = 0; k < maps.n; k++)
			assert_canary(maps.memory[k], maps.bytes[k]);
		assert_canary(&maps.control, sizeof(maps.control));
		maps_close(&maps);
		++*needs[i];
	}
}

/* Maps so large that an index of the second bank would look like a subtree are refused, as is a third bank. */
static void test_absurd(void **state)
{
	AUTO_POLICY struct policy *policy = help_policy(home);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct ruleset_place place = {.sizes = ruleset_sizes(ruleset)};

	(void)state;
	place.sizes.nodes = RF_VALUE_SUBTREE;
	assert_int_equal(ruleset_place(ruleset, &place), -ENOSPC);
	place.sizes = ruleset_sizes(ruleset);
	place.sizes.chunks = RF_VALUE_SUBTREE / 2 + 1;
	assert_int_equal(ruleset_place(ruleset, &place), -ENOSPC);
	place.sizes = ruleset_sizes(ruleset);
	place.bank = 2;
	assert_int_equal(ruleset_place(ruleset, &place), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_banks),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_absurd),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
