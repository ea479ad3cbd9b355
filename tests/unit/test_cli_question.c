// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/cli/question.c and question_frame.c: what explain asks, and the frames it is turned into, read back by the core's own parsers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/cli/facts.h"
#include "../../user/cli/question.h"

static const char text[] = "network: {local: [192.168.1.0/24, fd00:1::/64], gateway: [192.168.1.1]}\n"
			   "profiles:\n"
			   "  p: {default: deny, rules: [{allow: a.example}]}\n"
			   "devices:\n"
			   "  cam: {mac: \"02:00:00:00:00:01\", profile: p, addresses: [192.168.1.7]}\n"
			   "  nvr: {mac: \"02:00:00:00:00:02\", profile: p}\n";

static struct policy *policy;

static int set_up(void **state)
{
	struct diags diags = {0};
	int r = policy_read_text("test", text, sizeof(text) - 1, &diags, &policy);

	(void)state;
	diags_free(&diags);
	return r;
}

static int tear_down(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

static int ask(const char *device, const char *service, const char *dest, bool inbound, struct question *ret_question)
{
	const struct question_text words = {.device = device, .service = service, .dest = dest, .inbound = inbound};
	const struct question_machine machine = {0};

	return question_read(&words, policy, &machine, ret_question);
}

static void expect_ends(const struct facts *facts, const char *src, const char *dst)
{
	char buf[ADDR_TEXT_MAX];

	assert_string_equal(addr_format(&facts->src, buf), src);
	assert_string_equal(addr_format(&facts->dst, buf), dst);
}

/* The frame of a question, read by the core. */
static struct facts frame_of(const char *service, const char *dest, bool inbound)
{
	static uint8_t bytes[QUESTION_FRAME_MAX];
	struct question question;
	struct capture_frame frame;
	struct facts facts;

	assert_int_equal(ask("cam", service, dest, inbound, &question), CLI_DONE);
	question_frame(&question, bytes, &frame);
	facts_read(&frame, &facts);
	assert_true(facts.whole);
	return facts;
}

static void test_protocols(void **state)
{
	static const struct {
		const char *service;
		uint8_t proto;
		uint16_t dport;
	} cases[] = {{"tcp/443", 6, 443}, {"udp/32100", 17, 32100}, {"udp/53", 17, 53},
		     {"sctp/7", 132, 7},  {"icmp", 1, 0},	    {"igmp", 2, 0},
		     {"gre", 47, 0},	  {"esp", 50, 0},	    {"99", 99, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts facts = frame_of(cases[i].service, "203.0.113.9", false);

		assert_int_equal(facts.l3, 4);
		assert_int_equal(facts.proto, cases[i].proto);
		assert_int_equal(facts.dport, cases[i].dport);
		assert_int_equal(facts.ports, cases[i].dport != 0);
		expect_ends(&facts, "192.168.1.7", "203.0.113.9");
	}
}

static void test_addresses(void **state)
{
	struct facts facts = frame_of("tcp/80", "2001:db8::1", false);

	(void)state;
	assert_int_equal(facts.l3, 6);
	expect_ends(&facts, "fd00:1::fa", "2001:db8::1");
	facts = frame_of("icmpv6", "fe80::1", false);
	assert_int_equal(facts.proto, 58);
	facts = frame_of("tcp/80", "203.0.113.9", true);
	expect_ends(&facts, "203.0.113.9", "192.168.1.7");
	assert_int_equal(facts.dport, 80);
	facts = frame_of("udp/67", "broadcast", false);
	assert_int_equal(facts.sport, 68);
	expect_ends(&facts, "192.168.1.7", "255.255.255.255");
	facts = frame_of("udp/53", "gateway", false);
	expect_ends(&facts, "192.168.1.7", "192.168.1.1");
}

/* Who on the link the frame goes to. */
static void test_macs(void **state)
{
	static const struct {
		const char *dest;
		uint8_t mac[MAC_BYTES];
	} cases[] = {
		{"239.255.255.250", {0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa}},
		{"ff02::fb", {0x33, 0x33, 0x00, 0x00, 0x00, 0xfb}},
		{"broadcast", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"device:nvr", {0x02, 0x00, 0x00, 0x00, 0x00, 0x02}},
		{"192.168.1.7", {0x02, 0x00, 0x00, 0x00, 0x00, 0x01}},
	};
	struct question question;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask("cam", "udp/5353", cases[i].dest, false, &question), CLI_DONE);
		assert_memory_equal(question.remote.mac.bytes, cases[i].mac, MAC_BYTES);
	}
}

static void test_name(void **state)
{
	/* RFC 1035 4.1: id, flags, one question, one answer; a.example A IN. */
	static const uint8_t want[] = {0x72, 0x66, 0x81, 0x80, 0,   1,	      0,	  1, 0, 0,   0, 0, 1,	 'a', 7,
				       'e',  'x',  'a',	 'm',  'p', 'l',      'e',	  0, 0, 1,   0, 1, 0xc0, 12,  0,
				       1,    0,	   1,	 0,    0,   300 >> 8, 300 & 0xff, 0, 4, 192, 0, 2, 1};
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct question question;
	struct capture_frame frame;
	struct facts facts;

	(void)state;
	assert_int_equal(ask("cam", "tcp/443", "A.Example.", false, &question), CLI_DONE);
	assert_string_equal(question.name, "a.example");
	question_ask_frame(&question, bytes, &frame);
	facts_read(&frame, &facts);
	assert_true(facts.whole);
	expect_ends(&facts, "192.168.1.7", "192.168.1.1");
	assert_int_equal(facts.dport, 53);
	question_answer_frame(&question, bytes, &frame);
	facts_read(&frame, &facts);
	expect_ends(&facts, "192.168.1.1", "192.168.1.7");
	assert_int_equal(facts.sport, 53);
	assert_int_equal(frame.cap_len, 14 + 20 + 8 + sizeof(want));
	assert_memory_equal(bytes + 14 + 20 + 8, want, sizeof(want));
}

static void test_longest_name(void **state)
{
	char name[QUESTION_NAME_MAX];
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct question question;
	struct capture_frame frame;
	struct facts facts;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	for (size_t i = 63; i < sizeof(name) - 1; i += 64)
		name[i] = '.';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(ask("cam", "tcp/443", name, false, &question), CLI_DONE);
	question_answer_frame(&question, bytes, &frame);
	assert_true(frame.cap_len <= sizeof(bytes));
	facts_read(&frame, &facts);
	assert_true(facts.whole);
}

static void test_refused(void **state)
{
	static const char *const cases[][3] = {
		{"cam", "tcp", "192.0.2.1"},	    {"cam", "icmp/8", "192.0.2.1"}, {"cam", "tcp/65536", "192.0.2.1"},
		{"cam", "256", "192.0.2.1"},	    {"cam", "tcp/1", "1.2.3"},	    {"cam", "tcp/1", "any"},
		{"cam", "tcp/1", "192.168.1.0/24"}, {"cam", "tcp/1", "*.example"},  {"cam", "tcp/1", ""},
		{"cam", "icmpv6", "192.0.2.1"},	    {"cam", "icmp", "2001:db8::1"}, {"cam", "tcp/1", "a..example"},
	};
	struct question question;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(ask(cases[i][0], cases[i][1], cases[i][2], false, &question), CLI_MISUSE);
	assert_int_equal(ask("nobody", "tcp/1", "192.0.2.1", false, &question), CLI_NO);
	assert_int_equal(ask("cam", "tcp/1", "device:nobody", false, &question), CLI_NO);
	assert_int_equal(ask("02:00:00:00:00:77", "tcp/1", "192.0.2.1", false, &question), CLI_DONE);
	assert_null(question.device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protocols), cmocka_unit_test(test_addresses),    cmocka_unit_test(test_macs),
		cmocka_unit_test(test_name),	  cmocka_unit_test(test_longest_name), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
