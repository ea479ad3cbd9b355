/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet_sockets.h - packet sockets that get every frame of an interface, or of all. From /proc/net/packet, so of the network namespace that we
 * are in; reads only.
 */
#ifndef MACHINE_PACKET_SOCKETS_H
#define MACHINE_PACKET_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/cleanup.h"

struct packet_socket {
	uint16_t ethertype; /* ETH_P_ALL (3), or the only one that it gets */
	uint32_t ifindex;   /* 0: all */
};

struct packet_sockets {
	struct packet_socket *items;
	size_t n, room;
	int err;
};

/* 0 or negative errno. */
int packet_sockets_read(struct packet_sockets *ret_sockets);
void packet_sockets_free(struct packet_sockets *sockets);

#define AUTO_PACKET_SOCKETS CLEANUP(packet_sockets_free)

#endif
