/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * neighbours.h - which MAC address the machine knows behind an address of its links. By rtnetlink; reads only.
 */
#ifndef MACHINE_NEIGHBOURS_H
#define MACHINE_NEIGHBOURS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../common/cleanup.h"

struct neighbour {
	uint32_t ifindex;
	struct addr addr;
	struct mac mac;
};

struct neighbours {
	struct neighbour *items;
	size_t n, room;
	int err;
};

/* 0 or negative errno. */
int neighbours_read(struct neighbours *ret_neighbours);
void neighbours_free(struct neighbours *neighbours);

#define AUTO_NEIGHBOURS CLEANUP(neighbours_free)

/* NULL: not known. */
const struct neighbour *neighbours_find(const struct neighbours *neighbours, const struct addr *addr);

#endif
