/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flowtables.h - which interfaces the flowtables of nftables take, and which of them hand flows to hardware. By nfnetlink; reads only.
 */
#ifndef MACHINE_FLOWTABLES_H
#define MACHINE_FLOWTABLES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/cleanup.h"

struct nlmsghdr;

#define FLOWTABLE_NAME_MAX 64 /* a longer name is cut; the kernel's bound is 256 */

/* One interface of one flowtable. */
struct flowtable {
	const char *family; /* "inet", ...; static */
	char table[FLOWTABLE_NAME_MAX];
	char name[FLOWTABLE_NAME_MAX];
	char port[IF_NAMESIZE];
	bool prefix;   /* port is the beginning of names (Linux 6.16) */
	bool hardware; /* flags offload */
};

struct flowtables {
	struct flowtable *items;
	size_t n, room;
	int err;
};

/* Take one message of the kernel's answer into the flowtables that data is. For the tests, too. */
int flowtables_hear(const struct nlmsghdr *header, void *data);

/* 0, also where the kernel has no nf_tables; or negative errno. */
int flowtables_read(struct flowtables *ret_flowtables);
void flowtables_free(struct flowtables *flowtables);

#define AUTO_FLOWTABLES CLEANUP(flowtables_free)

/* Does it take the interface of this name? */
bool flowtable_takes(const struct flowtable *flowtable, const char *name);

#endif
