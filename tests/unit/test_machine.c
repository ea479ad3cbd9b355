// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/machine: messages of the kernel and configuration files that this machine has none of: switch chips, filters and flowtables in hardware,
 * access points.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/nl80211.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "../../user/machine/avahi.h"
#include "../../user/machine/filters.h"
#include "../../user/machine/flowtables.h"
#include "../../user/machine/hostapd.h"
#include "../../user/machine/links.h"
#include "../../user/machine/wireless.h"

#define MESSAGE_MAX 1024

static char message[MESSAGE_MAX] __attribute__((aligned(4)));

static struct nlmsghdr *begin(int type, void *extra, size_t size)
{
	struct nlmsghdr *header;

	memset(message, 0, sizeof(message));
	header = mnl_nlmsg_put_header(message);
	header->nlmsg_type = (uint16_t)type;
	memcpy(mnl_nlmsg_put_extra_header(header, size), extra, size);
	return header;
}

/* ---- links -------------------------------------------------------------------------------------------------------- */

static struct nlmsghdr *link_message(int ifindex, const char *name)
{
	struct ifinfomsg info = {.ifi_index = ifindex, .ifi_flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST};
	struct nlmsghdr *header = begin(RTM_NEWLINK, &info, sizeof(info));

	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	return header;
}

static void test_link_of_a_chip(void **state)
{
	static const uint8_t chip[] = {1, 2, 3, 4};
	struct nlmsghdr *header = link_message(7, "lan1");
	struct links links AUTO_LINKS = {0};
	struct nlattr *info, *data;

	(void)state;
	mnl_attr_put_u32(header, IFLA_MASTER, 3);
	mnl_attr_put_u32(header, IFLA_LINK, 2);
	mnl_attr_put(header, IFLA_PHYS_SWITCH_ID, sizeof(chip), chip);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "dsa");
	mnl_attr_put_strz(header, IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(header, IFLA_INFO_SLAVE_DATA);
	mnl_attr_put_u8(header, IFLA_BRPORT_ISOLATED, 1);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	assert_int_equal(links_hear(header, &links), MNL_CB_OK);
	assert_int_equal(links.n, 1);
	assert_int_equal(links.items[0].ifindex, 7);
	assert_int_equal(links.items[0].master, 3);
	assert_int_equal(links.items[0].lower, 2);
	assert_string_equal(links.items[0].name, "lan1");
	assert_string_equal(links.items[0].kind, "dsa");
	assert_true(links.items[0].isolated && links.items[0].running && !links.items[0].point_to_point);
	assert_int_equal(links.items[0].switch_id_len, sizeof(chip));
	assert_memory_equal(links.items[0].switch_id, chip, sizeof(chip));
}

/* What it stands on has a number of another namespace. Names and ids longer than they may be do no harm. */
static void test_link_oddities(void **state)
{
	struct nlmsghdr *header = link_message(8, "a-name-that-is-longer-than-it-may-be");
	struct links links AUTO_LINKS = {0};
	uint8_t id[200] = {1};

	(void)state;
	mnl_attr_put_u32(header, IFLA_LINK, 2);
	mnl_attr_put_u32(header, IFLA_LINK_NETNSID, 1);
	mnl_attr_put(header, IFLA_PHYS_SWITCH_ID, sizeof(id), id);
	mnl_attr_put_u16(header, IFLA_MASTER, 3);
	links_hear(header, &links);
	assert_int_equal(links.items[0].lower, 0);
	assert_int_equal(links.items[0].master, 0);
	assert_int_equal(links.items[0].switch_id_len, LINK_SWITCH_MAX);
	assert_int_equal(strlen(links.items[0].name), IF_NAMESIZE - 1);
	header = link_message(9, "x");
	header->nlmsg_type = RTM_DELLINK;
	links_hear(header, &links);
	assert_int_equal(links.n, 1);
	assert_null(links_by_name(&links, "x"));
	assert_non_null(links_by_index(&links, 8));
}

/* ---- filters ------------------------------------------------------------------------------------------------------ */

static void hear_filter(struct filters *filters, const char *kind, int flags_attr, uint32_t flags, uint32_t chain)
{
	struct tcmsg tc = {.tcm_ifindex = 7, .tcm_handle = 1, .tcm_info = 49152U << 16};
	struct nlmsghdr *header = begin(RTM_NEWTFILTER, &tc, sizeof(tc));
	struct nlattr *options;

	mnl_attr_put_strz(header, TCA_KIND, kind);
	mnl_attr_put_u32(header, TCA_CHAIN, chain);
	if (flags_attr) {
		options = mnl_attr_nest_start(header, TCA_OPTIONS);
		mnl_attr_put_u32(header, (uint16_t)flags_attr, flags);
		mnl_attr_nest_end(header, options);
	}
	assert_int_equal(filters_hear(header, filters), MNL_CB_OK);
}

static void test_filters(void **state)
{
	struct filters filters AUTO_FILTERS = {0};

	(void)state;
	hear_filter(&filters, "flower", 0, 0, 0); /* where its filters hang */
	hear_filter(&filters, "flower", TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_IN_HW, 0);
	hear_filter(&filters, "flower", TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_NOT_IN_HW, 0);
	hear_filter(&filters, "matchall", TCA_MATCHALL_FLAGS, TCA_CLS_FLAGS_IN_HW, 0);
	hear_filter(&filters, "u32", TCA_U32_FLAGS, TCA_CLS_FLAGS_IN_HW, 0);
	hear_filter(&filters, "bpf", TCA_BPF_FLAGS_GEN, TCA_CLS_FLAGS_IN_HW, 0);
	hear_filter(&filters, "flower", TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_IN_HW, 5); /* no frame begins there */
	assert_int_equal(filters.n, 5);
	assert_true(filters.items[0].hardware && !filters.items[1].hardware && filters.items[2].hardware &&
		    filters.items[3].hardware && filters.items[4].hardware);
	assert_int_equal(filters.items[0].priority, 49152);
	assert_string_equal(filters.items[0].kind, "flower");
}

/* ---- flowtables --------------------------------------------------------------------------------------------------- */

static void hear_flowtable(struct flowtables *flowtables, uint32_t flags)
{
	struct nfgenmsg nf = {.nfgen_family = NFPROTO_INET};
	struct nlmsghdr *header = begin(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWFLOWTABLE, &nf, sizeof(nf));
	struct nlattr *hook, *devices;

	mnl_attr_put_strz(header, NFTA_FLOWTABLE_TABLE, "fw4");
	mnl_attr_put_strz(header, NFTA_FLOWTABLE_NAME, "ft");
	hook = mnl_attr_nest_start(header, NFTA_FLOWTABLE_HOOK);
	mnl_attr_put_u32(header, NFTA_FLOWTABLE_HOOK_NUM, 0);
	devices = mnl_attr_nest_start(header, NFTA_FLOWTABLE_HOOK_DEVS);
	mnl_attr_put_strz(header, NFTA_DEVICE_NAME, "lan1");
	mnl_attr_put_strz(header, NFTA_DEVICE_NAME + 1, "wl"); /* a prefix */
	mnl_attr_nest_end(header, devices);
	mnl_attr_nest_end(header, hook);
	mnl_attr_put_u32(header, NFTA_FLOWTABLE_FLAGS, htonl(flags)); /* behind the hook, as the kernel has it */
	assert_int_equal(flowtables_hear(header, flowtables), MNL_CB_OK);
}

static void test_flowtables(void **state)
{
	struct flowtables flowtables AUTO_FLOWTABLES = {0};

	(void)state;
	hear_flowtable(&flowtables, NFT_FLOWTABLE_HW_OFFLOAD);
	hear_flowtable(&flowtables, NFT_FLOWTABLE_COUNTER);
	assert_int_equal(flowtables.n, 4);
	assert_true(flowtables.items[0].hardware && flowtables.items[1].hardware);
	assert_true(!flowtables.items[2].hardware && !flowtables.items[3].hardware);
	assert_string_equal(flowtables.items[0].family, "inet");
	assert_string_equal(flowtables.items[0].table, "fw4");
	assert_string_equal(flowtables.items[0].name, "ft");
	assert_true(flowtable_takes(&flowtables.items[0], "lan1"));
	assert_false(flowtable_takes(&flowtables.items[0], "lan10"));
	assert_true(flowtable_takes(&flowtables.items[1], "wlan0"));
	assert_false(flowtable_takes(&flowtables.items[1], "lan1"));
}

/* ---- radios ------------------------------------------------------------------------------------------------------- */

static void hear_wireless(struct wirelesses *wirelesses, uint32_t ifindex, uint32_t type)
{
	struct genlmsghdr genl = {.cmd = NL80211_CMD_NEW_INTERFACE};
	struct nlmsghdr *header = begin(28, &genl, sizeof(genl));

	mnl_attr_put_u32(header, NL80211_ATTR_IFINDEX, ifindex);
	mnl_attr_put_u32(header, NL80211_ATTR_IFTYPE, type);
	assert_int_equal(wireless_hear(header, wirelesses), MNL_CB_OK);
}

static void test_wireless(void **state)
{
	struct wirelesses wirelesses AUTO_WIRELESSES = {0};

	(void)state;
	hear_wireless(&wirelesses, 4, NL80211_IFTYPE_AP);
	hear_wireless(&wirelesses, 5, NL80211_IFTYPE_STATION);
	hear_wireless(&wirelesses, 6, NL80211_IFTYPE_MESH_POINT);
	assert_int_equal(wireless_by_index(&wirelesses, 4)->role, WIRELESS_AP);
	assert_int_equal(wireless_by_index(&wirelesses, 5)->role, WIRELESS_STATION);
	assert_int_equal(wireless_by_index(&wirelesses, 6)->role, WIRELESS_MESH);
	assert_null(wireless_by_index(&wirelesses, 7));
}

static void test_hostapd(void **state)
{
	static const char text[] = "# ap_isolate=1\ninterface=wlan0\nssid=home\nap_isolate=1\n"
				   "bss=wlan0_1\nssid=guests\n"
				   "bss=wlan0_2\nap_isolate=0\n"
				   "bss=wlan0_3 \nap_isolate=1\r\n";

	(void)state;
	assert_int_equal(hostapd_parse(text, "wlan0"), HOSTAPD_ISOLATED);
	assert_int_equal(hostapd_parse(text, "wlan0_1"), HOSTAPD_TOGETHER); /* nothing is inherited */
	assert_int_equal(hostapd_parse(text, "wlan0_2"), HOSTAPD_TOGETHER);
	assert_int_equal(hostapd_parse(text, "wlan0_3"), HOSTAPD_ISOLATED);
	assert_int_equal(hostapd_parse(text, "wlan"), HOSTAPD_UNKNOWN);
	assert_int_equal(hostapd_parse(text, "wlan0_33"), HOSTAPD_UNKNOWN);
	assert_int_equal(hostapd_parse("", "wlan0"), HOSTAPD_UNKNOWN);
	assert_int_equal(hostapd_parse("interface=wlan0\nap_isolate=10", "wlan0"), HOSTAPD_TOGETHER);
	assert_int_equal(hostapd_parse("\n\n\ninterface=wlan0", "wlan0"), HOSTAPD_TOGETHER);
}

static void test_avahi(void **state)
{
	(void)state;
	assert_true(avahi_parse("[reflector]\nenable-reflector=yes\n"));
	assert_true(avahi_parse("[reflector]\n  enable-reflector = yes"));
	assert_false(avahi_parse("[reflector]\n#enable-reflector=yes\n"));
	assert_false(avahi_parse("[reflector]\nenable-reflector=no\n"));
	assert_false(avahi_parse("enable-reflector=yes\nenable-reflector=no\n"));
	assert_false(avahi_parse(""));
	assert_false(avahi_parse("enable-reflector"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_of_a_chip), cmocka_unit_test(test_link_oddities),
		cmocka_unit_test(test_filters),	       cmocka_unit_test(test_flowtables),
		cmocka_unit_test(test_wireless),       cmocka_unit_test(test_hostapd),
		cmocka_unit_test(test_avahi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
