// SPDX-License-Identifier: GPL-2.0-only
/*
 * links.c - see links.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "links.h"
#include "list.h"
#include "netlink.h"

static int hear_port(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_BRPORT_ISOLATED && mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
		link->isolated = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int hear_info(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		attr_text(attr, link->kind, sizeof(link->kind));
	if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_DATA)
		mnl_attr_parse_nested(attr, hear_port, link);
	return MNL_CB_OK;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	const size_t len = mnl_attr_get_payload_len(attr);
	struct link *link = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		attr_text(attr, link->name, sizeof(link->name));
		break;
	case IFLA_MASTER:
		link->master = attr_u32(attr);
		break;
	case IFLA_LINK:
		link->lower = attr_u32(attr);
		break;
	case IFLA_LINK_NETNSID: /* then IFLA_LINK counts there */
		link->lower = 0;
		break;
	case IFLA_PHYS_SWITCH_ID:
		link->switch_id_len = (uint8_t)(len < LINK_SWITCH_MAX ? len : LINK_SWITCH_MAX);
		memcpy(link->switch_id, mnl_attr_get_payload(attr), link->switch_id_len);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, hear_info, link);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

int links_hear(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *message = mnl_nlmsg_get_payload(header);
	struct links *links = data;
	struct link *link;

	if (header->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return MNL_CB_OK;
	link = LIST_ADD(links);
	if (!link)
		return MNL_CB_OK;
	link->ifindex = (uint32_t)message->ifi_index;
	link->running = message->ifi_flags & IFF_UP && message->ifi_flags & IFF_RUNNING;
	link->loopback = message->ifi_flags & IFF_LOOPBACK;
	link->point_to_point = message->ifi_flags & IFF_POINTOPOINT || !(message->ifi_flags & IFF_BROADCAST);
	mnl_attr_parse(header, sizeof(*message), hear_attr, link);
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct links *links = data;

	links->n = 0;
}

static int compare(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

/* By ifindex, each once: a list that changed while it was read may tell of one twice. */
static void sort(struct links *links)
{
	size_t n = 1;

	qsort(links->items, links->n, sizeof(*links->items), compare);
	for (size_t i = 1; i < links->n; i++)
		if (links->items[i].ifindex != links->items[n - 1].ifindex)
			links->items[n++] = links->items[i];
	links->n = n;
}

int links_read(struct links *ret_links)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct ifinfomsg))] __attribute__((aligned(4)));
	struct links links AUTO_LINKS = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {NETLINK_ROUTE, header, links_hear, &links, restart, true};
	int err;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	err = netlink_list(&query);
	if (err || links.err)
		return err ? err : links.err;
	if (links.n)
		sort(&links);
	*ret_links = links;
	links = (struct links){0};
	return 0;
}

void links_free(struct links *links)
{
	free(links->items);
	*links = (struct links){0};
}

const struct link *links_by_index(const struct links *links, uint32_t ifindex)
{
	const struct link key = {.ifindex = ifindex};

	return links->n ? bsearch(&key, links->items, links->n, sizeof(key), compare) : NULL;
}

const struct link *links_by_name(const struct links *links, const char *name)
{
	for (size_t i = 0; i < links->n; i++)
		if (strcmp(links->items[i].name, name) == 0)
			return &links->items[i];
	return NULL;
}
