// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large policies: they compile, every device and prefix finds its rules, and what they cost is printed (times are not judged).
 */
#include "ruleset_help.h"

#include <sys/resource.h>

#define OUT RF_SET_OUT

static const char *const rules_head = "profiles:\n  p:\n    default: deny\n    services: []\n    rules:\n";

static long peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static struct ruleset *timed_compile(const char *what, const struct policy *policy)
{
	double start = help_seconds();
	struct ruleset *ruleset = help_compile(policy);

	print_message("%s: %.0f ms, peak %ld MiB, %u nodes, %u chunks\n", what, (help_seconds() - start) * 1000,
		      peak_kib() / 1024, ruleset->n_nodes, ruleset->n_chunks);
	return ruleset;
}

#define MANY_PREFIXES 100000
#define MANY_DEVICES 50000

/* Every second /24 of 16.0.0.0/5 ..., each found, and none of those between. */
static void test_many_prefixes(void **state)
{
	struct help_text text = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct help_arrays arrays;

	(void)state;
	help_text_open(&text);
	fputs(rules_head, text.out);
	fputs("      - proto: tcp\n        allow:\n", text.out);
	for (unsigned int i = 0; i < MANY_PREFIXES; i++)
		fprintf(text.out, "        - %u.%u.%u.0/24\n", 16 + (i >> 15), i >> 7 & 255, i << 1 & 255);
	help_text_close(&text);
	policy = help_policy(text.data);
	help_text_free(&text);
	ruleset = timed_compile("100000 prefixes in one rule", policy);
	arrays = help_arrays(ruleset);
	for (uint64_t i = 0; i < MANY_PREFIXES; i++) {
		struct rf_addr in = {.lo = RF_ADDR_V4_MAPPED | (0x10000000 + (i << 9))};
		struct rf_addr last = {.lo = in.lo + 255}, out = {.lo = in.lo + 256};
		uint32_t list = help_list(&arrays, RF_PROFILE_FIRST, OUT, in);

		assert_int_equal(help_line(&arrays, list, 0)->reason, RF_REASON_RULE);
		assert_int_equal(help_list(&arrays, RF_PROFILE_FIRST, OUT, last), list);
		list = help_list(&arrays, RF_PROFILE_FIRST, OUT, out);
		assert_int_equal(help_line(&arrays, list, 0)->reason, RF_REASON_DEFAULT_DENY);
	}
}

static void many_devices(bool own)
{
	struct help_text text = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct help_arrays arrays;

	help_text_open(&text);
	fputs(rules_head, text.out);
	fputs("      - {allow: local, proto: tcp, port: [80, 443]}\ndevices:\n", text.out);
	for (unsigned int i = 0; i < MANY_DEVICES; i++) {
		fprintf(text.out, "  d%u: {mac: \"02:00:00:%02x:%02x:%02x\", profile: p", i, i >> 16, i >> 8 & 255,
			i & 255);
		if (own)
			fprintf(text.out, ", rules: [{allow: 100.%u.%u.1, proto: tcp, port: 443}]", i >> 8, i & 255);
		fputs("}\n", text.out);
	}
	help_text_close(&text);
	policy = help_policy(text.data);
	help_text_free(&text);
	ruleset = timed_compile(own ? "50000 devices with own rules" : "50000 devices, one profile", policy);
	arrays = help_arrays(ruleset);
	for (uint64_t i = 0; i < MANY_DEVICES; i++) {
		const struct rf_device_slot *slot = help_device(&arrays, 0x020000000000 | i);
		struct rf_addr addr = {.lo = RF_ADDR_V4_MAPPED | (0x64000001 + (i << 8))};
		uint32_t list;

		assert_non_null(slot);
		list = help_list(&arrays, slot->profile, OUT, addr);
		assert_int_equal(help_line(&arrays, list, 0)->reason, own ? RF_REASON_RULE : RF_REASON_DEFAULT_DENY);
		addr.lo += 256; /* its neighbour's */
		list = help_list(&arrays, slot->profile, OUT, addr);
		assert_int_equal(help_line(&arrays, list, 0)->reason, RF_REASON_DEFAULT_DENY);
	}
}

static void test_many_devices(void **state)
{
	(void)state;
	many_devices(false);
}

static void test_many_own_rules(void **state)
{
	(void)state;
	many_devices(true);
}

#define LARGE_PREFIXES 200

/* A device's own rule costs as much on a large profile as on a small one: all share the profile's tree. */
static void test_own_rules_share(void **state)
{
	struct help_text text = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct help_arrays arrays;

	(void)state;
	help_text_open(&text);
	fputs(rules_head, text.out);
	for (unsigned int i = 0; i < LARGE_PREFIXES; i++)
		fprintf(text.out, "      - {allow: 203.0.%u.0/25, proto: tcp, port: %u}\n", i, i + 1);
	fputs("devices:\n", text.out);
	for (unsigned int i = 0; i < MANY_DEVICES; i++)
		fprintf(text.out,
			"  d%u: {mac: 02:00:00:%02x:%02x:%02x, profile: p, rules: [{allow: 203.0.%u.%u, proto: udp}]}\n",
			i, i >> 16, i >> 8 & 255, i & 255, i % LARGE_PREFIXES, i / LARGE_PREFIXES);
	help_text_close(&text);
	policy = help_policy(text.data);
	help_text_free(&text);
	ruleset = timed_compile("50000 devices with own rules on 200 prefixes", policy);
	arrays = help_arrays(ruleset);
	assert_true(ruleset->n_nodes < 5 * MANY_DEVICES);
	for (uint32_t i = 0; i < MANY_DEVICES; i++) {
		uint32_t net = i % LARGE_PREFIXES, host = i / LARGE_PREFIXES, profile = ruleset->devices[i].profile;
		struct rf_addr addr = {.lo = RF_ADDR_V4_MAPPED | 0xcb000000 | net << 8 | host};
		uint32_t list = help_list(&arrays, profile, OUT, addr);

		/* Its own, then the profile's if the prefix covers it; a neighbour has only the profile's. */
		assert_int_equal(help_line(&arrays, list, 0)->proto, 17);
		assert_int_equal(help_line(&arrays, list, 1)->dport_lo, host < 128 ? net + 1 : 0);
		addr.lo ^= 1;
		list = help_list(&arrays, profile, OUT, addr);
		assert_int_equal(help_line(&arrays, list, 0)->dport_lo, host < 128 ? net + 1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_devices),
		cmocka_unit_test(test_many_own_rules),
		cmocka_unit_test(test_many_prefixes),
		cmocka_unit_test(test_own_rules_share),
	};

	return cmocka_run_group_tests_name("compile_large", tests, NULL, NULL);
}
