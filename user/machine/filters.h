/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filters.h - the filters of the clsact qdisc of one interface, in the order in which they judge. By rtnetlink; reads only.
 */
#ifndef MACHINE_FILTERS_H
#define MACHINE_FILTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/cleanup.h"

struct nlmsghdr;

#define FILTER_KIND_MAX 16
#define FILTER_NAME_MAX 64

struct filter {
	uint32_t priority;
	uint32_t handle;
	uint32_t prog_id;	    /* of kind bpf; 0: not known */
	char kind[FILTER_KIND_MAX]; /* "bpf", "flower", ... */
	char name[FILTER_NAME_MAX]; /* of kind bpf; "" */
	bool hardware;		    /* the interface's hardware has it, too */
};

struct filters {
	struct filter *items;
	size_t n, room;
	int err;
};

/* Take one message of the kernel's answer into the filters that data is. For the tests, too. */
int filters_hear(const struct nlmsghdr *header, void *data);

/* Of chain 0, where every frame begins. No clsact qdisc, no such interface: none. 0 or negative errno. */
int filters_read(uint32_t ifindex, bool egress, struct filters *ret_filters);
void filters_free(struct filters *filters);

#define AUTO_FILTERS CLEANUP(filters_free)

#endif
