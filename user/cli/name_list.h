/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * name_list.h - what devices have learned by DNS, from the pinned maps, with the lines of the rules behind it from the daemon.
 *
 * For `names`. Works with the daemon dead: then the lines are not known.
 */
#ifndef CLI_NAME_LIST_H
#define CLI_NAME_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "../datapath/names.h"
#include "cli.h"
#include "snapshot.h"

struct name_list_item {
	const char *device; /* belongs to the view; NULL: an unknown device */
	char *name;
	struct addr addr;
	uint64_t until, used; /* ticks; used 0: never */
	bool listed;
	uint32_t rule; /* id, RF_RULE_NONE */
	char *where;   /* FILE:LINE; NULL: none, or not known */
};

struct name_list {
	struct name_list_item *items; /* by device, name, address */
	size_t n, room;
	const char *device; /* of what is being read */
};

/* Of this device; NULL: of all, unknown ones included. 0 or -ENOMEM. */
int name_list_read(const struct view *view, const struct snapshot_device *device, struct name_list *ret_list);

/* Ask the daemon for the lines of the rules. Where none answers they stay NULL, and false is returned. */
bool name_list_place(const struct cli *cli, const struct view *view, struct name_list *list);

void name_list_free(struct name_list *list);

#define AUTO_NAME_LIST __attribute__((cleanup(name_list_free)))

#endif
