/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ports.h - the inside ports: which there should be by the policy and the bridge, which are policed, and making both the same.
 */
#ifndef DAEMON_PORTS_H
#define DAEMON_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../datapath/datapath.h"
#include "../policy/policy.h"
#include "interfaces.h"

struct daemon;

struct port {
	struct report_port report;
	bool wanted; /* while syncing */
	bool told;   /* its failure was logged: not again each time that it is tried */
};

struct ports {
	struct port *items;
	size_t n;
};

/* The inside ports that the policy asks for and that are there. Array of pointers into interfaces, the caller's. */
int ports_wanted(const struct policy *policy, const struct interfaces *interfaces, const struct interface ***ret_ports,
		 size_t *ret_n);

/*
 * At start: police those of the wanted that nothing of ours is on yet, all or none. Ports with programs of an earlier
 * run wait for ports_sync after the flip. On failure what this call attached is gone again and the port is logged.
 */
int ports_attach_new(struct daemon *daemon, const struct policy *policy);

/* Undo ports_attach_new. */
void ports_undo(struct daemon *daemon);

/*
 * Make it so: attach what is missing, take programs from what left, follow names. With renew, programs are exchanged on
 * every port (a new datapath, another hook). What cannot be policed is logged and reported. Gives the number of ports not enforced.
 */
int ports_sync(struct daemon *daemon, bool renew);

/*
 * Ask the kernel whether all that is policed still is, and mend it. With retry, try those that are not, too: not on each
 * notification, since a failed try makes some itself.
 */
void ports_check(struct daemon *daemon, bool retry);

/* What datapath_grow has to attach to. */
int ports_requests(const struct daemon *daemon, const struct policy *policy, struct datapath_port **ret_requests,
		   size_t *ret_n);

/* Fill `ports:` of devices into a ruleset that is not yet staged. */
void ports_resolve(const struct daemon *daemon, struct ruleset *ruleset);

/* NULL: none of ours has this ifindex. */
const struct port *ports_find(const struct ports *ports, uint32_t ifindex);

void ports_free(struct ports *ports);

#endif
