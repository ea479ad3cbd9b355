/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns.h - learns from the DNS that the packet programs cannot read: over TCP, answers with more than they follow, and answers in fragments.
 *
 * Ring -> dns_streams.c (TCP), dns_fragments.c (UDP in IP fragments) -> user/engine/learner.h -> the same tables that the programs use. With the daemon dead nothing of this is learned; what the
 * programs read themselves still is.
 */
#ifndef DAEMON_DNS_H
#define DAEMON_DNS_H

#include <stdint.h>

#include <jansson.h>

#include "../engine/learner.h"
#include "dns_fragments.h"
#include "dns_streams.h"

struct daemon;

struct dns {
	struct dns_streams streams;
	struct dns_fragments fragments;
	struct learner *learner;
	/* Since this start. */
	uint64_t questions; /* over TCP */
	uint64_t answers;   /* to them, and others that were handed over, read to their end */
	uint64_t unasked;   /* answers over TCP that met no question */
	uint64_t unread;    /* messages, connections and datagrams that could not be read */
	uint64_t learned;   /* addresses, new or renewed */
};

/* 0 or -ENOMEM. */
int dns_init(struct daemon *daemon);
void dns_free(struct dns *dns);

/* For datapath_listen_segments. */
void dns_segment(void *context, const struct rf_segment *segment, const uint8_t *bytes);

/* Once a second. */
void dns_tick(struct daemon *daemon);

/* Its counts, for the status. */
json_t *dns_json(const struct daemon *daemon);

#endif
