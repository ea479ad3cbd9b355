// SPDX-License-Identifier: GPL-2.0-only
/*
 * datapath.c - a loaded datapath: policy in, banks flipped, pins exchanged, room made. See datapath.h.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "object.h"
#include "state.h"
#include "window.h"

/* Where membarrier is refused (nohz_full), a grace period is waited for by the clock: far longer than any softirq. */
#define GRACE_FALLBACK_US 200000

#define WINDOW_ROWS 65536 /* sets of rows that are emptied in one piece: 8 MiB in memory at a time */

/* Their words go to stderr, and they are of retries and probes that are none of the user's business. */
static void quiet_libraries(void)
{
	libbpf_set_print(NULL);
	libxdp_set_print(NULL);
}

/* NULL: no memory, or a path that is too long; fault says which. */
static struct datapath *new_datapath(const char *pin_dir, struct fault *fault)
{
	struct datapath *datapath;

	/* Room for "/links/4294967295-from-next". */
	if (pin_dir && strlen(pin_dir) >= STATE_PATH_MAX - 64) {
		fault_set(fault, -ENAMETOOLONG, "the path of the pin directory is too long");
		return NULL;
	}
	datapath = calloc(1, sizeof(*datapath));
	if (!datapath) {
		fault_errno(fault, -ENOMEM, "cannot load the datapath");
		return NULL;
	}
	maps_init(&datapath->maps);
	maps_init(&datapath->before);
	snprintf(datapath->pin_dir, sizeof(datapath->pin_dir), "%s", pin_dir ? pin_dir : "");
	return datapath;
}

/* What is pinned; another version's maps are left alone until ours take their place. */
static int open_before(struct datapath *datapath, struct fault *fault)
{
	char dir[STATE_PATH_MAX + 8];
	int err = pins_prepare(datapath->pin_dir, fault);

	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/maps", datapath->pin_dir);
	err = maps_open(dir, true, &datapath->before, fault);
	if (!err || err == -ENOENT || err == -EPROTO) {
		*fault = (struct fault){0};
		return 0;
	}
	return err;
}

int datapath_open(const struct datapath_options *options, const struct ruleset_sizes *need, struct fault *fault,
		  struct datapath **ret_datapath)
{
	AUTO_DATAPATH struct datapath *datapath = new_datapath(options->pin_dir, fault);
	int err = 0;

	if (!datapath)
		return -ENOMEM;
	quiet_libraries();
	if (options->pin_dir)
		err = open_before(datapath, fault);
	if (!err)
		err = load_object(datapath, options, need, &datapath->before, fault);
	if (err)
		return err;
	if (datapath->reused) {
		datapath->published = true;
		/* Of its own maps only those by device may be new: see policy_fits in load.c, which asks for them, too. */
		maps_close(&datapath->before);
	}
	*ret_datapath = TAKE_PTR(datapath);
	return 0;
}

void datapath_close(struct datapath *datapath)
{
	if (!datapath)
		return;
	ring_buffer__free(datapath->ring);
	bpf_object__close(datapath->xdp_object);
	bpf_object__close(datapath->object);
	maps_close(&datapath->maps);
	maps_close(&datapath->before);
	free(datapath->changed);
	free(datapath);
}

bool datapath_reused(const struct datapath *datapath)
{
	return datapath->reused;
}

void datapath_trim(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t start = ((uintptr_t)object_start + page - 1) & ~(page - 1);
	const uintptr_t end = (uintptr_t)object_end & ~(page - 1);

	/* Read-only pages of the program's file: they come back when they are read. */
	if (start < end)
		madvise((void *)start, end - start, MADV_DONTNEED);
	malloc_trim(0);
}

uint32_t datapath_devices(const struct datapath *datapath)
{
	const uint32_t infos = datapath->maps.map[MAP_INFO].entries;
	const uint32_t idents = maps_bank(MAP_IDENTS, &datapath->maps.map[MAP_IDENTS]);

	return infos < idents ? infos : idents;
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
static void clear_rest(struct datapath *datapath, enum map_id id, uint32_t used)
{
	const struct map *map = &datapath->maps.map[id];
	const uint32_t room = maps_bank(id, map);
	const size_t size = map_specs[id].value_size;

	if (used < room)
		memset((char *)map->memory + ((size_t)datapath->staged * room + used) * size, 0,
		       (size_t)(room - used) * size);
}

/*
 * Note the indices that change hands from what `names` says to this ruleset. They are emptied twice: when it is staged, and when it is in
 * force, for who had them goes on sending until then.
 */
static int note_changed(struct datapath *datapath, const struct map *names, const struct ruleset *ruleset)
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
static void forget_changed(const struct datapath *datapath)
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

static bool wraps(const struct maps *maps, const struct ruleset *ruleset)
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
		datapath->wrapped = wraps(in_force, ruleset);
	if (datapath->published || datapath->has_staged)
		return note_changed(datapath, own, ruleset);
	return before->memory ? note_changed(datapath, before, ruleset) : 0;
}

int datapath_stage(struct datapath *datapath, const struct ruleset *ruleset)
{
	const struct map *map = datapath->maps.map;
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	struct ruleset_place place = {
		.bank = !maps_active(&datapath->maps),
		.control = maps_control(&datapath->maps),
		.buckets = map[MAP_DEVICES].memory,
		.profiles = map[MAP_PROFILES].memory,
		.nodes = map[MAP_NODES].memory,
		.values = map[MAP_VALUES].memory,
		.chunks = map[MAP_CHUNKS].memory,
		.peers = map[MAP_PEERS].memory,
		.idents = map[MAP_IDENTS].memory,
		.names = map[MAP_NAMES].memory,
		.infos = map[MAP_INFO].memory,
		.sizes = bank_sizes(datapath),
	};
	int err = 0;

	if (need.indices <= place.sizes.indices) {
		err = find_changed(datapath, ruleset);
		forget_changed(datapath);
	}
	if (!err)
		err = ruleset_place(ruleset, &place);
	if (err)
		return err;
	datapath->has_staged = true;
	datapath->staged = place.bank;
	clear_rest(datapath, MAP_DEVICES, need.buckets);
	clear_rest(datapath, MAP_PROFILES, need.profiles);
	clear_rest(datapath, MAP_NODES, need.nodes);
	clear_rest(datapath, MAP_VALUES, need.values);
	clear_rest(datapath, MAP_CHUNKS, need.chunks);
	clear_rest(datapath, MAP_PEERS, need.peers);
	clear_rest(datapath, MAP_NAMES, need.names);
	return 0;
}

void datapath_flip(struct datapath *datapath)
{
	__atomic_store_n(&maps_control(&datapath->maps)->active, datapath->staged, __ATOMIC_RELEASE);
	forget_changed(datapath);
	/* RCU grace: afterwards no program runs that read the other bank's number. */
	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		usleep(GRACE_FALLBACK_US);
	forget_changed(datapath);
}

void datapath_bind(struct datapath *datapath, uint32_t device, const uint32_t ifindex[RF_IDENT_PORTS])
{
	const struct rf_bank *bank = &maps_control(&datapath->maps)->bank[maps_active(&datapath->maps)];
	struct rf_ident *idents = datapath->maps.map[MAP_IDENTS].memory;

	if (device >= datapath_devices(datapath))
		return;
	for (int i = 0; i < RF_IDENT_PORTS; i++)
		__atomic_store_n(&idents[bank->ident_first + device].ifindex[i], ifindex[i], __ATOMIC_RELAXED);
}

int datapath_publish(struct datapath *datapath, struct fault *fault)
{
	int err;

	if (datapath->published)
		return 0;
	err = pins_exchange(datapath->pin_dir, &datapath->maps, fault);
	if (err)
		return err;
	forget_changed(datapath); /* no port has programs of before any more */
	datapath->published = true;
	err = carry_counters(&datapath->maps, &datapath->before);
	if (err)
		return fault_errno(fault, err, "the counters before this start could not be taken over");
	return 0;
}

bool datapath_pinned(const struct datapath *datapath)
{
	char path[STATE_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/maps/%s", datapath->pin_dir, map_specs[MAP_CONTROL].name);
	return !access(path, F_OK) || errno != ENOENT;
}

/* Programs on all ports, or those of `old` again on all. */
static int exchange_ports(struct datapath *datapath, struct datapath *old, const struct datapath_port *ports,
			  size_t n_ports, struct fault *fault)
{
	struct report_port report;

	/* Each knows the other's programs for ours: this one when it comes, that one when it must come back. */
	for (int prog = 0; prog < HOOK_PROG_COUNT; prog++) {
		datapath->own.id[prog][1] = old->own.id[prog][0];
		old->own.id[prog][1] = datapath->own.id[prog][0];
	}
	for (size_t i = 0; i < n_ports; i++) {
		int err = datapath_attach(datapath, &ports[i], &report);

		if (!err)
			continue;
		fault_set(fault, err, "port %s: %s", report.name, report.error);
		for (size_t j = 0; j <= i; j++)
			datapath_attach(old, &ports[j], &report);
		return err;
	}
	return 0;
}

/* The new one's insides into the old one's place, whose ring and listener stay. */
static void take_place(struct datapath *datapath, struct datapath *next)
{
	struct bpf_object *object = datapath->object, *xdp_object = datapath->xdp_object;

	maps_close(&datapath->before);
	datapath->before = datapath->maps;
	datapath->maps = next->maps;
	datapath->object = next->object;
	datapath->xdp_object = next->xdp_object;
	memcpy(datapath->prog_fd, next->prog_fd, sizeof(datapath->prog_fd));
	datapath->own = next->own;
	datapath->staged = next->staged;
	free(datapath->changed);
	datapath->changed = TAKE_PTR(next->changed);
	datapath->n_changed = next->n_changed;
	datapath->wrapped = next->wrapped;
	maps_init(&next->maps);
	next->object = object;
	next->xdp_object = xdp_object;
}

int datapath_grow(struct datapath *datapath, const struct ruleset *ruleset, const struct datapath_port *ports,
		  size_t n_ports, struct fault *fault)
{
	const struct datapath_options options = {.pin_dir = datapath->pin_dir};
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	AUTO_DATAPATH struct datapath *next = new_datapath(datapath->pin_dir, fault);
	int err;

	if (!next)
		return -ENOMEM;
	next->wrapped = wraps(&datapath->maps, ruleset);
	err = note_changed(next, &datapath->maps.map[MAP_INFO], ruleset);
	if (!err)
		err = load_object(next, &options, &need, &datapath->maps, fault);
	if (err)
		return err;
	err = datapath_stage(next, ruleset);
	if (err)
		return fault_errno(fault, err, "the policy does not fit in maps made for it: a bug, please report it");
	datapath_flip(next);
	err = exchange_ports(next, datapath, ports, n_ports, fault);
	if (err)
		return err;
	take_place(datapath, next);
	datapath->published = false;
	return datapath_publish(datapath, fault);
}

int datapath_prog_fd(const struct datapath *datapath, enum datapath_prog prog)
{
	return datapath->prog_fd[prog];
}

int datapath_virtual_write(struct datapath *datapath, const struct rf_virtual *virtual)
{
	const uint32_t zero = 0;

	return bpf_map_update_elem(datapath->maps.map[MAP_VIRTUAL].fd, &zero, virtual, BPF_ANY) < 0 ? -errno : 0;
}

int datapath_virtual_read(struct datapath *datapath, struct rf_virtual *ret_virtual)
{
	const uint32_t zero = 0;

	return bpf_map_lookup_elem(datapath->maps.map[MAP_VIRTUAL].fd, &zero, ret_virtual) < 0 ? -errno : 0;
}

const struct maps *datapath_maps(const struct datapath *datapath)
{
	return &datapath->maps;
}
