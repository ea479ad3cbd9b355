// SPDX-License-Identifier: GPL-2.0-only
/*
 * names.c - see names.h.
 */
#include "names.h"

#include <errno.h>
#include <string.h>

#include "../../include/hash.h"
#include "../common/sizing.h"
#include "window.h"

/* What the maps hold of one device, in memory. Start as {0}. */
struct rows {
	const struct view *view;
	uint32_t state;
	struct window known_window, learned_window;
	struct known_table known;
	const struct rf_learned_set *learned; /* n_learned */
	uint32_t n_learned;
};

static void rows_close(struct rows *rows)
{
	window_close(&rows->known_window);
	window_close(&rows->learned_window);
}

/* A device behind the end of the maps has no rows: -ERANGE. */
static int rows_open(const struct view *view, uint32_t state, struct rows *rows)
{
	const struct maps *maps = view_maps(view);
	int err = -ERANGE;

	rows->n_learned = maps_each(MAP_LEARNED, maps->sizing);
	if ((uint64_t)(state + 1) * rows->n_learned <= maps->map[MAP_LEARNED].entries)
		err = window_open_devices(maps, MAP_LEARNED, state, 1, false, &rows->learned_window);
	if (!err)
		err = window_open_devices(maps, MAP_KNOWN, state, 1, false, &rows->known_window);
	if (err)
		return err;
	rows->view = view;
	rows->state = state;
	rows->known = (struct known_table){rows->known_window.base, maps->map[MAP_KNOWN].entries,
					   sizing_of(maps->sizing)->known};
	rows->learned = (const struct rf_learned_set *)rows->learned_window.base + (size_t)state * rows->n_learned;
	return 0;
}

uint32_t names_state(const uint8_t mac[6])
{
	uint64_t number = 0;

	for (int i = 0; i < 6; i++)
		number = number << 8 | mac[i];
	return rf_unknown_state(number);
}

/* The first rule that the name grants. */
static uint32_t first_rule(const struct view *view, const struct rf_known *known)
{
	const struct map *map = &view_maps(view)->map[MAP_CHUNKS];
	const uint32_t chunk = known->chunk;
	struct window window AUTO_WINDOW = {0};

	if (window_open(map, chunk, 1, false, &window))
		return RF_RULE_NONE;
	return rf_rule_id(&((const struct rf_chunk *)window.base)[chunk].rule[0]);
}

/* One place of a set as an entry; false: free, given up, or changing. */
static bool read_entry(const struct rows *rows, const struct rf_learned *place, struct names_entry *entry)
{
	const uint32_t generation = view_bank(rows->view)->generation;
	const uint64_t hash = __atomic_load_n(&place->name_hash, __ATOMIC_ACQUIRE);
	const struct rf_learned copy = *place;
	const struct rf_known *known;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!hash || __atomic_load_n(&place->name_hash, __ATOMIC_RELAXED) != hash)
		return false;
	known = known_entry(&rows->known, rows->state, copy.known);
	if (!known || known->hash != hash || !known_find(&rows->known, rows->state, hash, entry->name))
		return false;
	entry->addr = copy.addr;
	entry->until = copy.until;
	entry->used = copy.used;
	entry->answered = known->answered;
	entry->listed = known->generation == generation && known->flags & RF_NAME_LISTED;
	entry->rule = RF_RULE_NONE;
	if (copy.generation == generation && copy.rule != RF_RULE_NONE)
		entry->rule = copy.rule;
	else if (entry->listed)
		entry->rule = first_rule(rows->view, known);
	return true;
}

bool names_find(const struct view *view, uint32_t state, const struct rf_addr *addr, struct names_entry *ret_entry)
{
	/* As bpf/names.h places it. */
	const uint64_t hash = rf_mix(rf_mix(maps_control(view_maps(view))->secret[1] ^ addr->lo) ^ addr->hi);
	struct rows rows CLEANUP(rows_close) = {0};
	const struct rf_learned_set *set;
	struct names_entry entry;
	bool found = false;

	if (rows_open(view, state, &rows))
		return false;
	set = &rows.learned[(uint32_t)(hash >> 32) % rows.n_learned];
	for (int way = 0; way < RF_LEARNED_WAYS; way++) {
		if (!read_entry(&rows, &set->entry[way], &entry) || entry.addr.hi != addr->hi ||
		    entry.addr.lo != addr->lo)
			continue;
		if (found && entry.answered <= ret_entry->answered)
			continue;
		*ret_entry = entry;
		found = true;
	}
	return found;
}

/* Longer than any row of a connection lives without a packet: then nothing holds it any more. */
static bool counts(const struct names_entry *entry, uint64_t now)
{
	return entry->until > now || (entry->used && entry->used + (uint64_t)view_hz() * RF_LIFE_TCP_S > now);
}

int names_each(const struct view *view, uint32_t state, names_fn callback, void *context)
{
	const uint64_t now = view_ticks();
	struct rows rows CLEANUP(rows_close) = {0};
	struct names_entry entry;

	if (rows_open(view, state, &rows))
		return 0;
	for (uint32_t i = 0; i < rows.n_learned * RF_LEARNED_WAYS; i++) {
		const struct rf_learned *place = &rows.learned[i / RF_LEARNED_WAYS].entry[i % RF_LEARNED_WAYS];
		int done = 0;

		if (read_entry(&rows, place, &entry) && counts(&entry, now))
			done = callback(context, &entry);
		if (done)
			return done;
	}
	return 0;
}

const char *names_of_result(const struct maps *maps, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	const bool named = result->device != RF_DEVICE_NONE;
	struct window window AUTO_WINDOW = {0};
	struct known_table table;

	if (!result->known || window_open_devices(maps, MAP_KNOWN, named ? result->device : 0,
						  named ? 1 : RF_UNKNOWN_DEVICES, false, &window))
		return NULL;
	table = (struct known_table){window.base, maps->map[MAP_KNOWN].entries, sizing_of(maps->sizing)->known};
	return known_result(&table, result, buf);
}

/* Devices whose rows are looked at in one piece: at most 19 MiB. */
#define FILL_DEVICES 1024

/* A part of the devices, one behind the other. Start as {0}. */
struct part {
	uint32_t first, n;
	struct window known, learned;
};

static void part_close(struct part *part)
{
	window_close(&part->known);
	window_close(&part->learned);
}

static int part_open(const struct maps *maps, struct part *part)
{
	int err = window_open_devices(maps, MAP_KNOWN, part->first, part->n, false, &part->known);

	return err ? err : window_open_devices(maps, MAP_LEARNED, part->first, part->n, false, &part->learned);
}

/* Of n places, `stride` bytes apart, those that a name's hash takes. `hash`: the first one's. */
static uint32_t count_taken(const __u64 *hash, size_t stride, uint32_t n)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < n; i++)
		taken += *(const __u64 *)((const char *)hash + i * stride) != 0;
	return taken;
}

/* Sets are nothing but their ways: the places of a device stand one behind the other. */
_Static_assert(sizeof(struct rf_known_set) == RF_KNOWN_WAYS * sizeof(struct rf_known), "rf_known_set");
_Static_assert(sizeof(struct rf_learned_set) == RF_LEARNED_WAYS * sizeof(struct rf_learned), "rf_learned_set");

static void part_fill(const struct view *view, const struct part *part, struct view_fill *known,
		      struct view_fill *learned)
{
	const enum rf_sizing_id sizing = view_maps(view)->sizing;
	const uint32_t n_known = maps_each(MAP_KNOWN, sizing) * RF_KNOWN_WAYS;
	const uint32_t n_learned = maps_each(MAP_LEARNED, sizing) * RF_LEARNED_WAYS;
	const struct rf_known *names = part->known.base;
	const struct rf_learned *addresses = part->learned.base;

	for (uint32_t device = part->first; device < part->first + part->n; device++) {
		if (device >= RF_UNKNOWN_DEVICES && !view_info(view, device))
			continue;
		known->used += count_taken(&names[(size_t)device * n_known].hash, sizeof(*names), n_known);
		known->max += n_known;
		learned->used +=
			count_taken(&addresses[(size_t)device * n_learned].name_hash, sizeof(*addresses), n_learned);
		learned->max += n_learned;
	}
}

void names_fill(const struct view *view, struct view_fill *ret_known, struct view_fill *ret_learned)
{
	struct view_fill known = {.name = map_specs[MAP_KNOWN].name}, learned = {.name = map_specs[MAP_LEARNED].name};
	const uint32_t n = view_devices(view);

	for (uint32_t first = 0; first < n; first += FILL_DEVICES) {
		struct part part CLEANUP(part_close) = {.first = first,
							.n = n - first < FILL_DEVICES ? n - first : FILL_DEVICES};

		if (!part_open(view_maps(view), &part))
			part_fill(view, &part, &known, &learned);
	}
	*ret_known = known;
	*ret_learned = learned;
}
