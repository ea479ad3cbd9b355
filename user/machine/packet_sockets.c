// SPDX-License-Identifier: GPL-2.0-only
/*
 * packet_sockets.c - see packet_sockets.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "list.h"
#include "packet_sockets.h"

#define LINE_LEN 256

int packet_sockets_read(struct packet_sockets *ret_sockets)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/net/packet", "re");
	struct packet_sockets sockets AUTO_PACKET_SOCKETS = {0};
	char line[LINE_LEN];

	if (!file)
		return errno == ENOENT ? 0 : -errno; /* a kernel without packet sockets */
	while (fgets(line, sizeof(line), file)) {
		struct packet_socket socket, *added;

		/* sk RefCnt Type Proto Iface R Rmem User Inode; the first line says so */
		if (sscanf(line, "%*s %*d %*d %" SCNx16 " %" SCNu32, &socket.ethertype, &socket.ifindex) != 2)
			continue;
		added = LIST_ADD(&sockets);
		if (added)
			*added = socket;
	}
	if (sockets.err)
		return sockets.err;
	*ret_sockets = sockets;
	sockets = (struct packet_sockets){0};
	return 0;
}

void packet_sockets_free(struct packet_sockets *sockets)
{
	free(sockets->items);
	*sockets = (struct packet_sockets){0};
}
