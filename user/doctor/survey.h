/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * survey.h - all that the checks of `ringfence doctor' look at, read once: what the caller knows of the fence, and the machine beneath it.
 *
 * The checks read this and nothing else, so that a test can make it up. What could not be read says so by its errno.
 */
#ifndef DOCTOR_SURVEY_H
#define DOCTOR_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../datapath/ahead.h"
#include "../datapath/hooks.h"
#include "../machine/own_addresses.h"
#include "../machine/filters.h"
#include "../machine/flowtables.h"
#include "../machine/hostapd.h"
#include "../machine/links.h"
#include "../machine/listeners.h"
#include "../machine/neighbours.h"
#include "../machine/packet_sockets.h"
#include "../machine/wireless.h"
#include "../policy/policy.h"

enum survey_role {
	SURVEY_INSIDE,	 /* to be policed */
	SURVEY_UPLINK,	 /* attach.uplinks names it */
	SURVEY_LEFT_OUT, /* a port of the same bridge that attach.ports does not name */
	SURVEY_UNCLEAR,	 /* a port without programs of ours, and no policy is known that says whether it should have */
};

struct survey_port {
	const struct link *link;
	enum survey_role role;
	struct hooks hooks;
	struct ahead *ahead;
	size_t n_ahead;
	struct filters from, to; /* clsact, ingress and egress */
	bool ap;		 /* an access point, or a mesh */
	enum hostapd_isolation isolation;
	char isolation_path[HOSTAPD_PATH_MAX];
};

/* Bridges of ports that attach.ports names: more than one is rare. */
#define SURVEY_BRIDGES_MAX 16

enum survey_init {
	SURVEY_INIT_OTHER,
	SURVEY_INIT_SYSTEMD,
	SURVEY_INIT_OPENWRT,
};

/* May this device open this connection to an address of the machine? Negative errno: it cannot be said. */
typedef int (*survey_reach_fn)(void *context, const struct policy_device *device, const struct addr *addr,
			       uint8_t proto, uint16_t port);

struct survey {
	/* What the caller knows. */
	const char *pin_dir;
	int pins;		     /* 0: maps of this version are pinned; -ENOENT: none; other negative errno */
	const char *pins_text;	     /* of the failure, for people */
	bool daemon;		     /* answers */
	const char *bridge;	     /* as the daemon says; NULL */
	const char *policy_path;     /* NULL: not known */
	const struct policy *policy; /* NULL: not known, or not readable */
	bool policy_changed;	     /* the file is not what is in force */
	survey_reach_fn reach;
	void *reach_context;

	/* What survey_take() reads. */
	struct links links;
	struct own_addresses addresses;
	struct listeners listeners;
	struct flowtables flowtables;
	struct wirelesses wirelesses;
	struct neighbours neighbours;
	struct packet_sockets packet_sockets;
	int listeners_err, flowtables_err, wirelesses_err, packet_sockets_err;
	uint32_t bridges[SURVEY_BRIDGES_MAX]; /* ifindices: attach.bridge, or those whose ports are policed */
	size_t n_bridges;
	struct survey_port *ports; /* of the bridges, and what the policy names */
	size_t n_ports, ports_room;
	int err;
	enum survey_init init;
	bool enabled;	     /* the service ringfence starts with the machine; meant with systemd and OpenWrt */
	bool avahi_reflects; /* says its configuration */
};

/* 0 or negative errno: the machine does not even tell its interfaces. */
int survey_take(struct survey *survey);
void survey_free(struct survey *survey);

#define AUTO_SURVEY CLEANUP(survey_free)

/* Is this the bridge of one of the ports? */
bool survey_is_bridge(const struct survey *survey, uint32_t ifindex);

/* Is it an address at which devices reach this machine? All are but loopback, and link-local ones of other links. */
bool survey_answers(const struct survey *survey, const struct address *address);

/* Programs of ours on either side. */
bool survey_has_programs(const struct survey_port *port);

#endif
