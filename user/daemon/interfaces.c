// SPDX-License-Identifier: GPL-2.0-only
/*
 * interfaces.c - the table of interfaces. See interfaces.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "interfaces.h"
#include "../machine/netlink.h"

#define GROUPS                                                                                                         \
	(RTMGRP_LINK | RTMGRP_TC | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)

/* Parse one message of the kernel into what it says of an interface. */
struct heard {
	struct interface interface;
	bool named;
};

static int hear_kind(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && mnl_attr_get_payload_len(attr) >= sizeof("bridge") - 1 &&
	    !strncmp(mnl_attr_get_payload(attr), "bridge", sizeof("bridge") - 1))
		heard->interface.is_bridge = true;
	return MNL_CB_OK;
}

static int hear_attr(const struct nlattr *attr, void *data)
{
	struct heard *heard = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			break;
		strncpy(heard->interface.name, mnl_attr_get_str(attr), IF_NAMESIZE - 1);
		heard->named = true;
		break;
	case IFLA_MASTER:
		if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			heard->interface.master = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, hear_kind, heard);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static struct interface *find(struct interfaces *interfaces, uint32_t ifindex)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (interfaces->items[i].ifindex == ifindex)
			return &interfaces->items[i];
	return NULL;
}

static bool forget(struct interfaces *interfaces, uint32_t ifindex)
{
	struct interface *gone = find(interfaces, ifindex);

	if (!gone)
		return false;
	*gone = interfaces->items[--interfaces->n];
	return true;
}

static bool same(const struct interface *a, const struct interface *b)
{
	return a->master == b->master && a->is_bridge == b->is_bridge && !strcmp(a->name, b->name);
}

/* 1: something that we keep is different; 0; or -ENOMEM. */
static int learn(struct interfaces *interfaces, const struct interface *interface)
{
	struct interface *known = find(interfaces, interface->ifindex);

	if (known) {
		const bool changed = !same(known, interface);

		*known = *interface;
		return changed;
	}
	if (interfaces->n == interfaces->room) {
		const size_t room = interfaces->room ? interfaces->room * 2 : 16;
		struct interface *items = realloc(interfaces->items, room * sizeof(*items));

		if (!items)
			return -ENOMEM;
		interfaces->items = items;
		interfaces->room = room;
	}
	interfaces->items[interfaces->n++] = *interface;
	return 1;
}

struct update {
	struct interfaces *interfaces;
	bool changed;
	int err; /* an interface that could not be kept */
};

static void hear_link(struct update *update, const struct nlmsghdr *header)
{
	const struct ifinfomsg *message = mnl_nlmsg_get_payload(header);
	struct heard heard = {.interface.ifindex = (uint32_t)message->ifi_index};
	int r = 0;

	mnl_attr_parse(header, sizeof(*message), hear_attr, &heard);
	/* The bridge sends messages of its own family when a port leaves: they are of the port's membership, not of its life. */
	if (header->nlmsg_type == RTM_DELLINK && message->ifi_family == AF_UNSPEC)
		r = forget(update->interfaces, heard.interface.ifindex);
	else if (header->nlmsg_type == RTM_NEWLINK && message->ifi_family == AF_UNSPEC && heard.named)
		r = learn(update->interfaces, &heard.interface);
	if (r < 0)
		update->err = r;
	else
		update->changed |= r;
}

static int hear(const struct nlmsghdr *header, void *data)
{
	struct update *update = data;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK: /* is told of XDP, too */
	case RTM_DELLINK:
		update->interfaces->hooks_changed = true;
		if (mnl_nlmsg_get_payload_len(header) >= sizeof(struct ifinfomsg))
			hear_link(update, header);
		break;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		update->interfaces->hooks_changed = true;
		break;
	default:
		update->interfaces->addresses_changed = true;
	}
	return MNL_CB_OK;
}

/* Notifications were lost, or none came yet: read all. */
static int read_all(struct interfaces *interfaces)
{
	struct update update = {.interfaces = interfaces};
	int err;

	interfaces->n = 0;
	interfaces->addresses_changed = interfaces->hooks_changed = true;
	err = netlink_dump(RTM_GETLINK, AF_UNSPEC, hear, &update);
	return err ? err : update.err;
}

int interfaces_open(struct interfaces *interfaces)
{
	int buffer = 1 << 20; /* a storm of routes must not hide a port that joins; when it does, all is read anew */
	socklen_t len = sizeof(buffer);

	*interfaces = (struct interfaces){0};
	interfaces->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!interfaces->socket)
		return -errno;
	setsockopt(mnl_socket_get_fd(interfaces->socket), SOL_SOCKET, SO_RCVBUF, &buffer, len);
	if (mnl_socket_bind(interfaces->socket, GROUPS, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return read_all(interfaces);
}

void interfaces_close(struct interfaces *interfaces)
{
	if (interfaces->socket)
		mnl_socket_close(interfaces->socket);
	free(interfaces->items);
	*interfaces = (struct interfaces){0};
}

int interfaces_fd(const struct interfaces *interfaces)
{
	return mnl_socket_get_fd(interfaces->socket);
}

int interfaces_update(struct interfaces *interfaces)
{
	struct update update = {.interfaces = interfaces};
	char bytes[NETLINK_BYTES];

	for (;;) {
		const ssize_t n = mnl_socket_recvfrom(interfaces->socket, bytes, sizeof(bytes));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return update.err ? update.err : update.changed;
		if (n < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			const int err = read_all(interfaces);

			if (err)
				return err;
			update.changed = true;
			continue;
		}
		if (n <= 0)
			return n < 0 ? -errno : update.changed;
		mnl_cb_run(bytes, (size_t)n, 0, 0, hear, &update);
	}
}

const struct interface *interfaces_by_name(const struct interfaces *interfaces, const char *name)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (!strcmp(interfaces->items[i].name, name))
			return &interfaces->items[i];
	return NULL;
}

const struct interface *interfaces_by_index(const struct interfaces *interfaces, uint32_t ifindex)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (interfaces->items[i].ifindex == ifindex)
			return &interfaces->items[i];
	return NULL;
}
