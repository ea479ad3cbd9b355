/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netlink.h - one question to rtnetlink whose answer is a list.
 */
#ifndef DAEMON_NETLINK_H
#define DAEMON_NETLINK_H

#include <libmnl/libmnl.h>

/* libmnl's advice: two pages, at least 8 KiB; a link with many statistics needs more. */
#define NETLINK_BYTES 32768

/* Call `each` for every message of the answer. 0 or negative errno. */
int netlink_dump(int type, unsigned char family, mnl_cb_t each, void *data);

#endif
