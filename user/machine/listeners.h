/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * listeners.h - the sockets on which this machine waits for others: TCP that listens, UDP that is bound and not connected; and whose they are.
 *
 * By sock_diag, so of the network namespace that we are in; the processes from /proc. Reads only.
 */
#ifndef MACHINE_LISTENERS_H
#define MACHINE_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../common/cleanup.h"

#define LISTENER_OWNER_MAX 16 /* TASK_COMM_LEN */

struct listener {
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;
	uint32_t ifindex; /* bound to this interface; 0: to none */
	uint32_t inode;
	int pid;	  /* 0: the kernel's, or of a process that is not seen from here */
	bool v4, v6;	  /* families of those who reach it */
	struct addr addr; /* 0.0.0.0 and :: are both :: here: any address of these families */
	char owner[LISTENER_OWNER_MAX];
};

struct listeners {
	struct listener *items;
	size_t n, room;
	uint8_t proto; /* of what is being read */
	size_t first;  /* likewise: where the list being read began */
	int err;
};

/* 0 or negative errno; -ENOENT: this kernel cannot tell (INET_DIAG, INET_UDP_DIAG). */
int listeners_read(struct listeners *ret_listeners);
void listeners_free(struct listeners *listeners);

#define AUTO_LISTENERS CLEANUP(listeners_free)

bool listener_is_any(const struct listener *listener);

#endif
