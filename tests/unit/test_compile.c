// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rule compiler: meaning of words, services, order, profiles, peers. Devices: test_compile_devices.c; against a naive reading of random policies: test_sweep.c.
 */
#include "ruleset_help.h"

#include <errno.h>
#include <stdlib.h>

#define UDP 17
#define TCP 6
#define ICMP 1
#define ICMPV6 58

#define OUT RF_SET_OUT
#define IN RF_SET_IN

/* A home with every service, and two profiles of the opposite default. */
static const char *const home = "network:\n"
				"  local: [192.168.1.0/24, fd00:1::/64]\n"
				"  gateway: [192.168.1.1, \"fd00:1::1\"]\n"
				"  resolvers: [192.168.1.1, 9.9.9.9]\n"
				"profiles:\n"
				"  all: {default: deny, services: [dhcp, dns, ntp, mdns, ssdp, ping], inbound: []}\n"
				"  none: {default: deny, services: []}\n"
				"  open: {default: allow, services: []}\n"
				"devices:\n"
				"  d: {mac: \"02:00:00:00:00:01\", profile: all}\n";

#define ALL RF_PROFILE_FIRST
#define NONE (RF_PROFILE_FIRST + 1)
#define OPEN (RF_PROFILE_FIRST + 2)

struct meaning {
	uint32_t profile;
	enum rf_rule_set set;
	const char *addr;
	struct help_frame frame;
	enum rf_reason reason;
};

static const struct meaning meanings[] = {
	/* dhcp: a client's messages and nothing that looks like them */
	{ALL, OUT, "255.255.255.255", {UDP, 68, 67}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.255", {UDP, 68, 67}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.1", {UDP, 68, 67}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.77", {UDP, 68, 67}, RF_REASON_SERVICE},
	{ALL, OUT, "8.8.8.8", {UDP, 68, 67}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "255.255.255.255", {UDP, 67, 68}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "255.255.255.255", {TCP, 68, 67}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "ff02::1:2", {UDP, 546, 547}, RF_REASON_SERVICE},
	{ALL, OUT, "fe80::1", {UDP, 546, 547}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "fd00:1::1", {UDP, 546, 547}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "ff02::1:3", {UDP, 546, 547}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "fe80::1", {UDP, 68, 67}, RF_REASON_DEFAULT_DENY},
	{ALL, IN, "192.168.1.1", {UDP, 67, 68}, RF_REASON_SERVICE},
	{ALL, IN, "0.0.0.0", {UDP, 67, 68}, RF_REASON_SERVICE},
	{ALL, IN, "8.8.8.8", {UDP, 67, 68}, RF_REASON_INBOUND_DENY},
	{ALL, IN, "fe80::1", {UDP, 547, 546}, RF_REASON_SERVICE},
	{ALL, IN, "2001:db8::1", {UDP, 547, 546}, RF_REASON_INBOUND_DENY},
	{NONE, OUT, "255.255.255.255", {UDP, 68, 67}, RF_REASON_DEFAULT_DENY},
	/* dns: to resolvers only */
	{ALL, OUT, "192.168.1.1", {UDP, 40000, 53}, RF_REASON_SERVICE},
	{ALL, OUT, "9.9.9.9", {TCP, 40000, 53}, RF_REASON_SERVICE},
	{ALL, OUT, "9.9.9.10", {UDP, 40000, 53}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "fd00:1::1", {UDP, 40000, 53}, RF_REASON_DEFAULT_DENY},
	{ALL, IN, "9.9.9.9", {UDP, 53, 40000}, RF_REASON_INBOUND_DENY}, /* an answer is a connection's, or nothing */
	/* ntp */
	{ALL, OUT, "8.8.8.8", {UDP, 123, 123}, RF_REASON_SERVICE},
	{ALL, OUT, "224.0.1.1", {UDP, 123, 123}, RF_REASON_SERVICE},
	{ALL, OUT, "2001:db8::1", {UDP, 50000, 123}, RF_REASON_SERVICE},
	{ALL, OUT, "8.8.8.8", {TCP, 50000, 123}, RF_REASON_DEFAULT_DENY},
	/* mdns */
	{ALL, OUT, "224.0.0.251", {UDP, 5353, 5353}, RF_REASON_SERVICE},
	{ALL, OUT, "224.0.0.252", {UDP, 5353, 5353}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "ff02::fb", {UDP, 40000, 5353}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.9", {UDP, 5353, 40000}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.9", {UDP, 40000, 5353}, RF_REASON_SERVICE},
	{ALL, OUT, "8.8.8.8", {UDP, 5353, 5353}, RF_REASON_DEFAULT_DENY},
	{ALL, IN, "192.168.1.9", {UDP, 40000, 5353}, RF_REASON_SERVICE},
	{ALL, IN, "fe80::9", {UDP, 5353, 40000}, RF_REASON_SERVICE},
	{ALL, IN, "8.8.8.8", {UDP, 5353, 40000}, RF_REASON_INBOUND_DENY},
	/* ssdp */
	{ALL, OUT, "239.255.255.250", {UDP, 40000, 1900}, RF_REASON_SERVICE},
	{ALL, OUT, "ff05::c", {UDP, 40000, 1900}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.1", {UDP, 40000, 1900}, RF_REASON_DEFAULT_DENY},
	{ALL, IN, "192.168.1.1", {UDP, 1900, 40000}, RF_REASON_SERVICE},
	{ALL, IN, "192.168.1.1", {TCP, 1900, 40000}, RF_REASON_INBOUND_DENY},
	/* ping */
	{ALL, OUT, "192.168.1.1", {ICMP, 0, 8}, RF_REASON_SERVICE},
	{ALL, OUT, "192.168.1.1", {ICMP, 0, 0}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "fe80::1", {ICMPV6, 0, 128}, RF_REASON_SERVICE},
	{ALL, OUT, "fe80::1", {ICMP, 0, 8}, RF_REASON_DEFAULT_DENY},
	{ALL, OUT, "8.8.8.8", {ICMP, 0, 8}, RF_REASON_DEFAULT_DENY},
	/* defaults; inbound absent is local */
	{OPEN, OUT, "8.8.8.8", {TCP, 1, 2}, RF_REASON_DEFAULT_ALLOW},
	{OPEN, OUT, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", {TCP, 1, 2}, RF_REASON_DEFAULT_ALLOW},
	{OPEN, IN, "192.168.1.2", {TCP, 1, 2}, RF_REASON_INBOUND},
	{OPEN, IN, "169.254.3.4", {TCP, 1, 2}, RF_REASON_INBOUND},
	{OPEN, IN, "fe80::3", {TCP, 1, 2}, RF_REASON_INBOUND},
	{OPEN, IN, "192.168.2.2", {TCP, 1, 2}, RF_REASON_INBOUND_DENY},
	{ALL, IN, "192.168.1.2", {TCP, 1, 2}, RF_REASON_INBOUND_DENY},
	/* quarantine and unknown devices */
	{RF_PROFILE_QUARANTINE, OUT, "255.255.255.255", {UDP, 68, 67}, RF_REASON_SERVICE},
	{RF_PROFILE_QUARANTINE, OUT, "192.168.1.1", {UDP, 40000, 53}, RF_REASON_QUARANTINED},
	{RF_PROFILE_QUARANTINE, OUT, "2001:db8::1", {TCP, 1, 2}, RF_REASON_QUARANTINED},
	{RF_PROFILE_QUARANTINE, IN, "192.168.1.1", {UDP, 67, 68}, RF_REASON_SERVICE},
	{RF_PROFILE_QUARANTINE, IN, "192.168.1.1", {TCP, 1, 2}, RF_REASON_QUARANTINED},
	{RF_PROFILE_UNKNOWN, OUT, "ff02::1:2", {UDP, 546, 547}, RF_REASON_SERVICE},
	{RF_PROFILE_UNKNOWN, OUT, "8.8.8.8", {TCP, 1, 2}, RF_REASON_UNKNOWN_DEVICE},
	{RF_PROFILE_UNKNOWN, IN, "fe80::1", {TCP, 1, 2}, RF_REASON_UNKNOWN_DEVICE},
};

static void test_meanings(void **state)
{
	AUTO_POLICY struct policy *policy = help_policy(home);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct help_arrays arrays = help_arrays(ruleset);

	(void)state;
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];
		const struct ruleset_line *line;

		line = help_match(&arrays, help_list(&arrays, m->profile, m->set, help_addr(m->addr)), m->frame);
		if (line->reason != m->reason)
			fail_msg("%zu: profile %u %s %s proto %u %u->%u: reason %u instead of %u", i, m->profile,
				 m->set == OUT ? "to" : "from", m->addr, m->frame.proto, m->frame.sport, m->frame.dport,
				 line->reason, m->reason);
	}
}

/* Which of the words, one rule each, cover an address: "local", "internet" ... separated by spaces. */
static void test_words(void **state)
{
	static const char *const words[] = {"any",	 "local",     "internet", "gateway",
					    "resolvers", "multicast", "broadcast"};
	static const struct {
		const char *addr, *words;
	} cases[] = {
		{"192.168.1.1", "any local gateway resolvers"},
		{"192.168.1.254", "any local"},
		{"192.168.1.255", "any broadcast"},
		{"192.168.2.1", "any internet"},
		{"10.0.0.1", "any internet"}, /* local was given: RFC 1918 means nothing */
		{"172.16.0.255", "any broadcast"},
		{"172.16.0.251", "any internet"},
		{"172.16.0.252", "any local"},
		{"172.16.2.0", "any local"}, /* a /31 has no broadcast address */
		{"172.16.2.1", "any local"},
		{"169.254.0.1", "any local"},
		{"169.254.255.255", "any broadcast"},
		{"255.255.255.255", "any broadcast"},
		{"255.255.255.254", "any internet"},
		{"0.0.0.0", "any internet"},
		{"223.255.255.255", "any internet"},
		{"224.0.0.0", "any multicast"},
		{"239.255.255.255", "any multicast"},
		{"240.0.0.0", "any internet"},
		{"9.9.9.9", "any internet resolvers"},
		{"fd00:1::1", "any local gateway"},
		{"fd00:1::ffff:ffff:ffff:ffff", "any local"},
		{"fd00:1:0:1::", "any internet"},
		{"fe80::", "any local"},
		{"febf:ffff::", "any local"},
		{"fec0::", "any internet"},
		{"ff00::", "any multicast"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "any multicast"},
		{"::", "any internet"},
	};
	static const char *const text = "network:\n"
					"  local: [192.168.1.0/24, 172.16.0.252/30, 172.16.2.0/31, \"fd00:1::/64\"]\n"
					"  gateway: [192.168.1.1, \"fd00:1::1\"]\n"
					"  resolvers: [192.168.1.1, 9.9.9.9]\n"
					"profiles:\n"
					"  p:\n"
					"    default: deny\n"
					"    services: []\n"
					"    rules:\n"
					"      - {allow: any, proto: tcp, port: 1}\n"
					"      - {allow: local, proto: tcp, port: 2}\n"
					"      - {allow: internet, proto: tcp, port: 3}\n"
					"      - {allow: gateway, proto: tcp, port: 4}\n"
					"      - {allow: resolvers, proto: tcp, port: 5}\n"
					"      - {allow: multicast, proto: tcp, port: 6}\n"
					"      - {allow: broadcast, proto: tcp, port: 7}\n"
					"devices: {d: {mac: \"02:00:00:00:00:01\", profile: p}}\n";
	AUTO_POLICY struct policy *policy = help_policy(text);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct help_arrays arrays = help_arrays(ruleset);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t list = help_list(&arrays, RF_PROFILE_FIRST, OUT, help_addr(cases[i].addr));
		char got[128] = "";

		for (uint16_t port = 1; port <= 7; port++) {
			struct help_frame frame = {TCP, 40000, port};

			if (help_match(&arrays, list, frame)->reason != RF_REASON_RULE)
				continue;
			strcat(got, got[0] ? " " : "");
			strcat(got, words[port - 1]);
		}
		if (strcmp(got, cases[i].words) != 0)
			fail_msg("%s is \"%s\", not \"%s\"", cases[i].addr, got, cases[i].words);
	}
}

/* Services before device rules before profile rules before the default; ids ascend; first match decides. */
static void test_order(void **state)
{
	static const char *const text = "network: {gateway: [192.168.1.1]}\n"
					"profiles:\n"
					"  p:\n"
					"    default: allow\n"
					"    services: [dns]\n"
					"    rules:\n"
					"      - {deny: any, log: false}\n" /* line 7 */
					"devices:\n"
					"  own:\n"
					"    mac: \"02:00:00:00:00:01\"\n"
					"    profile: p\n"
					"    rules:\n"
					"      - {deny: 192.168.1.1, proto: udp}\n" /* line 13 */
					"      - {allow: 203.0.113.7, proto: [udp, sctp], port: [1, 5-7]}\n"
					"  plain: {mac: \"02:00:00:00:00:02\", profile: p}\n";
	AUTO_POLICY struct policy *policy = help_policy(text);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct help_arrays arrays = help_arrays(ruleset);
	const struct rf_device_slot *own = help_device(&arrays, 0x020000000001);
	const struct rf_device_slot *plain = help_device(&arrays, 0x020000000002);
	const struct ruleset_line *line;
	uint32_t list;

	(void)state;
	assert_non_null(own);
	assert_non_null(plain);
	assert_int_equal(plain->profile, RF_PROFILE_FIRST);
	assert_int_equal(own->profile, RF_PROFILE_FIRST + 1);
	assert_int_equal(arrays.profiles[own->profile].root4[IN], arrays.profiles[plain->profile].root4[IN]);

	list = help_list(&arrays, own->profile, OUT, help_addr("192.168.1.1"));
	for (uint32_t i = 1; i < 5; i++)
		assert_true(help_line(&arrays, list, i)->id >= help_line(&arrays, list, i - 1)->id);
	assert_int_equal(help_match(&arrays, list, (struct help_frame){UDP, 9, 53})->reason, RF_REASON_SERVICE);
	line = help_match(&arrays, list, (struct help_frame){UDP, 9, 54});
	assert_int_equal(line->reason, RF_REASON_RULE_DENY);
	assert_int_equal(line->flags, RF_RULE_DENY);
	assert_int_equal(ruleset->rules[line->id].line, 13);
	line = help_match(&arrays, list, (struct help_frame){TCP, 9, 54});
	assert_int_equal(ruleset->rules[line->id].line, 7);
	assert_int_equal(line->flags, RF_RULE_DENY | RF_RULE_QUIET | LINE_ANY_PROTO);

	list = help_list(&arrays, own->profile, OUT, help_addr("203.0.113.7"));
	line = help_match(&arrays, list, (struct help_frame){132, 9, 7});
	assert_int_equal(line->reason, RF_REASON_RULE);
	assert_int_equal(line->id, help_match(&arrays, list, (struct help_frame){UDP, 9, 1})->id);
	assert_int_equal(help_match(&arrays, list, (struct help_frame){UDP, 9, 8})->reason, RF_REASON_RULE_DENY);
	assert_int_equal(help_line(&arrays, list, 5)->flags, LINE_ANY_PROTO | RF_RULE_DEFAULT | LINE_LAST);
	assert_int_equal(help_line(&arrays, list, 5)->reason, RF_REASON_DEFAULT_ALLOW);

	list = help_list(&arrays, plain->profile, OUT, help_addr("203.0.113.7"));
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 0)->id].line, 7);
}

static void test_peers(void **state)
{
	static const char *const text = "profiles:\n"
					"  p:\n"
					"    default: deny\n"
					"    services: [dhcp]\n"
					"    rules:\n"
					"      - {allow: device:a, proto: tcp, port: 80}\n"  /* line 6 */
					"      - {deny: [group:g, 192.0.2.1], proto: udp}\n" /* line 7 */
					"      - {allow: group:g}\n"
					"    inbound:\n"
					"      - {allow: device:b}\n"
					"  q: {default: deny, inbound: []}\n"
					"devices:\n"
					"  a: {mac: \"02:00:00:00:00:01\", profile: p}\n"
					"  b: {mac: \"02:00:00:00:00:02\", profile: p}\n"
					"  c: {mac: \"02:00:00:00:00:03\", profile: q}\n"
					"groups: {g: [b, a]}\n";
	AUTO_POLICY struct policy *policy = help_policy(text);
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	struct help_arrays arrays = help_arrays(ruleset);
	const uint32_t p = RF_PROFILE_FIRST, q = RF_PROFILE_FIRST + 1;
	uint32_t a = ruleset->devices[0].index, b = ruleset->devices[1].index, c = ruleset->devices[2].index;
	uint32_t list;

	(void)state;
	assert_int_equal(arrays.profiles[p].flags, RF_PROFILE_PEERS_OUT | RF_PROFILE_PEERS_IN);
	assert_int_equal(arrays.profiles[q].flags, 0);
	list = help_peer(&arrays, p, OUT, a);
	assert_int_not_equal(list, UINT32_MAX);
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 0)->id].line, 6);
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 1)->id].line, 7);
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 2)->id].line, 8);
	assert_int_equal(help_line(&arrays, list, 3)->flags & RF_RULE_DEFAULT, RF_RULE_DEFAULT);
	list = help_peer(&arrays, p, OUT, b);
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 0)->id].line, 7);
	assert_int_equal(help_match(&arrays, list, (struct help_frame){TCP, 1, 80})->reason, RF_REASON_RULE);
	assert_int_equal(help_peer(&arrays, p, OUT, c), UINT32_MAX);
	assert_int_equal(help_peer(&arrays, p, IN, a), UINT32_MAX);
	list = help_peer(&arrays, p, IN, b);
	assert_int_equal(help_line(&arrays, list, 0)->reason, RF_REASON_INBOUND);
	assert_int_equal(help_line(&arrays, list, 1)->reason, RF_REASON_INBOUND_DENY);
	assert_int_equal(help_peer(&arrays, q, OUT, a), UINT32_MAX);

	/* by MAC only: no address has it, but where the rule names one too */
	list = help_list(&arrays, p, OUT, help_addr("192.0.2.1"));
	assert_int_equal(ruleset->rules[help_line(&arrays, list, 0)->id].line, 7);
	list = help_list(&arrays, p, OUT, help_addr("192.0.2.2"));
	assert_int_equal(help_line(&arrays, list, 0)->reason, RF_REASON_DEFAULT_DENY);
}

static void test_rule_texts(void **state)
{
	AUTO_POLICY struct policy *policy =
		help_policy("profiles:\n"
			    "  p:\n"
			    "    default: deny\n"
			    "    rules:\n"
			    "      - {allow: 192.0.2.1, proto: tcp, port: 443, note: hi}\n");
	AUTO_RULESET struct ruleset *ruleset = help_compile(policy);
	uint32_t seen = 0;

	(void)state;
	for (uint32_t id = 0; id < ruleset->n_rules; id++) {
		AUTO_FREE char *where = NULL, *text = NULL;

		assert_int_equal(ruleset_rule_where(ruleset, id, &where), 0);
		assert_int_equal(ruleset_rule_text(ruleset, id, &text), 0);
		assert_true(strlen(text) > 0);
		if (!where)
			continue;
		seen++;
		assert_string_equal(where, "test.yaml:5");
		assert_string_equal(text, "{allow: 192.0.2.1, proto: tcp, port: 443, note: hi}");
	}
	assert_int_equal(seen, 1);
	assert_int_equal(ruleset_rule_where(ruleset, ruleset->n_rules, NULL), -EINVAL);
	assert_int_equal(ruleset_rule_text(ruleset, UINT32_MAX, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings), cmocka_unit_test(test_words),	    cmocka_unit_test(test_order),
		cmocka_unit_test(test_peers),	 cmocka_unit_test(test_rule_texts),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
