// SPDX-License-Identifier: GPL-2.0-only
/*
 * name_list.c - see name_list.h.
 */
#include "name_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define ITEMS_FIRST 64
/* Rules asked for in one request, which has CONTROL_REQUEST_MAX bytes: each id is at most 11 of them. */
#define RULES_AT_ONCE 1024

static int take_entry(void *context, const struct names_entry *entry)
{
	struct name_list *list = context;
	struct name_list_item *item;

	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : ITEMS_FIRST;
		struct name_list_item *items = reallocarray(list->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	item = &list->items[list->n];
	*item = (struct name_list_item){
		.device = list->device,
		.name = strdup(entry->name),
		.addr = addr_from_wire(entry->addr),
		.until = entry->until,
		.used = entry->used,
		.listed = entry->listed,
		.rule = entry->rule,
	};
	if (!item->name)
		return -ENOMEM;
	list->n++;
	return 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct name_list_item *x = a, *y = b;
	int r = strcmp(x->device ? x->device : "", y->device ? y->device : "");

	if (!r)
		r = strcmp(x->name, y->name);
	return r ? r : memcmp(x->addr.bytes, y->addr.bytes, sizeof(x->addr.bytes));
}

int name_list_read(const struct view *view, const struct snapshot_device *device, struct name_list *ret_list)
{
	struct name_list list AUTO_NAME_LIST = {0};
	const uint32_t first = device ? device->index : 0, last = device ? device->index + 1 : view_devices(view);
	int r = 0;

	for (uint32_t i = first; i < last && !r; i++) {
		const struct rf_device_info *info = view_info(view, i);

		if (i >= RF_UNKNOWN_DEVICES && !info)
			continue;
		list.device = info ? info->name : NULL;
		r = names_each(view, i, take_entry, &list);
	}
	if (r)
		return r;
	if (list.n)
		qsort(list.items, list.n, sizeof(*list.items), compare_items);
	*ret_list = list;
	list = (struct name_list){0};
	return 0;
}

/* Ask for the rules of items first..end. 0, or negative errno: no daemon, or it says no. */
static int place_some(struct control_client *client, uint32_t generation, struct name_list *list, size_t first,
		      size_t end)
{
	json_t *ids = json_array(), *reply AUTO_JSON = NULL;
	const json_t *lines;
	const char *file;

	for (size_t i = first; i < end; i++)
		json_array_append_new(ids, json_integer(list->items[i].rule));
	if (control_call(client, "rules", json_pack("{s:I, s:o}", "generation", (json_int_t)generation, "ids", ids),
			 &reply) ||
	    control_error(reply, NULL))
		return -EPROTO;
	lines = json_object_get(json_object_get(reply, "parameters"), "lines");
	file = json_string_value(json_object_get(json_object_get(reply, "parameters"), "file"));
	if (json_array_size(lines) != end - first || !file)
		return -EPROTO;
	for (size_t i = first; i < end; i++) {
		const json_t *line = json_array_get(lines, i - first);

		if (json_is_integer(line) &&
		    asprintf(&list->items[i].where, "%s:%" JSON_INTEGER_FORMAT, file, json_integer_value(line)) < 0)
			return -ENOMEM;
	}
	return 0;
}

bool name_list_place(const struct cli *cli, const struct view *view, struct name_list *list)
{
	struct control_client *client AUTO_CONTROL = NULL;

	if (control_connect(cli->run_dir, &client))
		return false;
	for (size_t first = 0; first < list->n; first += RULES_AT_ONCE) {
		size_t end = list->n - first < RULES_AT_ONCE ? list->n : first + RULES_AT_ONCE;

		if (place_some(client, view_bank(view)->generation, list, first, end))
			return false;
	}
	return true;
}

void name_list_free(struct name_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->items[i].name);
		free(list->items[i].where);
	}
	free(list->items);
	*list = (struct name_list){0};
}
