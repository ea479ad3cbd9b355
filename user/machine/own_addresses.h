/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * own_addresses.h - the machine's own addresses, and the interfaces by which default routes lead out. By rtnetlink; reads only.
 */
#ifndef MACHINE_OWN_ADDRESSES_H
#define MACHINE_OWN_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../common/cleanup.h"

struct address {
	uint32_t ifindex;
	struct addr addr;
	uint8_t len; /* of its network, as in struct prefix */
};

/* Default routes by different interfaces: more than a machine with several uplinks has. */
#define ADDRESSES_OUT_MAX 32

struct own_addresses {
	struct address *items;
	size_t n, room;
	uint32_t out[ADDRESSES_OUT_MAX]; /* ifindices */
	size_t n_out;
	int err;
};

/* 0 or negative errno. */
int own_addresses_read(struct own_addresses *ret_addresses);
void own_addresses_free(struct own_addresses *addresses);

#define AUTO_OWN_ADDRESSES CLEANUP(own_addresses_free)

/* Does a default route leave by this interface? */
bool own_addresses_leads_out(const struct own_addresses *addresses, uint32_t ifindex);

#endif
