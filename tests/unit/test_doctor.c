// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/doctor: each check on a made-up machine that has what it looks for, and on one that has not.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/if_ether.h>

#include "../../user/doctor/doctor.h"

/* A home where nothing is to be found: a bridge with two inside ports and an uplink, all policed, and a tight policy. */
static const char tight[] =
	"attach: {bridge: br0, uplinks: [wan]}\n"
	"network: {local: [192.168.1.0/24], gateway: [192.168.1.1]}\n"
	"profiles:\n"
	"  p: {default: deny, services: [dhcp], rules: [{allow: 203.0.113.7, proto: tcp, port: 443}]}\n"
	"devices:\n"
	"  cam: {mac: \"02:00:00:00:00:01\", profile: p, ports: [lan1], addresses: [192.168.1.7]}\n";

#define LINKS 4
enum { BRIDGE, LAN1, LAN2, WAN };

struct home {
	struct survey survey;
	struct policy *policy;
	struct link links[LINKS + 2];
	struct survey_port ports[3];
	struct address addresses[3];
	struct findings findings;
};

static struct addr address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, &addr), ADDR_OK);
	return addr;
}

static struct policy *policy_of(const char *text)
{
	struct diags diags = {0};
	struct policy *policy = NULL;

	if (policy_read_text("test", text, strlen(text), &diags, &policy))
		diags_print(&diags, stderr);
	assert_non_null(policy);
	diags_free(&diags);
	return policy;
}

/* Nobody may; who has to be able to, says so. */
static int reach_none(void *context, const struct policy_device *device, const struct addr *addr, uint8_t proto,
		      uint16_t port)
{
	(void)context, (void)device, (void)addr, (void)proto, (void)port;
	return 0;
}

static void set_policy(struct home *home, const char *text)
{
	policy_free(home->policy);
	home->policy = policy_of(text);
	home->survey.policy = home->policy;
}

static void move_in(struct home *home)
{
	static const char *const names[LINKS] = {"br0", "lan1", "lan2", "wan"};

	memset(home, 0, sizeof(*home));
	for (uint32_t i = 0; i < LINKS; i++) {
		home->links[i] = (struct link){.ifindex = i + 1, .master = i ? 1 : 0, .running = true};
		strcpy(home->links[i].name, names[i]);
	}
	for (int i = 0; i < 3; i++)
		home->ports[i] = (struct survey_port){.link = &home->links[LAN1 + i],
						      .role = i < 2 ? SURVEY_INSIDE : SURVEY_UPLINK};
	for (int i = 0; i < 2; i++)
		home->ports[i].hooks = (struct hooks){.from = HOOK_TCX, .to = HOOK_TCX, .from_id = 1, .to_id = 2};
	home->addresses[0] = (struct address){1, address("192.168.1.1"), ADDR_V4_BITS + 24};
	home->survey = (struct survey){
		.pin_dir = "/pins",
		.daemon = true,
		.policy_path = "policy.yaml",
		.reach = reach_none,
		.links = {home->links, LINKS, LINKS, 0},
		.addresses = {.items = home->addresses, .n = 1},
		.ports = home->ports,
		.n_ports = 3,
		.bridges = {1},
		.n_bridges = 1,
		.init = SURVEY_INIT_SYSTEMD,
		.enabled = true,
	};
	set_policy(home, tight);
}

static void move_out(struct home *home)
{
	findings_free(&home->findings);
	policy_free(home->policy);
}

static void look(struct home *home)
{
	findings_free(&home->findings);
	assert_int_equal(doctor_run(&home->survey, &home->findings), 0);
}

/* The only finding of this way. */
static const struct finding *only(const struct home *home, enum way way)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < home->findings.n; i++) {
		if (home->findings.items[i].way != way)
			continue;
		if (found)
			fail_msg("%s is told twice", way_key(way));
		found = &home->findings.items[i];
	}
	if (!found)
		fail_msg("%s is not told", way_key(way));
	return found;
}

static const struct finding *expect(struct home *home, enum way way, enum severity severity, const char *about)
{
	const struct finding *finding;
	char names[FINDING_NAMES_MAX];

	look(home);
	finding = only(home, way);
	if (finding->severity != severity)
		fail_msg("%s is %s, not %s: %s", way_key(way), severity_text(finding->severity),
			 severity_text(severity), finding->seen ?: "");
	if (about)
		assert_string_equal(finding_names(finding, names), about);
	assert_true(severity == SEVERITY_OK || (finding->seen && *finding->seen));
	return finding;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

static void test_tight(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	look(&home);
	assert_int_equal(findings_count(&home.findings, SEVERITY_OPEN), 0);
	assert_int_equal(findings_count(&home.findings, SEVERITY_WARNING), 0);
	assert_int_equal(findings_count(&home.findings, SEVERITY_UNKNOWN), 0);
	for (int i = 0; i < WAY_COUNT; i++)
		only(&home, (enum way)i);
	move_out(&home);
}

/* What nothing is known of is not said to be in order. */
static void test_nothing_known(void **state)
{
	struct survey survey = {.pin_dir = "/pins", .pins = -ENOENT, .pins_text = "none"};
	struct findings findings AUTO_FINDINGS = {0};

	(void)state;
	assert_int_equal(doctor_run(&survey, &findings), 0);
	assert_int_equal(findings_count(&findings, SEVERITY_OPEN), 1);
	assert_int_equal(findings_count(&findings, SEVERITY_UNKNOWN), 2);
	assert_int_equal(findings_count(&findings, SEVERITY_OK), 0);
	assert_false(findings_has(&findings, WAY_wifi));
	assert_false(findings_has(&findings, WAY_modes));
}

/* ---- the fence ---------------------------------------------------------------------------------------------------- */

static void test_fence(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.pins = -EPROTO;
	home.survey.pins_text = "of another version";
	expect(&home, WAY_fence, SEVERITY_WARNING, NULL);
	home.survey.pins = 0;
	home.ports[0].hooks.to = HOOK_NONE;
	assert_non_null(strstr(expect(&home, WAY_ports, SEVERITY_OPEN, "lan1")->seen, "one direction"));
	home.ports[0].hooks.from = HOOK_NONE;
	assert_string_equal(expect(&home, WAY_ports, SEVERITY_OPEN, "lan1")->command, "ip link set dev lan1 nomaster");
	home.ports[1].hooks = (struct hooks){0};
	expect(&home, WAY_fence, SEVERITY_OPEN, NULL);
	assert_null(expect(&home, WAY_ports, SEVERITY_OPEN, "lan1 and lan2")->command);
	move_out(&home);
}

static void test_daemon(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.daemon = false;
	assert_string_equal(expect(&home, WAY_service, SEVERITY_WARNING, NULL)->command,
			    "systemctl enable --now ringfence");
	home.survey.init = SURVEY_INIT_OTHER;
	home.survey.policy_path = "/etc/it's here.yaml";
	assert_string_equal(expect(&home, WAY_service, SEVERITY_WARNING, NULL)->command,
			    "ringfenced -c '/etc/it'\\''s here.yaml'");
	expect(&home, WAY_boot, SEVERITY_ADVICE, NULL);
	home.survey.init = SURVEY_INIT_OPENWRT;
	home.survey.enabled = false;
	assert_string_equal(expect(&home, WAY_boot, SEVERITY_WARNING, NULL)->command, "/etc/init.d/ringfence enable");
	move_out(&home);
}

static void test_policy_known(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.policy_changed = true;
	expect(&home, WAY_policy_file, SEVERITY_WARNING, "policy.yaml");
	home.survey.policy = NULL;
	expect(&home, WAY_policy_file, SEVERITY_UNKNOWN, NULL);
	home.ports[2].role = SURVEY_UNCLEAR;
	expect(&home, WAY_ports, SEVERITY_WARNING, "wan");
	move_out(&home);
}

/* ---- programs ----------------------------------------------------------------------------------------------------- */

static void test_programs(void **state)
{
	struct ahead ahead[] = {{AHEAD_XDP, false, 9, "somebody"}};
	struct filter filters[] = {{.priority = 1, .handle = 3, .prog_id = 9, .kind = "bpf"},
				   {.priority = 1, .handle = HOOK_TC_HANDLE, .prog_id = 1, .kind = "bpf"},
				   {.priority = 7, .handle = 1, .kind = "flower"}};
	struct home home;

	(void)state;
	move_in(&home);
	home.ports[0].ahead = ahead;
	home.ports[0].n_ahead = 1;
	assert_string_equal(expect(&home, WAY_programs, SEVERITY_WARNING, "lan1")->command,
			    "ip link set dev lan1 xdp off");
	home.ports[0].n_ahead = 0;
	/* Behind TCX every filter comes later. */
	home.ports[0].from = (struct filters){filters, 3, 3, 0};
	expect(&home, WAY_programs, SEVERITY_OK, NULL);
	home.ports[0].hooks.from = HOOK_CLSACT;
	assert_string_equal(expect(&home, WAY_programs, SEVERITY_WARNING, "lan1")->command,
			    "tc filter del dev lan1 ingress pref 1 handle 0x3 bpf");
	expect(&home, WAY_hardware_filters, SEVERITY_OK, NULL);
	filters[2].hardware = true;
	assert_string_equal(expect(&home, WAY_hardware_filters, SEVERITY_WARNING, "lan1")->command,
			    "tc filter del dev lan1 ingress pref 7 handle 0x1 flower");
	/* Nobody promised anything of an uplink. */
	home.ports[2].to = home.ports[0].from;
	home.ports[0].from = (struct filters){0};
	expect(&home, WAY_hardware_filters, SEVERITY_OK, NULL);
	move_out(&home);
}

/* ---- paths -------------------------------------------------------------------------------------------------------- */

static void set_chip(struct link *link, uint8_t id)
{
	link->switch_id[0] = id;
	link->switch_id_len = 1;
}

static void test_switch_chip(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	set_chip(&home.links[LAN1], 1);
	expect(&home, WAY_switch_chip, SEVERITY_OK, NULL);
	set_chip(&home.links[LAN2], 1);
	assert_string_equal(expect(&home, WAY_switch_chip, SEVERITY_OPEN, "lan1 and lan2")->command,
			    "bridge link set dev lan1 isolated on && bridge link set dev lan2 isolated on");
	home.links[LAN1].isolated = true;
	assert_string_equal(expect(&home, WAY_switch_chip, SEVERITY_OPEN, NULL)->command,
			    "bridge link set dev lan2 isolated on");
	home.links[LAN2].isolated = true;
	expect(&home, WAY_switch_chip, SEVERITY_OK, NULL);
	/* The way out is one of them: isolation of the others does not help. */
	set_chip(&home.links[WAN], 1);
	assert_null(expect(&home, WAY_switch_chip, SEVERITY_OPEN, "lan1, lan2 and wan")->command);
	set_chip(&home.links[WAN], 2);
	expect(&home, WAY_switch_chip, SEVERITY_OK, NULL);
	move_out(&home);
}

static void test_flow_offload(void **state)
{
	struct flowtable items[] = {{"inet", "fw4", "ft", "lan1", false, false},
				    {"inet", "fw4", "ft", "lan2", false, false}};
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.flowtables = (struct flowtables){items, 2, 2, 0};
	expect(&home, WAY_flow_offload, SEVERITY_OK, NULL);
	items[0].hardware = items[1].hardware = true;
	expect(&home, WAY_flow_offload, SEVERITY_OPEN, "lan1 and lan2");
	strcpy(items[0].port, "eth9");
	strcpy(items[1].port, "wan");
	expect(&home, WAY_flow_offload, SEVERITY_OK, NULL);
	strcpy(items[1].port, "br");
	items[1].prefix = true;
	expect(&home, WAY_flow_offload, SEVERITY_OPEN, "br");
	home.survey.flowtables_err = -EPERM;
	expect(&home, WAY_flow_offload, SEVERITY_UNKNOWN, NULL);
	move_out(&home);
}

static void add_link(struct home *home, const char *name, const char *kind, uint32_t lower)
{
	struct link *link = &home->links[home->survey.links.n++];

	*link = (struct link){.ifindex = (uint32_t)home->survey.links.n, .lower = lower, .running = true};
	strcpy(link->name, name);
	strcpy(link->kind, kind);
}

static void test_uppers(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	add_link(&home, "br0.20", "vlan", 1);
	add_link(&home, "guest; id", "macvtap", 3);
	expect(&home, WAY_uppers, SEVERITY_OK, NULL);
	home.links[5].lower = 1;
	assert_string_equal(expect(&home, WAY_uppers, SEVERITY_WARNING, "guest; id")->command,
			    "ip link del dev 'guest; id'");
	move_out(&home);
}

static void test_networks(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	add_link(&home, "br1", "bridge", 0);
	home.addresses[1] = (struct address){5, address("192.168.1.129"), ADDR_V4_BITS + 25};
	home.survey.addresses.n = 2;
	expect(&home, WAY_networks, SEVERITY_WARNING, "br1 (192.168.1.129)");
	/* Behind the provider's router, on the fenced bridge, a tunnel, without a cable, or not local. */
	home.survey.addresses.out[0] = 5;
	home.survey.addresses.n_out = 1;
	expect(&home, WAY_networks, SEVERITY_OK, NULL);
	home.survey.addresses.n_out = 0;
	home.links[4].lower = 1;
	expect(&home, WAY_networks, SEVERITY_OK, NULL);
	home.links[4].lower = 0;
	home.links[4].point_to_point = true;
	expect(&home, WAY_networks, SEVERITY_OK, NULL);
	home.links[4].point_to_point = false;
	home.links[4].running = false;
	expect(&home, WAY_networks, SEVERITY_OK, NULL);
	home.links[4].running = true;
	home.addresses[1].addr = address("198.51.100.1");
	expect(&home, WAY_networks, SEVERITY_OK, NULL);
	move_out(&home);
}

static void test_left_out(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.ports[2].role = SURVEY_LEFT_OUT;
	expect(&home, WAY_other_ports, SEVERITY_WARNING, "wan");
	move_out(&home);
}

/* ---- radio -------------------------------------------------------------------------------------------------------- */

static void test_wifi(void **state)
{
	struct home home;

	(void)state;
	move_in(&home);
	home.ports[1].ap = true;
	expect(&home, WAY_wifi, SEVERITY_WARNING, "lan2");
	home.ports[1].isolation = HOSTAPD_TOGETHER;
	strcpy(home.ports[1].isolation_path, "/etc/hostapd/hostapd.conf");
	assert_non_null(strstr(expect(&home, WAY_wifi, SEVERITY_OPEN, "lan2")->seen, "/etc/hostapd/hostapd.conf"));
	home.ports[1].isolation = HOSTAPD_ISOLATED;
	expect(&home, WAY_wifi, SEVERITY_OK, NULL);
	home.survey.wirelesses_err = -EPERM;
	expect(&home, WAY_wifi, SEVERITY_UNKNOWN, NULL);
	move_out(&home);
}

static void test_packet_sockets(void **state)
{
	struct packet_socket sockets[] = {{ETH_P_PAE, 2}};
	struct home home;

	(void)state;
	move_in(&home);
	home.survey.packet_sockets = (struct packet_sockets){sockets, 1, 1, 0};
	expect(&home, WAY_packet_sockets, SEVERITY_OK, NULL);
	sockets[0].ethertype = ETH_P_ALL;
	expect(&home, WAY_packet_sockets, SEVERITY_ADVICE, "lan1");
	sockets[0].ifindex = 0;
	expect(&home, WAY_packet_sockets, SEVERITY_ADVICE, "lan1 and lan2");
	home.ports[0].hooks.from = home.ports[1].hooks.from = HOOK_XDP_NATIVE;
	expect(&home, WAY_packet_sockets, SEVERITY_OK, NULL);
	sockets[0].ifindex = 1; /* the bridge: what got there was judged */
	home.ports[0].hooks.from = HOOK_TCX;
	expect(&home, WAY_packet_sockets, SEVERITY_OK, NULL);
	move_out(&home);
}

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

/* ---- findings ----------------------------------------------------------------------------------------------------- */

static void test_many_names(void **state)
{
	struct findings findings AUTO_FINDINGS = {0};
	struct finding *finding = findings_add(&findings, WAY_modes, SEVERITY_WARNING);
	char names[FINDING_NAMES_MAX];

	(void)state;
	for (int i = 0; i < 1000; i++)
		finding_about(finding, "d%d", i);
	assert_int_equal(finding->n_about, FINDING_ABOUT_MAX);
	assert_int_equal(finding->count, 1000);
	assert_string_equal(finding_names(finding, names), "d0, d1, d2, d3, d4, d5 and 994 more");
	finding = findings_add(&findings, WAY_modes, SEVERITY_WARNING);
	for (int i = 0; i < 6; i++)
		finding_about(finding, "/%0500d/%0250d", i, i);
	assert_true(strlen(finding_names(finding, names)) < sizeof(names));
}

static void test_words(void **state)
{
	char word[FINDING_WORD_MAX], name[2 * FINDING_WORD_MAX];

	(void)state;
	assert_string_equal(finding_word("br-lan.20", word), "br-lan.20");
	assert_string_equal(finding_word("a b", word), "'a b'");
	assert_string_equal(finding_word("$(id)", word), "'$(id)'");
	assert_string_equal(finding_word("'", word), "''\\'''");
	assert_string_equal(finding_word("-x", word), "'-x'");
	assert_string_equal(finding_word("", word), "''");
	memset(name, '\'', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true(strlen(finding_word(name, word)) < sizeof(word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tight),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_fence),
		cmocka_unit_test(test_daemon),
		cmocka_unit_test(test_policy_known),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_switch_chip),
		cmocka_unit_test(test_flow_offload),
		cmocka_unit_test(test_uppers),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_wifi),
		cmocka_unit_test(test_packet_sockets),
		cmocka_unit_test(test_port_mapper),
		cmocka_unit_test(test_proxy_and_reflector),
		cmocka_unit_test(test_gateway_addresses),
		cmocka_unit_test(test_router_mac),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_own_rules),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
