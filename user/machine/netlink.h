/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netlink.h - one question to the kernel by netlink whose answer is a list.
 */
#ifndef MACHINE_NETLINK_H
#define MACHINE_NETLINK_H

#include <stdbool.h>

#include <libmnl/libmnl.h>

/* libmnl's advice: two pages, at least 8 KiB; a link with many statistics needs more. */
#define NETLINK_BYTES 32768

struct netlink_query {
	int bus;		  /* NETLINK_ROUTE, ... */
	struct nlmsghdr *request; /* a dump, or with NLM_F_ACK; its sequence is set here */
	mnl_cb_t each;		  /* called for every message of the answer */
	void *data;
	/* The list changed while it was read, and is read anew: forget what was heard. NULL: to hear it twice does no harm. */
	void (*restart)(void *data);
	bool torn; /* one that changes all the time will do as it was read last: something may be missing, or be there twice */
};

/* 0 or negative errno; -EPROTONOSUPPORT, -EOPNOTSUPP, -ENOENT: this kernel does not have what is asked about. */
int netlink_list(const struct netlink_query *query);

/* The same of rtnetlink by type and family alone, heard twice if need be. */
int netlink_dump(int type, unsigned char family, mnl_cb_t each, void *data);

#endif
