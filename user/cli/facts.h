/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts.h - what a frame is, for people and JSON: addresses, protocol, ports.
 *
 * They come from the core's own parsers, so that what is shown and what was judged cannot disagree.
 */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "../common/addr.h"
#include "capture.h"

struct facts {
	bool whole;	    /* false: malformed, and the rest is what was read before that was seen */
	uint8_t l3;	    /* 4, 6, or 0 */
	bool ports;	    /* sport, dport are meant */
	uint8_t proto;	    /* meant when l3 is */
	uint16_t ethertype; /* 0: 802.3 with LLC */
	uint16_t sport, dport;
	struct addr src, dst;
};

void facts_read(const struct capture_frame *frame, struct facts *ret_facts);

/* Adds l3, proto, src, dst, sport, dport (null where there is none). 0 or -ENOMEM. */
int facts_add_json(const struct facts *facts, json_t *object);

/* "udp 192.168.1.40:10245 > 47.91.1.2:32100", "arp", "ethertype 0x88cc", "tcp ... (malformed)". */
#define FACTS_TEXT_MAX 160
const char *facts_text(const struct facts *facts, char buf[FACTS_TEXT_MAX]);

#endif
