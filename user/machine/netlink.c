// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink.c - see netlink.h.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "../common/cleanup.h"
#include "netlink.h"

#define SEQUENCE 1
#define TRIES 5 /* the kernel says EINTR when the list changed while it was being read */

static void socket_cleanup(struct mnl_socket **nl)
{
	if (*nl)
		mnl_socket_close(*nl);
}

/* mnl_cb_run() would stop at a list that is not of one moment. */
static void take_torn(char *bytes, size_t n)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)bytes;

	for (int left = (int)n; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left))
		header->nlmsg_flags &= (uint16_t)~NLM_F_DUMP_INTR;
}

static int list_once(const struct netlink_query *query, bool torn)
{
	CLEANUP(socket_cleanup) struct mnl_socket *nl = mnl_socket_open2(query->bus, SOCK_CLOEXEC);
	AUTO_FREE char *bytes = malloc(NETLINK_BYTES);
	int more = MNL_CB_OK, err = 0;

	if (!nl || !bytes)
		return !nl ? -errno : -ENOMEM;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	query->request->nlmsg_seq = SEQUENCE;
	if (mnl_socket_sendto(nl, query->request, query->request->nlmsg_len) < 0)
		return -errno;
	while (!err && more > MNL_CB_STOP) {
		const ssize_t n = mnl_socket_recvfrom(nl, bytes, NETLINK_BYTES);

		if (n < 0)
			return -errno;
		if (torn)
			take_torn(bytes, (size_t)n);
		more = mnl_cb_run(bytes, (size_t)n, SEQUENCE, mnl_socket_get_portid(nl), query->each, query->data);
		if (more < 0)
			err = -errno;
	}
	return err;
}

int netlink_list(const struct netlink_query *query)
{
	int err = -EINTR;

	for (int i = 0; i < TRIES && err == -EINTR; i++) {
		if (i && query->restart)
			query->restart(query->data);
		err = list_once(query, query->torn && i == TRIES - 1);
	}
	return err;
}

int netlink_dump(int type, unsigned char family, mnl_cb_t each, void *data)
{
	char bytes[256];
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {.bus = NETLINK_ROUTE, .request = header, .each = each, .data = data};
	struct rtgenmsg *message;

	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	/* Long enough for every request's header (ifinfomsg is the longest); zero but for the family. */
	message = mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	message->rtgen_family = family;
	return netlink_list(&query);
}
