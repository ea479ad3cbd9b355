/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wireless.h - which interfaces are access points. By nl80211, so of the network namespace that we are in; reads only.
 */
#ifndef MACHINE_WIRELESS_H
#define MACHINE_WIRELESS_H

#include <stddef.h>
#include <stdint.h>

#include "../common/cleanup.h"

struct nlmsghdr;

enum wireless_role {
	WIRELESS_STATION, /* or whatever else has one other end */
	WIRELESS_AP,
	WIRELESS_MESH,
};

struct wireless {
	uint32_t ifindex;
	enum wireless_role role;
};

struct wirelesses {
	struct wireless *items;
	size_t n, room;
	int err;
};

/* Take one message of the kernel's answer into the wirelesses that data is. For the tests, too. */
int wireless_hear(const struct nlmsghdr *header, void *data);

/* 0, also where the kernel has no cfg80211; or negative errno. */
int wireless_read(struct wirelesses *ret_wirelesses);
void wireless_free(struct wirelesses *wirelesses);

#define AUTO_WIRELESSES CLEANUP(wireless_free)

/* NULL: not wireless. */
const struct wireless *wireless_by_index(const struct wirelesses *wirelesses, uint32_t ifindex);

#endif
