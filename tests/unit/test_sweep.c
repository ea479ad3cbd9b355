// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random policies against a naive reading of them, and size limits.
 */
#include "ruleset_help.h"

#include <errno.h>

#define POLICIES 60
#define RULES 12
#define DESTS 12
#define LOOKUPS_EACH 2000 /* 120,000 in all */

#define OWN_DEVICES 4 /* device i has i rules of its own */
#define OWN_PORT 1000

#define TCP 6

#define OUT RF_SET_OUT

/* Addresses from a small space, so that random prefixes nest, touch and repeat. */
static struct addr random_addr(uint64_t *random)
{
	struct addr addr = {0};
	uint64_t bits = help_random(random);

	if (bits & 1) { /* 10.0-3.x.y */
		addr.bytes[10] = addr.bytes[11] = 0xff;
		addr.bytes[12] = 10;
		addr.bytes[13] = bits >> 8 & 3;
		addr.bytes[14] = (uint8_t)(bits >> 16);
		addr.bytes[15] = (uint8_t)(bits >> 24);
		return addr;
	}
	addr.bytes[0] = 0x20; /* 2000:0:0:0-3:x::y, so that cuts fall into both halves */
	addr.bytes[7] = bits >> 8 & 3;
	addr.bytes[8] = bits >> 16 & 3;
	addr.bytes[15] = (uint8_t)(bits >> 24);
	return addr;
}

static struct prefix random_prefix(uint64_t *random)
{
	static const uint8_t lens4[] = {8, 14, 16, 20, 24, 25, 30, 31, 32};
	static const uint8_t lens6[] = {0, 3, 62, 63, 64, 65, 70, 72, 120, 127, 128};
	struct prefix prefix = {.addr = random_addr(random)};

	if (addr_is_v4(&prefix.addr))
		prefix.len = (uint8_t)(ADDR_V4_BITS + lens4[help_random(random) % sizeof(lens4)]);
	else
		prefix.len = lens6[help_random(random) % sizeof(lens6)];
	for (unsigned int bit = prefix.len; bit < ADDR_BITS; bit++)
		prefix.addr.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return prefix;
}

/* The same family, and the same first bits. */
static bool covers(const struct prefix *prefix, const struct addr *addr)
{
	bool v4 = prefix->len >= ADDR_V4_BITS && addr_is_v4(&prefix->addr);

	if (v4 != addr_is_v4(addr))
		return false;
	for (unsigned int bit = 0; bit < prefix->len; bit++)
		if ((prefix->addr.bytes[bit / 8] ^ addr->bytes[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* Up to n prefixes, no two alike: the reader refuses a destination that is there twice. */
static void print_random_prefixes(FILE *out, size_t n, uint64_t *random)
{
	struct prefix printed[DESTS];
	size_t n_printed = 0;

	for (size_t i = 0; i < n; i++) {
		struct prefix prefix = random_prefix(random);
		char buf[ADDR_TEXT_MAX];
		bool twice = false;

		for (size_t k = 0; k < n_printed; k++)
			twice |= prefix_compare(&prefix, &printed[k]) == 0;
		if (twice)
			continue;
		fprintf(out, "%s\"%s\"", n_printed ? ", " : "", prefix_format(&prefix, buf));
		printed[n_printed++] = prefix;
	}
}

/* Rule i is for port first + i, so that a list tells which rules are in it. */
static void print_random_rules(FILE *out, size_t n, size_t first, uint64_t *random)
{
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "      - {%s: [", help_random(random) % 2 ? "allow" : "deny");
		print_random_prefixes(out, 1 + help_random(random) % DESTS, random);
		fprintf(out, "], proto: tcp, port: %zu}\n", first + i);
	}
}

/* One profile, and devices with none, some or many rules of their own on it. */
static struct policy *random_policy(uint64_t *random)
{
	struct help_text text = {0};
	struct policy *policy;

	help_text_open(&text);
	fputs("profiles:\n  p:\n    default: deny\n    services: []\n    rules:\n", text.out);
	print_random_rules(text.out, 1 + help_random(random) % RULES, 1, random);
	fputs("devices:\n", text.out);
	for (int i = 0; i < OWN_DEVICES; i++) {
		fprintf(text.out, "  d%d:\n    mac: 02:00:00:00:00:0%d\n    profile: p\n    rules:\n", i, i);
		if (i == 0)
			fputs("      []\n", text.out);
		print_random_rules(text.out, (size_t)i, OWN_PORT, random);
	}
	help_text_close(&text);
	policy = help_policy(text.data);
	help_text_free(&text);
	return policy;
}

static bool rule_covers(const struct policy_rule *rule, const struct addr *addr)
{
	for (size_t i = 0; i < rule->n_dests; i++)
		if (covers(&rule->dests[i].prefix, addr))
			return true;
	return false;
}

/* The rules that cover the address are the list's lines from *at on. */
static void check_lines(const struct help_arrays *arrays, const struct policy_rules *rules, size_t first_port,
			const struct addr *addr, uint32_t list, uint32_t *at)
{
	for (size_t i = 0; i < rules->n_items; i++) {
		const struct ruleset_line *line = help_line(arrays, list, *at);

		if (!rule_covers(&rules->items[i], addr))
			continue;
		if (line->dport_lo != first_port + i || line->flags & LINE_LAST)
			fail_msg("line %u is of port %u, not of rule %zu", *at, line->dport_lo, first_port + i);
		++*at;
	}
}

/* The whole list: every rule that covers the address, in order, then the default, and nothing else. */
static void check_list(const struct ruleset *ruleset, const struct policy_device *device, const struct addr *addr)
{
	const struct policy *policy = ruleset->policy;
	struct help_arrays arrays = help_arrays(ruleset);
	uint32_t list, at = 0, profile = RF_PROFILE_FIRST;
	char text[ADDR_TEXT_MAX];

	if (device)
		profile = ruleset->devices[device - policy->devices].profile;
	list = help_list(&arrays, profile, OUT, help_addr(addr_format(addr, text)));
	if (device)
		check_lines(&arrays, &device->rules, OWN_PORT, addr, list, &at);
	check_lines(&arrays, &policy->profiles[0].rules, 1, addr, list, &at);
	if (help_line(&arrays, list, at)->flags != (LINE_ANY_PROTO | RF_RULE_DENY | RF_RULE_DEFAULT | LINE_LAST))
		fail_msg("%s: line %u is not the default", text, at);
}

static void test_random(void **state)
{
	uint64_t random = 6;

	(void)state;
	for (int i = 0; i < POLICIES; i++) {
		AUTO_POLICY struct policy *policy = random_policy(&random);
		AUTO_RULESET struct ruleset *ruleset = help_compile(policy);

		for (int k = 0; k < LOOKUPS_EACH; k++) {
			struct addr addr = random_addr(&random);

			check_list(ruleset, k % 2 ? &policy->devices[k / 2 % OWN_DEVICES] : NULL, &addr);
		}
	}
}

/* What is refused says what and where, and leaves no ruleset. */
static void check_refused(const char *text, unsigned int line, const char *message)
{
	AUTO_POLICY struct policy *policy = help_policy(text);
	AUTO_DIAGS struct diags diags = {0};
	struct ruleset_input input = {.seed = HELP_SEED};
	struct ruleset *ruleset = NULL;

	assert_int_equal(ruleset_compile(policy, &input, &diags, &ruleset), -E2BIG);
	assert_null(ruleset);
	assert_int_equal(diags.n_errors, 1);
	assert_int_equal(diags.items[0].pos.line, line);
	if (!strstr(diags.items[0].message, message))
		fail_msg("\"%s\" does not say \"%s\"", diags.items[0].message, message);
	if (line)
		assert_non_null(diags.items[0].source);
}

/* One rule of `n` ports for one destination word. */
static void print_ports(FILE *out, const char *dest, unsigned int n)
{
	fprintf(out, "      - {allow: \"%s\", proto: tcp, port: [", dest);
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? ", " : "", 2 * i + 1);
	fputs("]}\n", out);
}

static const char *const rules_head = "profiles:\n  p:\n    default: deny\n    services: []\n    rules:\n";

static void test_list_limit(void **state)
{
	struct help_text fits = {0}, over = {0}, nested = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_RULESET struct ruleset *ruleset = NULL;

	(void)state;
	help_text_open(&fits);
	fputs(rules_head, fits.out);
	print_ports(fits.out, "192.0.2.0/24", RF_LIST_RULES_MAX - 2);
	fputs("      - {allow: 192.0.2.1}\n      - {allow: 192.0.2.2}\n", fits.out);
	help_text_close(&fits);
	policy = help_policy(fits.data);
	ruleset = help_compile(policy); /* NOLINT(clang-analyzer-deadcode.DeadStores): that it compiles is the test */
	help_text_free(&fits);

	help_text_open(&over);
	fputs(rules_head, over.out);
	print_ports(over.out, "192.0.2.0/24", RF_LIST_RULES_MAX);
	help_text_close(&over);
	check_refused(over.data, 6, "at most");
	help_text_free(&over);

	/* Each rule fits; together they are too many where they meet, which the line of the second is told of. */
	help_text_open(&nested);
	fputs(rules_head, nested.out);
	print_ports(nested.out, "192.0.2.0/24", RF_LIST_RULES_MAX / 2);
	print_ports(nested.out, "192.0.2.7", RF_LIST_RULES_MAX / 2);
	help_text_close(&nested);
	check_refused(nested.data, 7, "192.0.2.7");
	help_text_free(&nested);
}

static void test_peer_list_limit(void **state)
{
	struct help_text text = {0};

	(void)state;
	help_text_open(&text);
	fputs(rules_head, text.out);
	print_ports(text.out, "device:d", RF_LIST_RULES_MAX / 2);
	print_ports(text.out, "device:d", RF_LIST_RULES_MAX / 2);
	fputs("devices: {d: {mac: \"02:00:00:00:00:01\", profile: p}}\n", text.out);
	help_text_close(&text);
	check_refused(text.data, 7, "more than");
	help_text_free(&text);
}

static void test_device_limits(void **state)
{
	(void)state;
	check_refused("profiles: {p: {default: deny}}\n"
		      "devices:\n"
		      "  d: {mac: \"02:00:00:00:00:01\", profile: p, ports: [a, b, c, d, e]}\n",
		      3, "ports");
	check_refused(
		"profiles: {p: {default: deny}}\n"
		"devices:\n"
		"  d: {mac: \"02:00:00:00:00:01\", profile: p, addresses: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, "
		"10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9]}\n",
		3, "addresses");
	check_refused(
		"profiles:\n"
		"  p: {default: deny, ethertypes: [0x88e1, 0x88e2, 0x88e3, 0x88e4, 0x88e5, 0x88e6, 0x88e7, 0x88e8, 0x88e9]}\n",
		2, "ethertypes");
	check_refused(
		"network: {gateway: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9]}\n"
		"profiles: {p: {default: deny}}\n",
		0, "gateway");
	check_refused(
		"network: {resolvers: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9]}\n"
		"profiles: {p: {default: deny}}\n",
		0, "resolvers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_list_limit),
		cmocka_unit_test(test_peer_list_limit),
		cmocka_unit_test(test_device_limits),
	};

	return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
