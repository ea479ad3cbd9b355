// SPDX-License-Identifier: GPL-2.0-only
/*
 * filters.c - see filters.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "attr.h"
#include "filters.h"
#include "list.h"
#include "netlink.h"

#define PRIORITY_SHIFT 16 /* tcm_info: priority, then protocol */

struct heard {
	struct filter filter;
	const struct nlattr *options;
	uint32_t chain;
};

/* Each kind has its own number for the same flags. 0: it has none. */
static int flags_attr(const char *kind)
{
	static const struct {
		const char *kind;
		int attr;
	} kinds[] = {
		{"bpf", TCA_BPF_FLAGS_GEN},
		{"flower", TCA_FLOWER_FLAGS},
		{"matchall", TCA_MATCHALL_FLAGS},
		{"u32", TCA_U32_FLAGS},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].attr;
	return 0;
}

static int hear_option(const struct nlattr *attr, void *data)
{
	struct filter *filter = data;
	const int type = mnl_attr_get_type(attr);
	const bool bpf = strcmp(filter->kind, "bpf") == 0;

	if (type == flags_attr(filter->kind))
		filter->hardware = attr_u32(attr) & TCA_CLS_FLAGS_IN_HW;
	else if (bpf && type == TCA_BPF_NAME)
		attr_text(attr, filter->name, sizeof(filter->name));
	else if (bpf && type == TCA_BPF_ID)
		filter->prog_id = attr_u32(attr);
	return MNL_CB_OK;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;

	if (mnl_attr_get_type(attr) == TCA_KIND)
		attr_text(attr, heard->filter.kind, sizeof(heard->filter.kind));
	else if (mnl_attr_get_type(attr) == TCA_CHAIN)
		heard->chain = attr_u32(attr);
	else if (mnl_attr_get_type(attr) == TCA_OPTIONS)
		heard->options = attr;
	return MNL_CB_OK;
}

int filters_hear(const struct nlmsghdr *header, void *data)
{
	const struct tcmsg *message = mnl_nlmsg_get_payload(header);
	struct filters *filters = data;
	struct heard heard = {0};
	struct filter *filter;

	if (header->nlmsg_type != RTM_NEWTFILTER)
		return MNL_CB_OK;
	heard.filter.priority = message->tcm_info >> PRIORITY_SHIFT;
	heard.filter.handle = message->tcm_handle;
	mnl_attr_parse(header, sizeof(*message), hear_attr, &heard);
	/* Without options it is not a filter, but where filters of this priority hang. */
	if (!heard.options || heard.chain)
		return MNL_CB_OK;
	mnl_attr_parse_nested(heard.options, hear_option, &heard.filter);
	filter = LIST_ADD(filters);
	if (filter)
		*filter = heard.filter;
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct filters *filters = data;

	filters->n = 0;
}

int filters_read(uint32_t ifindex, bool egress, struct filters *ret_filters)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct tcmsg))] __attribute__((aligned(4)));
	struct filters filters AUTO_FILTERS = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {NETLINK_ROUTE, header, filters_hear, &filters, restart, true};
	struct tcmsg *message;
	int err;

	header->nlmsg_type = RTM_GETTFILTER;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->tcm_ifindex = (int)ifindex;
	message->tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
	err = netlink_list(&query);
	if (err == -ENODEV) /* gone meanwhile */
		err = 0;
	if (err || filters.err)
		return err ? err : filters.err;
	*ret_filters = filters;
	filters = (struct filters){0};
	return 0;
}

void filters_free(struct filters *filters)
{
	free(filters->items);
	*filters = (struct filters){0};
}
