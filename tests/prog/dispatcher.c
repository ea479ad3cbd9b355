// SPDX-License-Identifier: GPL-2.0-only
/*
 * dispatcher.c - see dispatcher.h. The process stays in the new namespace; the veth ends with it.
 */
#include "dispatcher.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#define PORT_NAME "rfcase0"
#define PEER_NAME "rfcase1"

struct dispatcher {
	int ifindex;
};

static void veth_message(struct nlmsghdr *message)
{
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *link;

	message->nlmsg_type = RTM_NEWLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	mnl_nlmsg_put_extra_header(message, sizeof(*link));
	mnl_attr_put_strz(message, IFLA_IFNAME, PORT_NAME);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(message, sizeof(*link));
	mnl_attr_put_strz(message, IFLA_IFNAME, PEER_NAME);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
}

static int make_veth(void)
{
	uint8_t buffer[1024] = {0};
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	ssize_t n = -1;

	if (!socket)
		return -errno;
	veth_message(message);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0)
		n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (n >= 0 && mnl_cb_run(buffer, (size_t)n, 0, mnl_socket_get_portid(socket), NULL, NULL) < 0)
		n = -1;
	n = n < 0 ? -errno : 0;
	mnl_socket_close(socket);
	return (int)n;
}

int dispatcher_open(int prog_fd, struct dispatcher **ret_dispatcher)
{
	struct dispatcher *dispatcher = calloc(1, sizeof(*dispatcher));
	int err = dispatcher ? 0 : -ENOMEM;

	if (!err && unshare(CLONE_NEWNET) < 0)
		err = -errno;
	if (!err)
		err = make_veth();
	if (!err) {
		dispatcher->ifindex = (int)if_nametoindex(PORT_NAME);
		err = bpf_xdp_attach(dispatcher->ifindex, prog_fd, XDP_FLAGS_DRV_MODE, NULL);
	}
	if (err) {
		free(dispatcher);
		return err;
	}
	*ret_dispatcher = dispatcher;
	return 0;
}

void dispatcher_close(struct dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	bpf_xdp_detach(dispatcher->ifindex, XDP_FLAGS_DRV_MODE, NULL);
	free(dispatcher);
}
