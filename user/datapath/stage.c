// SPDX-License-Identifier: GPL-2.0-only
/*
 * stage.c - a policy into the idle bank, whose places change hands with it, and the flip. See datapath.h.
 *
 * The tables of the policy are in memory only here and only one bank of them: mapped pages count as memory of whoever maps them.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "state.h"
#include "window.h"

/* Where membarrier is refused (nohz_full), a grace period is waited for by the clock: far longer than any softirq. */
#define GRACE_FALLBACK_US 200000

#define WINDOW_ROWS 65536 /* sets of rows that are emptied in one piece: 8 MiB in memory at a time */

/* One bank of all tables of the policy, for as long as it is written. Start as {0}. */
struct bank {
	uint32_t number;
	struct window window[MAP_COUNT];
};

static void bank_close(struct bank *bank)
{
	for (int id = 0; id < MAP_COUNT; id++)
		window_close(&bank->window[id]);
}

static int bank_open(const struct maps *maps, uint32_t number, struct bank *bank)
{
	bank->number = number;
	for (int id = 0; id < MAP_COUNT; id++) {
		const uint32_t n = maps->map[id].entries / 2;
		int err = map_specs[id].kind == MAP_KIND_BANKS
				  ? window_open(&maps->map[id], number * n, n, true, &bank->window[id])
				  : 0;

		if (err)
			return err;
	}
	return 0;
}

static struct ruleset_sizes bank_sizes(const struct datapath *datapath)
{
	const struct map *map = datapath->maps.map;

	return (struct ruleset_sizes){
		.buckets = maps_bank(MAP_DEVICES, &map[MAP_DEVICES]),
		.profiles = maps_bank(MAP_PROFILES, &map[MAP_PROFILES]),
		.nodes = maps_bank(MAP_NODES, &map[MAP_NODES]),
		.values = maps_bank(MAP_VALUES, &map[MAP_VALUES]),
		.chunks = maps_bank(MAP_CHUNKS, &map[MAP_CHUNKS]),
		.peers = maps_bank(MAP_PEERS, &map[MAP_PEERS]),
		.names = maps_bank(MAP_NAMES, &map[MAP_NAMES]),
		.indices = datapath_devices(datapath),
	};
}

/* What an earlier, larger policy left behind this one: so that the fill of a map can be told from what is in it (view.c). */
static void clear_rest(const struct bank *bank, const struct datapath *datapath, enum map_id id, uint32_t used)
{
	const uint32_t room = maps_bank(id, &datapath->maps.map[id]);
	const size_t size = map_specs[id].value_size;

	if (used < room)
		memset((char *)bank->window[id].base + ((size_t)bank->number * room + used) * size, 0,
		       (size_t)(room - used) * size);
}

/*
 * Note the indices that change hands from what `names` says to this ruleset. They are emptied twice: when it is staged, and when it is in
 * force, for who had them goes on sending until then.
 */
int stage_note_changed(struct datapath *datapath, const struct map *names, const struct ruleset *ruleset)
{
	const struct rf_device_info *infos = names->memory;
	const uint32_t room = names->entries < ruleset->n_indices ? names->entries : ruleset->n_indices;
	uint32_t *changed = calloc(room ? room : 1, sizeof(*changed));

	if (!changed)
		return -ENOMEM;
	free(datapath->changed);
	datapath->changed = changed;
	datapath->n_changed = 0;
	for (uint32_t i = RF_UNKNOWN_DEVICES; i < room; i++)
		if (strncmp(infos[i].name, ruleset->infos[i].name, RF_NAME_MAX) != 0)
			changed[datapath->n_changed++] = i;
	return 0;
}

/* What the device that had this index before had open, learned, folded and counted is not the new one's. */
static void forget_in(const struct maps *maps, const struct datapath *datapath)
{
	const uint32_t room = maps->map[MAP_INFO].memory ? maps->map[MAP_INFO].entries : 0;

	for (size_t i = 0; i < datapath->n_changed; i++)
		if (datapath->changed[i] < room)
			maps_clear_device(maps, datapath->changed[i]);
}

/* No connection that was judged 65,536 generations ago may look as if this one had judged it: once in so many changes all begin anew. */
static void forget_rows(const struct map *conns)
{
	const size_t stride = maps_stride(conns);

	for (uint32_t first = 0; first < conns->entries; first += WINDOW_ROWS) {
		const uint32_t n = conns->entries - first < WINDOW_ROWS ? conns->entries - first : WINDOW_ROWS;
		struct window window AUTO_WINDOW = {0};

		if (!window_open(conns, first, n, true, &window))
			memset((char *)window.base + first * stride, 0, n * stride);
	}
}

/* Also in the maps of before: rows were carried over already, counters will be. */
void stage_forget_changed(const struct datapath *datapath)
{
	if (datapath->wrapped)
		forget_rows(&datapath->maps.map[MAP_CONNS]);
	forget_in(&datapath->maps, datapath);
	if (!datapath->published)
		forget_in(&datapath->before, datapath);
}

/* Those with the policy that is in force until this one is; NULL: none, or of another version. */
static const struct maps *maps_in_force(const struct datapath *datapath)
{
	const struct map *own = &datapath->maps.map[MAP_CONTROL], *before = &datapath->before.map[MAP_CONTROL];

	if (datapath->published || datapath->has_staged)
		return &datapath->maps;
	return before->memory && before->value_size == own->value_size ? &datapath->before : NULL;
}

bool stage_wraps(const struct maps *maps, const struct ruleset *ruleset)
{
	const struct rf_bank *bank = &maps_control(maps)->bank[maps_active(maps)];

	return bank->generation && bank->generation >> 16 != ruleset->bank.generation >> 16;
}

/* Whose places these were, and may rows stay? In new maps they are nobody's and empty, unless datapath_grow has said otherwise. */
static int find_changed(struct datapath *datapath, const struct ruleset *ruleset)
{
	const struct map *own = &datapath->maps.map[MAP_INFO], *before = &datapath->before.map[MAP_INFO];
	const struct maps *in_force = maps_in_force(datapath);

	if (in_force)
		datapath->wrapped = stage_wraps(in_force, ruleset);
	if (datapath->published || datapath->has_staged)
		return stage_note_changed(datapath, own, ruleset);
	return before->memory ? stage_note_changed(datapath, before, ruleset) : 0;
}

static struct ruleset_place place_of(const struct datapath *datapath, const struct bank *bank)
{
	const struct window *window = bank->window;

	return (struct ruleset_place){
		.bank = bank->number,
		.control = maps_control(&datapath->maps),
		.buckets = window[MAP_DEVICES].base,
		.profiles = window[MAP_PROFILES].base,
		.nodes = window[MAP_NODES].base,
		.values = window[MAP_VALUES].base,
		.chunks = window[MAP_CHUNKS].base,
		.peers = window[MAP_PEERS].base,
		.idents = window[MAP_IDENTS].base,
		.names = window[MAP_NAMES].base,
		.infos = datapath->maps.map[MAP_INFO].memory,
		.sizes = bank_sizes(datapath),
	};
}

int datapath_stage(struct datapath *datapath, const struct ruleset *ruleset)
{
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	struct bank bank CLEANUP(bank_close) = {0};
	struct ruleset_place place;
	int err = bank_open(&datapath->maps, !maps_active(&datapath->maps), &bank);

	if (err)
		return err;
	place = place_of(datapath, &bank);
	if (need.indices <= place.sizes.indices) {
		err = find_changed(datapath, ruleset);
		stage_forget_changed(datapath);
	}
	if (!err)
		err = ruleset_place(ruleset, &place);
	if (err)
		return err;
	datapath->has_staged = true;
	datapath->staged = place.bank;
	clear_rest(&bank, datapath, MAP_DEVICES, need.buckets);
	clear_rest(&bank, datapath, MAP_PROFILES, need.profiles);
	clear_rest(&bank, datapath, MAP_NODES, need.nodes);
	clear_rest(&bank, datapath, MAP_VALUES, need.values);
	clear_rest(&bank, datapath, MAP_CHUNKS, need.chunks);
	clear_rest(&bank, datapath, MAP_PEERS, need.peers);
	clear_rest(&bank, datapath, MAP_NAMES, need.names);
	return 0;
}

void datapath_flip(struct datapath *datapath)
{
	__atomic_store_n(&maps_control(&datapath->maps)->active, datapath->staged, __ATOMIC_RELEASE);
	stage_forget_changed(datapath);
	/* RCU grace: afterwards no program runs that read the other bank's number. */
	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		usleep(GRACE_FALLBACK_US);
	stage_forget_changed(datapath);
}

void datapath_bind(struct datapath *datapath, uint32_t device, const uint32_t ifindex[RF_IDENT_PORTS])
{
	const struct rf_bank *bank = &maps_control(&datapath->maps)->bank[maps_active(&datapath->maps)];
	struct window window AUTO_WINDOW = {0};
	struct rf_ident *idents;

	if (device >= datapath_devices(datapath) ||
	    window_open(&datapath->maps.map[MAP_IDENTS], bank->ident_first + device, 1, true, &window))
		return;
	idents = window.base;
	for (int i = 0; i < RF_IDENT_PORTS; i++)
		__atomic_store_n(&idents[bank->ident_first + device].ifindex[i], ifindex[i], __ATOMIC_RELAXED);
}
