// SPDX-License-Identifier: GPL-2.0-only
/*
 * history.c - see history.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

int history_init(struct history *history)
{
	history->next = 0;
	history->items = calloc(HISTORY_EVENTS, sizeof(*history->items));
	return history->items ? 0 : -ENOMEM;
}

void history_free(struct history *history)
{
	for (size_t i = 0; history->items && i < HISTORY_EVENTS; i++)
		free(history->items[i].text);
	free(history->items);
	history->items = NULL;
}

static void copy_text(char *to, size_t size, const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	snprintf(to, size, "%s", text ? text : "");
}

int history_add(struct history *history, json_t *event, int64_t wall_ns)
{
	struct history_event *slot = &history->items[history->next % HISTORY_EVENTS];
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (!text) {
		json_decref(event);
		return -ENOMEM;
	}
	free(slot->text);
	slot->text = text;
	slot->wall_ns = wall_ns;
	copy_text(slot->device, sizeof(slot->device), event, "device");
	copy_text(slot->mac, sizeof(slot->mac), event, "mac");
	copy_text(slot->type, sizeof(slot->type), event, "type");
	json_decref(event);
	history->next++;
	return 0;
}

uint64_t history_first(const struct history *history)
{
	return history->next > HISTORY_EVENTS ? history->next - HISTORY_EVENTS : 0;
}

const struct history_event *history_at(const struct history *history, uint64_t number)
{
	if (number < history_first(history) || number >= history->next)
		return NULL;
	return &history->items[number % HISTORY_EVENTS];
}

bool history_wanted(const struct history_event *event, const struct history_filter *filter)
{
	if (filter->since_ns && event->wall_ns < filter->since_ns)
		return false;
	if (filter->type[0] && strcmp(filter->type, event->type) != 0)
		return false;
	return !filter->device[0] || !strcmp(filter->device, event->device) || !strcasecmp(filter->device, event->mac);
}
