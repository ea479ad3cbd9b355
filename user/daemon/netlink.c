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

static int ask(struct mnl_socket *nl, int type, unsigned char family)
{
	char bytes[256];
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	struct rtgenmsg *message;

	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = SEQUENCE;
	/* Long enough for every request's header (ifinfomsg is the longest); zero but for the family. */
	message = mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	message->rtgen_family = family;
	return mnl_socket_sendto(nl, header, header->nlmsg_len) < 0 ? -errno : 0;
}

static int dump_once(int type, unsigned char family, mnl_cb_t each, void *data)
{
	CLEANUP(socket_cleanup) struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	AUTO_FREE char *bytes = malloc(NETLINK_BYTES);
	int more = MNL_CB_OK, err;

	if (!nl || !bytes)
		return !nl ? -errno : -ENOMEM;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	err = ask(nl, type, family);
	while (!err && more > MNL_CB_STOP) {
		const ssize_t n = mnl_socket_recvfrom(nl, bytes, NETLINK_BYTES);

		if (n < 0)
			return -errno;
		more = mnl_cb_run(bytes, (size_t)n, SEQUENCE, mnl_socket_get_portid(nl), each, data);
		if (more < 0)
			err = -errno;
	}
	return err;
}

int netlink_dump(int type, unsigned char family, mnl_cb_t each, void *data)
{
	int err = -EINTR;

	for (int i = 0; i < TRIES && err == -EINTR; i++)
		err = dump_once(type, family, each, data);
	return err;
}
