// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/doctor: services of the machine that the policy lets devices use, and what the policy leaves open; each with what is looked for, and without.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "doctor_help.h"

/* ---- services ----------------------------------------------------------------------------------------------------- */

/* The camera may, by IPv4. */
static int reach_v4(void *context, const struct policy_device *device, const struct addr *addr, uint8_t proto,
		    uint16_t port)
{
	(void)context, (void)proto, (void)port;
	return device && addr_is_v4(addr);
}

static struct listener listener(uint8_t proto, uint16_t port, const char *owner)
{
	struct listener made = {.proto = proto, .port = port, .pid = 12, .v4 = true, .v6 = true};

	snprintf(made.owner, sizeof(made.owner), "%s", owner);
	return made;
}

static void test_port_mapper(void **state)
{
	struct listener items[2] = {listener(IPPROTO_UDP, 5351, "igd"), listener(IPPROTO_TCP, 5000, "igd")};
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.listeners = (struct listeners){.items = items, .n = 2};
	expect(&home, WAY_port_mapper, SEVERITY_OK, NULL); /* nobody may */
	home.survey.reach = reach_v4;
	assert_non_null(strstr(expect(&home, WAY_port_mapper, SEVERITY_WARNING, "cam")->seen,
			       "igd (pid 12, udp/5351, tcp/5000)"));
	expect(&home, WAY_proxy, SEVERITY_OK, NULL);
	/* By IPv6 only, on loopback, or bound to another link. */
	items[0].v4 = items[1].v4 = false;
	expect(&home, WAY_port_mapper, SEVERITY_OK, NULL);
	items[0].v4 = items[1].v4 = true;
	items[0].addr = items[1].addr = address("127.0.0.1");
	expect(&home, WAY_port_mapper, SEVERITY_OK, NULL);
	items[0].addr = items[1].addr = (struct addr){0};
	items[0].ifindex = items[1].ifindex = 4;
	expect(&home, WAY_port_mapper, SEVERITY_OK, NULL);
	home.survey.listeners_err = -ENOENT;
	expect(&home, WAY_port_mapper, SEVERITY_UNKNOWN, NULL);
	move_out(&home);
}

static void test_proxy_and_reflector(void **state)
{
	struct listener items[2] = {listener(IPPROTO_TCP, 8080, "httpd"), listener(IPPROTO_UDP, 5353, "avahi-daemon")};
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.listeners = (struct listeners){.items = items, .n = 2};
	home.survey.reach = reach_v4;
	expect(&home, WAY_proxy, SEVERITY_OK, NULL);
	strcpy(items[0].owner, "tinyproxy");
	expect(&home, WAY_proxy, SEVERITY_WARNING, "cam");
	strcpy(items[0].owner, "httpd");
	items[0].port = 3128;
	expect(&home, WAY_proxy, SEVERITY_WARNING, "cam");
	expect(&home, WAY_reflector, SEVERITY_OK, NULL);
	home.survey.avahi_reflects = true;
	expect(&home, WAY_reflector, SEVERITY_WARNING, "cam");
	move_out(&home);
}

/* ---- the router --------------------------------------------------------------------------------------------------- */

#define WITH_GATEWAY(gateway, rule)                                                                                    \
	"attach: {bridge: br0}\nnetwork: {local: [192.168.1.0/24]" gateway                                             \
	"}\nprofiles:\n  p: {default: deny, services: [dhcp], "                                                        \
	"rules: [" rule "]}\ndevices:\n  cam: {mac: \"02:00:00:00:00:01\", profile: p}\n"

static void test_gateway_addresses(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.addresses[1] = (struct address){1, address("fd00::1"), 64};
	home.addresses[2] = (struct address){4, address("fe80::4"), 64}; /* of another link */
	home.survey.addresses.n = 3;
	expect(&home, WAY_gateway, SEVERITY_OK, NULL); /* nobody denies the gateway */
	set_policy(&home, WITH_GATEWAY(", gateway: [192.168.1.1]", "{deny: gateway}"));
	expect(&home, WAY_gateway, SEVERITY_WARNING, "fd00::1");
	set_policy(&home, WITH_GATEWAY(", gateway: [192.168.1.1, fd00::1]", "{deny: gateway}"));
	expect(&home, WAY_gateway, SEVERITY_OK, NULL);
	set_policy(&home, WITH_GATEWAY("", "{deny: gateway}")); /* the bridge's own */
	expect(&home, WAY_gateway, SEVERITY_OK, NULL);
	set_policy(&home, WITH_GATEWAY(", gateway: [192.168.1.9]", "{deny: gateway}")); /* another machine */
	expect(&home, WAY_gateway, SEVERITY_OK, NULL);
	move_out(&home);
}

static void test_router_mac(void **state)
{
	struct neighbour neighbour = {3, address("192.168.1.9"), {{2, 0, 0, 0, 0, 9}}};
	struct home home;

	(void)state;
	move_in(&home);
	set_policy(&home, WITH_GATEWAY(", gateway: [192.168.1.9]", "{allow: 203.0.113.7}"));
	expect(&home, WAY_router_mac, SEVERITY_ADVICE, "192.168.1.9");
	home.survey.neighbours = (struct neighbours){&neighbour, 1, 1, 0};
	assert_non_null(
		strstr(expect(&home, WAY_router_mac, SEVERITY_WARNING, "192.168.1.9")->close, "02:00:00:00:00:09"));
	set_policy(
		&home,
		WITH_GATEWAY(
			", gateway: [192.168.1.9]",
			"{allow: 203.0.113.7}") "  router: {mac: \"02:00:00:00:00:09\", profile: p, ports: [nowhere]}\n");
	expect(&home, WAY_router_mac, SEVERITY_OK, NULL);
	move_out(&home);
}

/* ---- the policy --------------------------------------------------------------------------------------------------- */

#define PROFILE(text) "profiles:\n  p: {" text "}\ndevices:\n  cam: {mac: \"02:00:00:00:00:01\", profile: p}\n"
#define RULES(text) PROFILE("default: deny, services: [dhcp], rules: [" text "]")

static void test_policies(void **state)
{
	static const struct {
		enum way way;
		enum severity severity;
		const char *about, *text, *without;
	} cases[] = {
		{WAY_unknown, SEVERITY_OPEN, "", "unknown: monitor\n" RULES(""), RULES("")},
		{WAY_unknown, SEVERITY_OPEN, "q", "unknown: q\nprofiles: {p: {default: deny}, q: {default: allow}}\n",
		 RULES("")},
		{WAY_unknown, SEVERITY_WARNING, "p", "unknown: p\n" RULES(""), RULES("")},
		{WAY_wide_rules, SEVERITY_ADVICE, "test:2", RULES("{allow: internet}"),
		 RULES("{allow: internet, proto: tcp, port: 80}, {deny: any}, {allow: any, proto: igmp}")},
		{WAY_wide_rules, SEVERITY_ADVICE, "test:2", RULES("{allow: any, proto: udp}"), RULES("{allow: local}")},
		{WAY_web, SEVERITY_ADVICE, "test:2", RULES("{allow: any, proto: tcp, port: 400-500}"),
		 RULES("{allow: a.example, proto: tcp, port: 443}")},
		{WAY_default_allow, SEVERITY_ADVICE, "p", PROFILE("default: allow"),
		 /* Nobody has it. */
		 "profiles: {p: {default: deny}, q: {default: allow}}\ndevices:\n  cam: {mac: \"02:00:00:00:00:01\", "
		 "profile: p}\n"},
		{WAY_any_names, SEVERITY_ADVICE, "p", PROFILE("default: deny"), PROFILE("default: deny, dns: listed")},
		{WAY_wildcards, SEVERITY_ADVICE, "test:2", RULES("{allow: \"*.example\"}"),
		 RULES("{allow: a.example}")},
		{WAY_name_owner, SEVERITY_ADVICE, "test:2", RULES("{allow: a.example}"),
		 RULES("{deny: local}, {allow: a.example}")},
		{WAY_name_owner, SEVERITY_ADVICE, "test:2", RULES("{deny: local, proto: tcp}, {allow: a.example}"),
		 RULES("{allow: 203.0.113.1}")},
		{WAY_shared, SEVERITY_ADVICE, "test:2", RULES("{allow: a.example}"), RULES("")},
		{WAY_embedded, SEVERITY_ADVICE, "test:2", RULES("{deny: 203.0.113.0/24}, {allow: internet}"),
		 RULES("{deny: [203.0.113.0/24, 64:ff9b::/96]}, {allow: internet}")},
		{WAY_ntp, SEVERITY_ADVICE, "p", PROFILE("default: deny, services: [ntp]"), RULES("")},
		{WAY_ping, SEVERITY_ADVICE, "test:2", RULES("{allow: 203.0.113.1, proto: icmp}"),
		 RULES("{allow: local, proto: icmp}")},
		{WAY_mdns, SEVERITY_ADVICE, "p", PROFILE("default: deny, services: [mdns]"), RULES("")},
		{WAY_llc, SEVERITY_ADVICE, "p", PROFILE("default: deny, ethertypes: [llc]"),
		 PROFILE("default: deny, ethertypes: [0x88e1]")},
		{WAY_between, SEVERITY_ADVICE, "test:2", RULES("{allow: device:cam}"), RULES("{deny: device:cam}")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home home;

		move_in(&home);
		set_policy(&home, cases[i].text);
		expect(&home, cases[i].way, cases[i].severity, cases[i].about);
		set_policy(&home, cases[i].without);
		expect(&home, cases[i].way, SEVERITY_OK, NULL);
		move_out(&home);
	}
}

static void test_devices(void **state)
{
	static const char text[] =
		"profiles: {p: {default: deny}, q: {default: allow}}\n"
		"devices:\n"
		"  a: {mac: \"02:00:00:00:00:01\", profile: p, mode: off, addresses: [192.168.1.31]}\n"
		"  b: {mac: \"02:00:00:00:00:02\", profile: p, mode: monitor, ports: [lan1]}\n"
		"  c: {mac: \"02:00:00:00:00:03\", profile: q, addresses: [192.168.1.30]}\n"
		"  d: {mac: \"02:00:00:00:00:04\", profile: q, mode: quarantine, addresses: [192.168.1.0/24]}\n";
	struct home home;

	(void)state;
	move_in(&home);
	set_policy(&home, text);
	expect(&home, WAY_modes, SEVERITY_WARNING, "a and b");
	expect(&home, WAY_clones, SEVERITY_ADVICE, "a and c");
	expect(&home, WAY_addresses, SEVERITY_ADVICE, "b");
	expect(&home, WAY_broadcast, SEVERITY_ADVICE, "a");
	move_out(&home);
}

/* Rules of a device itself count, too. */
static void test_own_rules(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	set_policy(&home,
		   "profiles: {p: {default: deny}}\ndevices:\n  cam: {mac: \"02:00:00:00:00:01\", profile: p, rules: "
		   "[{allow: internet}]}\n");
	expect(&home, WAY_wide_rules, SEVERITY_ADVICE, "test:3");
	move_out(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port_mapper),	  cmocka_unit_test(test_proxy_and_reflector),
		cmocka_unit_test(test_gateway_addresses), cmocka_unit_test(test_router_mac),
		cmocka_unit_test(test_policies),	  cmocka_unit_test(test_devices),
		cmocka_unit_test(test_own_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
