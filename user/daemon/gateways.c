// SPDX-License-Identifier: GPL-2.0-only
/*
 * gateways.c - which addresses are the gateway of devices behind an interface. See interfaces.h.
 *
 * A default route that leads elsewhere has a next hop that no device sees as its gateway (the provider's router): it is left out.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "interfaces.h"
#include "../machine/netlink.h"

struct search {
	uint32_t ifindex;
	struct gateways *gateways;
};

static void add(struct gateways *gateways, unsigned char family, const struct nlattr *attr)
{
	const size_t len = family == AF_INET ? 4 : ADDR_BYTES;
	struct addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if (mnl_attr_get_payload_len(attr) != len || gateways->n == RF_GATEWAYS_MAX)
		return;
	memcpy(addr.bytes + ADDR_BYTES - len, mnl_attr_get_payload(attr), len);
	for (size_t i = 0; i < gateways->n; i++)
		if (!memcmp(&gateways->items[i], &addr, sizeof(addr)))
			return;
	gateways->items[gateways->n++] = addr;
}

static int hear_address(const struct nlmsghdr *header, void *data)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	const struct search *search = data;
	const struct nlattr *address = NULL;
	struct nlattr *attr;

	if (header->nlmsg_type != RTM_NEWADDR || message->ifa_index != search->ifindex ||
	    (message->ifa_family != AF_INET && message->ifa_family != AF_INET6))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*message)) {
		/* On point-to-point links IFA_ADDRESS is the peer's; IFA_LOCAL, where there is one, ours. */
		if (mnl_attr_get_type(attr) == IFA_LOCAL || (mnl_attr_get_type(attr) == IFA_ADDRESS && !address))
			address = attr;
	}
	if (address)
		add(search->gateways, message->ifa_family, address);
	return MNL_CB_OK;
}

static int hear_route(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(header);
	const struct search *search = data;
	const struct nlattr *gateway = NULL;
	struct nlattr *attr;
	uint32_t out = 0;

	if (header->nlmsg_type != RTM_NEWROUTE || message->rtm_dst_len || message->rtm_type != RTN_UNICAST ||
	    (message->rtm_family != AF_INET && message->rtm_family != AF_INET6))
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*message)) {
		if (mnl_attr_get_type(attr) == RTA_OIF && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			out = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			gateway = attr;
	}
	if (gateway && out == search->ifindex)
		add(search->gateways, message->rtm_family, gateway);
	return MNL_CB_OK;
}

int interfaces_gateways(uint32_t ifindex, struct gateways *ret_gateways)
{
	/* In this order: the bridge's own first. */
	static const struct {
		int type;
		unsigned char family;
		mnl_cb_t hear;
	} lists[] = {
		{RTM_GETADDR, AF_INET, hear_address},
		{RTM_GETADDR, AF_INET6, hear_address},
		{RTM_GETROUTE, AF_INET, hear_route},
		{RTM_GETROUTE, AF_INET6, hear_route},
	};
	struct gateways gateways = {0};
	struct search search = {.ifindex = ifindex, .gateways = &gateways};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const int err = netlink_dump(lists[i].type, lists[i].family, lists[i].hear, &search);

		/* A kernel without IPv6 has none of its addresses. */
		if (err && !(lists[i].family == AF_INET6 && (err == -EOPNOTSUPP || err == -EAFNOSUPPORT)))
			return err;
	}
	*ret_gateways = gateways;
	return 0;
}
