// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdp.c - see xdp.h.
 */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "attr.h"
#include "netlink.h"
#include "xdp.h"

#define REQUEST_MAX 128

static int hear_program(const struct nlattr *attr, void *data)
{
	struct xdp_programs *programs = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_XDP_HW_PROG_ID:
		programs->hardware = attr_u32(attr);
		break;
	case IFLA_XDP_DRV_PROG_ID:
		programs->native = attr_u32(attr);
		break;
	case IFLA_XDP_SKB_PROG_ID:
		programs->generic = attr_u32(attr);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_XDP)
		mnl_attr_parse_nested(attr, hear_program, data);
	return MNL_CB_OK;
}

static int hear(const struct nlmsghdr *header, void *data)
{
	if (header->nlmsg_type == RTM_NEWLINK)
		mnl_attr_parse(header, sizeof(struct ifinfomsg), hear_attr, data);
	return MNL_CB_OK;
}

int xdp_read(uint32_t ifindex, struct xdp_programs *ret_programs)
{
	char bytes[REQUEST_MAX] __attribute__((aligned(4)));
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	struct xdp_programs programs = {0};
	const struct netlink_query query = {.bus = NETLINK_ROUTE, .request = header, .each = hear, .data = &programs};
	struct ifinfomsg *message;
	int err;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->ifi_index = (int)ifindex;
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	err = netlink_list(&query);
	if (!err)
		*ret_programs = programs;
	return err;
}
