/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interfaces.h - the machine's interfaces as rtnetlink tells them: which are bridges, which are whose ports, which addresses they have.
 *
 * The table is kept up to date by notifications; after lost ones it is read anew. Knows nothing of policies or programs.
 */
#ifndef DAEMON_INTERFACES_H
#define DAEMON_INTERFACES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../../include/bounds.h"

struct mnl_socket;

struct interface {
	uint32_t ifindex;
	uint32_t master; /* ifindex of the bridge (or bond, ...) that it is a port of, 0: none */
	bool is_bridge;
	char name[IF_NAMESIZE];
};

struct interfaces {
	struct mnl_socket *socket; /* notifications, non-blocking */
	struct interface *items;
	size_t n, room;
	bool addresses_changed; /* an address or a route came or went since somebody cleared this */
	bool hooks_changed;	/* likewise: something was attached to an interface, or taken off */
};

/* Subscribe, then read all. 0 or negative errno. */
int interfaces_open(struct interfaces *interfaces);
void interfaces_close(struct interfaces *interfaces);
int interfaces_fd(const struct interfaces *interfaces);

/* Take what is waiting. 1: the table changed; 0: not; negative errno. */
int interfaces_update(struct interfaces *interfaces);

/* NULL: none. */
const struct interface *interfaces_by_name(const struct interfaces *interfaces, const char *name);
const struct interface *interfaces_by_index(const struct interfaces *interfaces, uint32_t ifindex);

/*
 * What the machine says is the gateway of the devices behind the interface: its own addresses, then the next hops of
 * default routes that lead out of it. What is beyond RF_GATEWAYS_MAX is left out. 0 or negative errno.
 */
struct gateways {
	struct addr items[RF_GATEWAYS_MAX];
	size_t n;
};
int interfaces_gateways(uint32_t ifindex, struct gateways *ret_gateways);

#endif
