// SPDX-License-Identifier: GPL-2.0-only
/*
 * wireless.c - see wireless.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <unistd.h>

#include "attr.h"
#include "list.h"
#include "netlink.h"
#include "wireless.h"

#define REQUEST_MAX 128

static struct nlmsghdr *request(char *bytes, uint16_t type, uint16_t flags, uint8_t command)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	struct genlmsghdr *message;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->cmd = command;
	message->version = 1;
	return header;
}

/* ---- the number of the family ------------------------------------------------------------------------------------- */

static int hear_family_attr(const struct nlattr *attr, void *data)
{
	uint16_t *family = data;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID && mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
		*family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int hear_family(const struct nlmsghdr *header, void *data)
{
	mnl_attr_parse(header, sizeof(struct genlmsghdr), hear_family_attr, data);
	return MNL_CB_OK;
}

static int find_family(uint16_t *ret_family)
{
	char bytes[REQUEST_MAX] __attribute__((aligned(4)));
	struct nlmsghdr *header = request(bytes, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY);
	const struct netlink_query query = {NETLINK_GENERIC, header, hear_family, ret_family, NULL, false};

	mnl_attr_put_strz(header, CTRL_ATTR_FAMILY_NAME, NL80211_GENL_NAME);
	return netlink_list(&query);
}

/* ---- interfaces --------------------------------------------------------------------------------------------------- */

static enum wireless_role role_of(uint32_t type)
{
	if (type == NL80211_IFTYPE_AP || type == NL80211_IFTYPE_AP_VLAN || type == NL80211_IFTYPE_P2P_GO)
		return WIRELESS_AP;
	return type == NL80211_IFTYPE_MESH_POINT || type == NL80211_IFTYPE_ADHOC ? WIRELESS_MESH : WIRELESS_STATION;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	struct wireless *wireless = data;

	if (mnl_attr_get_type(attr) == NL80211_ATTR_IFINDEX)
		wireless->ifindex = attr_u32(attr);
	else if (mnl_attr_get_type(attr) == NL80211_ATTR_IFTYPE)
		wireless->role = role_of(attr_u32(attr));
	return MNL_CB_OK;
}

int wireless_hear(const struct nlmsghdr *header, void *data)
{
	struct wirelesses *wirelesses = data;
	struct wireless *wireless = LIST_ADD(wirelesses);

	if (wireless)
		mnl_attr_parse(header, sizeof(struct genlmsghdr), hear_attr, wireless);
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct wirelesses *wirelesses = data;

	wirelesses->n = 0;
}

int wireless_read(struct wirelesses *ret_wirelesses)
{
	char bytes[REQUEST_MAX] __attribute__((aligned(4)));
	struct wirelesses wirelesses AUTO_WIRELESSES = {0};
	struct netlink_query query = {NETLINK_GENERIC, NULL, wireless_hear, &wirelesses, restart, true};
	uint16_t family = 0;
	int err;

	/* To ask for the family would load it, on a machine that has no radio. */
	if (access("/sys/class/ieee80211", F_OK))
		return 0;
	err = find_family(&family);
	if (err == -ENOENT || err == -EPROTONOSUPPORT) /* no cfg80211: no radio */
		return 0;
	if (err)
		return err;
	query.request = request(bytes, family, NLM_F_DUMP, NL80211_CMD_GET_INTERFACE);
	err = netlink_list(&query);
	if (err || wirelesses.err)
		return err ? err : wirelesses.err;
	*ret_wirelesses = wirelesses;
	wirelesses = (struct wirelesses){0};
	return 0;
}

void wireless_free(struct wirelesses *wirelesses)
{
	free(wirelesses->items);
	*wirelesses = (struct wirelesses){0};
}

const struct wireless *wireless_by_index(const struct wirelesses *wirelesses, uint32_t ifindex)
{
	for (size_t i = 0; i < wirelesses->n; i++)
		if (wirelesses->items[i].ifindex == ifindex)
			return &wirelesses->items[i];
	return NULL;
}
