// SPDX-License-Identifier: GPL-2.0-only
/*
 * packet_sockets.c - see packet_sockets.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "list.h"
#include "packet_sockets.h"

#define LINE_LEN 256
#define FIELD_PROTO 3 /* sk RefCnt Type Proto Iface R Rmem User Inode, as the first line says */
#define FIELD_IFACE 4

/* false: it is the first line. */
static bool read_line(char *line, struct packet_socket *socket)
{
	char *rest = line, *word, *end = NULL;
	int field = 0;

	for (; field <= FIELD_IFACE && (word = strsep(&rest, " \n")); field += *word != '\0') {
		if (*word && field == FIELD_PROTO)
			socket->ethertype = (uint16_t)strtoul(word, &end, 16);
		else if (*word && field == FIELD_IFACE)
			socket->ifindex = (uint32_t)strtoul(word, &end, 10);
		if (end && *end)
			return false;
	}
	return field > FIELD_IFACE;
}

int packet_sockets_read(struct packet_sockets *ret_sockets)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/net/packet", "re");
	struct packet_sockets sockets AUTO_PACKET_SOCKETS = {0};
	char line[LINE_LEN];

	if (!file)
		return errno == ENOENT ? 0 : -errno; /* a kernel without packet sockets */
	while (fgets(line, sizeof(line), file)) {
		struct packet_socket socket = {0}, *added;

		if (!read_line(line, &socket))
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
