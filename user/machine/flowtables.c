// SPDX-License-Identifier: GPL-2.0-only
/*
 * flowtables.c - see flowtables.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "attr.h"
#include "flowtables.h"
#include "list.h"
#include "netlink.h"

#define DEVICE_PREFIX 2 /* NFTA_DEVICE_PREFIX, of Linux 6.16 and not in older headers */

static const char *family_text(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_BRIDGE:
		return "bridge";
	default:
		return "netdev";
	}
}

/* What a message says of one flowtable before its interfaces are known. */
struct heard {
	struct flowtables *flowtables;
	struct flowtable flowtable;
	const struct nlattr *hook;
};

static int hear_port(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;
	struct flowtable *flowtable;

	heard->flowtable.prefix = mnl_attr_get_type(attr) == DEVICE_PREFIX;
	attr_text(attr, heard->flowtable.port, sizeof(heard->flowtable.port));
	flowtable = LIST_ADD(heard->flowtables);
	if (flowtable)
		*flowtable = heard->flowtable;
	return MNL_CB_OK;
}

static int hear_hook(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_FLOWTABLE_HOOK_DEVS)
		mnl_attr_parse_nested(attr, hear_port, data);
	return MNL_CB_OK;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;
	struct flowtable *flowtable = &heard->flowtable;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_FLOWTABLE_TABLE:
		attr_text(attr, flowtable->table, sizeof(flowtable->table));
		break;
	case NFTA_FLOWTABLE_NAME:
		attr_text(attr, flowtable->name, sizeof(flowtable->name));
		break;
	case NFTA_FLOWTABLE_FLAGS:
		flowtable->hardware = ntohl(attr_u32(attr)) & NFT_FLOWTABLE_HW_OFFLOAD;
		break;
	case NFTA_FLOWTABLE_HOOK:
		heard->hook = attr;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

int flowtables_hear(const struct nlmsghdr *header, void *data)
{
	const struct nfgenmsg *message = mnl_nlmsg_get_payload(header);
	struct heard heard = {.flowtables = data};

	if (header->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWFLOWTABLE))
		return MNL_CB_OK;
	heard.flowtable.family = family_text(message->nfgen_family);
	mnl_attr_parse(header, sizeof(*message), hear_attr, &heard);
	if (heard.hook) /* flags stand behind the hook */
		mnl_attr_parse_nested(heard.hook, hear_hook, &heard);
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct flowtables *flowtables = data;

	flowtables->n = 0;
}

int flowtables_read(struct flowtables *ret_flowtables)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct nfgenmsg))] __attribute__((aligned(4)));
	struct flowtables flowtables AUTO_FLOWTABLES = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {NETLINK_NETFILTER, header, flowtables_hear, &flowtables, restart, true};
	struct nfgenmsg *message;
	int err;

	header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETFLOWTABLE;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->nfgen_family = NFPROTO_UNSPEC;
	message->version = NFNETLINK_V0;
	err = netlink_list(&query);
	/* No nfnetlink; nfnetlink without nf_tables (which answers EINVAL), or one that is older than flowtables: then there are none. */
	if (err == -EPROTONOSUPPORT || err == -EINVAL || err == -EOPNOTSUPP)
		err = 0;
	if (err || flowtables.err)
		return err ? err : flowtables.err;
	*ret_flowtables = flowtables;
	flowtables = (struct flowtables){0};
	return 0;
}

void flowtables_free(struct flowtables *flowtables)
{
	free(flowtables->items);
	*flowtables = (struct flowtables){0};
}

bool flowtable_takes(const struct flowtable *flowtable, const char *name)
{
	return flowtable->prefix ? strncmp(flowtable->port, name, strlen(flowtable->port)) == 0
				 : strcmp(flowtable->port, name) == 0;
}
