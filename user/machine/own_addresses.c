// SPDX-License-Identifier: GPL-2.0-only
/*
 * own_addresses.c - see own_addresses.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "own_addresses.h"
#include "attr.h"
#include "list.h"
#include "netlink.h"

static void add(struct own_addresses *addresses, const struct ifaddrmsg *message, const struct nlattr *attr)
{
	const uint8_t bits = message->ifa_family == AF_INET ? ADDR_V4_BITS : 0;
	struct address *address;
	struct addr addr;

	if (!attr_addr(attr, message->ifa_family, &addr))
		return;
	address = LIST_ADD(addresses);
	if (address)
		*address = (struct address){message->ifa_index, addr, (uint8_t)(bits + message->ifa_prefixlen)};
}

static int hear_address(const struct nlmsghdr *header, void *data)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *address = NULL;
	struct nlattr *attr;

	if (header->nlmsg_type != RTM_NEWADDR)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*message)) {
		/* On point-to-point links IFA_ADDRESS is the peer's; IFA_LOCAL, where there is one, ours. */
		if (mnl_attr_get_type(attr) == IFA_LOCAL || (mnl_attr_get_type(attr) == IFA_ADDRESS && !address))
			address = attr;
	}
	if (address)
		add(data, message, address);
	return MNL_CB_OK;
}

static void add_out(struct own_addresses *addresses, uint32_t ifindex)
{
	if (ifindex && addresses->n_out < ADDRESSES_OUT_MAX && !own_addresses_leads_out(addresses, ifindex))
		addresses->out[addresses->n_out++] = ifindex;
}

/* Several next hops of one route. */
static void add_hops(struct own_addresses *addresses, const struct nlattr *attr)
{
	struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int left = mnl_attr_get_payload_len(attr);

	while (RTNH_OK(hop, left)) {
		add_out(addresses, (uint32_t)hop->rtnh_ifindex);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static int hear_route(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(header);
	struct nlattr *attr;

	if (header->nlmsg_type != RTM_NEWROUTE || message->rtm_dst_len || message->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, header, sizeof(*message)) {
		if (mnl_attr_get_type(attr) == RTA_OIF && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			add_out(data, mnl_attr_get_u32(attr));
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			add_hops(data, attr);
	}
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct own_addresses *addresses = data;

	addresses->n = addresses->n_out = 0;
}

/* All families at once: the kernel that has no IPv6 tells of none of its addresses. */
static int read_list(struct own_addresses *addresses, int type, mnl_cb_t each, unsigned char family)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct rtmsg))] __attribute__((aligned(4)));
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {
		NETLINK_ROUTE, header, each, addresses, type == RTM_GETADDR ? restart : NULL, true};
	struct rtgenmsg *message;
	int err;

	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message = mnl_nlmsg_put_extra_header(header, sizeof(struct rtmsg));
	message->rtgen_family = family;
	err = netlink_list(&query);
	return family == AF_INET6 && (err == -EOPNOTSUPP || err == -EAFNOSUPPORT) ? 0 : err;
}

int own_addresses_read(struct own_addresses *ret_addresses)
{
	struct own_addresses addresses AUTO_OWN_ADDRESSES = {0};
	int err = read_list(&addresses, RTM_GETADDR, hear_address, AF_UNSPEC);

	if (!err)
		err = read_list(&addresses, RTM_GETROUTE, hear_route, AF_INET);
	if (!err)
		err = read_list(&addresses, RTM_GETROUTE, hear_route, AF_INET6);
	if (err || addresses.err)
		return err ? err : addresses.err;
	*ret_addresses = addresses;
	addresses = (struct own_addresses){0};
	return 0;
}

void own_addresses_free(struct own_addresses *addresses)
{
	free(addresses->items);
	*addresses = (struct own_addresses){0};
}

bool own_addresses_leads_out(const struct own_addresses *addresses, uint32_t ifindex)
{
	for (size_t i = 0; i < addresses->n_out; i++)
		if (addresses->out[i] == ifindex)
			return true;
	return false;
}
