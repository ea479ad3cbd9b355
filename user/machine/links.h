/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * links.h - the machine's interfaces at one moment: kind, what they stand on, whose ports they are and how, which switch chip they belong to.
 *
 * By rtnetlink, so of the network namespace that we are in. Reads only; the daemon, which follows changes, has its own table
 * (user/daemon/interfaces.h).
 */
#ifndef MACHINE_LINKS_H
#define MACHINE_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/cleanup.h"

struct nlmsghdr;

#define LINK_KIND_MAX 16
#define LINK_SWITCH_MAX 32 /* MAX_PHYS_ITEM_ID_LEN */

struct link {
	uint32_t ifindex;
	uint32_t master; /* ifindex of the bridge (bond, ...) that it is a port of; 0: none */
	uint32_t lower;	 /* ifindex of what it stands on (macvlan, VLAN, ...); 0: nothing, or not of this namespace */
	char name[IF_NAMESIZE];
	char kind[LINK_KIND_MAX]; /* "bridge", "macvlan", ...; "": hardware */
	bool running;		  /* up, with a carrier */
	bool loopback;
	bool point_to_point;
	bool isolated; /* as a port of a bridge: reaches no other isolated port */
	uint8_t switch_id[LINK_SWITCH_MAX];
	uint8_t switch_id_len; /* 0: of no switch chip */
};

struct links {
	struct link *items; /* by ifindex */
	size_t n, room;
	int err;
};

/* Take one message of the kernel's answer into the links that data is. For the tests, too. */
int links_hear(const struct nlmsghdr *header, void *data);

/* 0 or negative errno. */
int links_read(struct links *ret_links);
void links_free(struct links *links);

#define AUTO_LINKS CLEANUP(links_free)

/* NULL: none. */
const struct link *links_by_index(const struct links *links, uint32_t ifindex);
const struct link *links_by_name(const struct links *links, const char *name);

#endif
