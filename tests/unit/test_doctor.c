// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/doctor: the fence, programs before it and paths beside it, each on a made-up machine that has what is looked for, and on one that has not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/if_ether.h>

#include "doctor_help.h"

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
		cmocka_unit_test(test_tight),	       cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_fence),	       cmocka_unit_test(test_daemon),
		cmocka_unit_test(test_policy_known),   cmocka_unit_test(test_programs),
		cmocka_unit_test(test_switch_chip),    cmocka_unit_test(test_flow_offload),
		cmocka_unit_test(test_uppers),	       cmocka_unit_test(test_networks),
		cmocka_unit_test(test_left_out),       cmocka_unit_test(test_wifi),
		cmocka_unit_test(test_packet_sockets), cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
