// SPDX-License-Identifier: GPL-2.0-only
/*
 * neighbours.c - see neighbours.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "attr.h"
#include "list.h"
#include "neighbours.h"
#include "netlink.h"

struct heard {
	const struct nlattr *addr, *mac;
};

static int hear_attr(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;

	if (mnl_attr_get_type(attr) == NDA_DST)
		heard->addr = attr;
	else if (mnl_attr_get_type(attr) == NDA_LLADDR)
		heard->mac = attr;
	return MNL_CB_OK;
}

static int hear(const struct nlmsghdr *header, void *data)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	struct heard heard = {0};
	struct neighbour *neighbour;
	struct addr addr;

	if (header->nlmsg_type != RTM_NEWNEIGH)
		return MNL_CB_OK;
	mnl_attr_parse(header, sizeof(*message), hear_attr, &heard);
	if (!heard.addr || !heard.mac || mnl_attr_get_payload_len(heard.mac) != MAC_BYTES ||
	    !attr_addr(heard.addr, message->ndm_family, &addr))
		return MNL_CB_OK;
	neighbour = LIST_ADD((struct neighbours *)data);
	if (!neighbour)
		return MNL_CB_OK;
	neighbour->ifindex = (uint32_t)message->ndm_ifindex;
	neighbour->addr = addr;
	memcpy(neighbour->mac.bytes, mnl_attr_get_payload(heard.mac), MAC_BYTES);
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct neighbours *neighbours = data;

	neighbours->n = 0;
}

int neighbours_read(struct neighbours *ret_neighbours)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct ndmsg))] __attribute__((aligned(4)));
	struct neighbours neighbours AUTO_NEIGHBOURS = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {NETLINK_ROUTE, header, hear, &neighbours, restart, true};
	int err;

	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(header, sizeof(struct ndmsg));
	err = netlink_list(&query);
	if (err || neighbours.err)
		return err ? err : neighbours.err;
	*ret_neighbours = neighbours;
	neighbours = (struct neighbours){0};
	return 0;
}

void neighbours_free(struct neighbours *neighbours)
{
	free(neighbours->items);
	*neighbours = (struct neighbours){0};
}

const struct neighbour *neighbours_find(const struct neighbours *neighbours, const struct addr *addr)
{
	for (size_t i = 0; i < neighbours->n; i++)
		if (memcmp(&neighbours->items[i].addr, addr, sizeof(*addr)) == 0)
			return &neighbours->items[i];
	return NULL;
}
