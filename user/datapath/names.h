/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - what devices learned by DNS (rf_learned, rf_known), read from the pins, with the daemon dead or alive.
 *
 * A device is told by its state index: of a named device its index, of an unknown MAC names_state(). The programs write at the same time; an entry that
 * changes while it is read is left out. Changes nothing.
 */
#ifndef DATAPATH_NAMES_H
#define DATAPATH_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "../common/known.h"
#include "view.h"

struct names_entry {
	struct rf_addr addr;
	uint64_t answered; /* ticks: the name, last */
	uint64_t until;	   /* ticks */
	uint64_t used;	   /* ticks; 0: never */
	bool listed;	   /* a rule lists the name; false also if that is not known in this generation */
	/* That last matched, else the first that the name grants. RF_RULE_NONE: neither is known in this generation. */
	uint32_t rule;
	char name[KNOWN_TEXT_MAX];
};

/* State index of the unknown device with this MAC. */
uint32_t names_state(const uint8_t mac[6]);

/* The name under which the device last learned this address, whether or not its time is over. false: never, or it gave way. */
bool names_find(const struct view *view, uint32_t state, const struct rf_addr *addr, struct names_entry *ret_entry);

/*
 * Everything that the device learned and that still counts: before `until`, or used so lately that a connection may live. In no order; ends when callback
 * gives non-zero, which is returned.
 */
typedef int (*names_fn)(void *context, const struct names_entry *entry);
int names_each(const struct view *view, uint32_t state, names_fn callback, void *context);

/* The name under which a frame has just been allowed (result->known) as text; NULL: under none, or it gave way. */
const char *names_of_result(const struct maps *maps, const struct rf_result *result, char buf[KNOWN_TEXT_MAX]);

/* Fill of the maps of names and addresses: what is in them now, and the room of the devices that there are. */
void names_fill(const struct view *view, struct view_fill *ret_known, struct view_fill *ret_learned);

#endif
