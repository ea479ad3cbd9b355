/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps.h - the maps of the datapath as user space sees them: one table of what they are, how large they must be, and their memory.
 *
 * bpf/ declares them with one entry; sizes are set here before the object is loaded. Array maps are mapped into memory, so that a
 * policy is copied and a counter read without system calls. Who judges what is in them is not known here.
 */
#ifndef DATAPATH_MAPS_H
#define DATAPATH_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../common/sizing.h"
#include "../policy/ruleset.h"
#include "fault.h"

enum map_kind {
	MAP_KIND_ONE,	  /* array of one, in memory */
	MAP_KIND_BANKS,	  /* array of two banks: looked at through window.h */
	MAP_KIND_DEVICES, /* array by device index, in memory */
	MAP_KIND_ROWS,	  /* array by device index, large: looked at through window.h */
	MAP_KIND_CPU_ONE, /* per-CPU array of as many as stand in the list */
	MAP_KIND_RING,	  /* ring buffer */
};

#define MAPS_ONE SIZE_MAX
#define MAPS_SETS(member) offsetof(struct rf_sizing, member)

/*
 * X(enum suffix, name, value, kind, member of struct ruleset_sizes that counts it, parts for each of them, sets in a part).
 * MAPS_SETS(x): as many as member x of struct rf_sizing says.
 * A new table of the policy or of the devices is a line here, and a member of struct ruleset_sizes if none counts it yet.
 */
#define MAP_LIST(X)                                                                                                    \
	X(CONTROL, "rf_control", struct rf_control, MAP_KIND_ONE, indices, 1, MAPS_ONE)                                \
	X(DEVICES, "rf_devices", struct rf_device_bucket, MAP_KIND_BANKS, buckets, 1, MAPS_ONE)                        \
	X(PROFILES, "rf_profiles", struct rf_profile, MAP_KIND_BANKS, profiles, 1, MAPS_ONE)                           \
	X(NODES, "rf_nodes", struct rf_node, MAP_KIND_BANKS, nodes, 1, MAPS_ONE)                                       \
	X(VALUES, "rf_values", uint32_t, MAP_KIND_BANKS, values, 1, MAPS_ONE)                                          \
	X(CHUNKS, "rf_chunks", struct rf_chunk, MAP_KIND_BANKS, chunks, 1, MAPS_ONE)                                   \
	X(PEERS, "rf_peers", struct rf_peer_bucket, MAP_KIND_BANKS, peers, 1, MAPS_ONE)                                \
	X(NAMES, "rf_names", struct rf_name_bucket, MAP_KIND_BANKS, names, 1, MAPS_ONE)                                \
	X(IDENTS, "rf_idents", struct rf_ident, MAP_KIND_BANKS, indices, 1, MAPS_ONE)                                  \
	X(CONNS, "rf_conns", struct rf_conn_set, MAP_KIND_ROWS, indices, 2, MAPS_SETS(conn))                           \
	X(QUESTIONS, "rf_questions", struct rf_question_set, MAP_KIND_ROWS, indices, 1, MAPS_SETS(question))           \
	X(KNOWN, "rf_known", struct rf_known_set, MAP_KIND_ROWS, indices, 1, MAPS_SETS(known))                         \
	X(LEARNED, "rf_learned", struct rf_learned_set, MAP_KIND_ROWS, indices, 1, MAPS_SETS(learned))                 \
	X(FOLDS, "rf_folds", struct rf_fold_slots, MAP_KIND_ROWS, indices, 1, MAPS_SETS(fold))                         \
	X(HOT, "rf_hot", struct rf_hot, MAP_KIND_ROWS, indices, 1, MAPS_ONE)                                           \
	X(COUNTERS, "rf_counters", struct rf_counters_rest, MAP_KIND_ROWS, indices, 1, MAPS_ONE)                       \
	X(INFO, "rf_info", struct rf_device_info, MAP_KIND_DEVICES, indices, 1, MAPS_ONE)                              \
	X(TOTALS, "rf_totals", struct rf_totals, MAP_KIND_CPU_ONE, indices, 1, MAPS_ONE)                               \
	X(FLOWS, "rf_flows", struct rf_flow_table, MAP_KIND_CPU_ONE, indices, RF_FLOW_TABLES, MAPS_ONE)                \
	X(EVENTS, "rf_events", char, MAP_KIND_RING, indices, 1, MAPS_ONE)                                              \
	X(SEGMENTS, "rf_segments", char, MAP_KIND_RING, indices, 1, MAPS_ONE)                                          \
	X(VIRTUAL, "rf_virtual", struct rf_virtual, MAP_KIND_ONE, indices, 1, MAPS_ONE)

enum map_id {
#define X(id, name, value, kind, counted, each, sets) MAP_##id,
	MAP_LIST(X)
#undef X
		MAP_COUNT
};

struct map_spec {
	const char *name;
	enum map_kind kind;
	uint32_t value_size; /* of one element of what is counted */
	size_t counted;	     /* offset in struct ruleset_sizes */
	uint32_t each;
	size_t sets; /* offset in struct rf_sizing; MAPS_ONE */
};

extern const struct map_spec map_specs[MAP_COUNT];

struct map {
	int fd; /* -1: none */
	uint32_t entries;
	uint32_t value_size; /* as the kernel has it */
	uint32_t id;
	void *memory; /* NULL: not mapped */
	size_t len;
};

/* fds are -1 where there is none: begin with maps_init. */
struct maps {
	struct map map[MAP_COUNT];
	enum rf_sizing_id sizing; /* of the rows; RF_SIZING_AUTO: there are none */
};

void maps_init(struct maps *maps);

/* Room with headroom for what a ruleset needs, so that most changes of a policy fit without new maps. */
struct ruleset_sizes maps_room(const struct ruleset_sizes *need);

/* Entries that each of what a map is counted by has: of rows its sets. */
uint32_t maps_each(enum map_id id, enum rf_sizing_id sizing);

/* CPUs that a device has counters for: all that the machine may ever have. */
uint32_t maps_cpus(void);

/* Bytes of an entry as the map is made; of MAP_HOT and MAP_COUNTERS they depend on sizing and CPUs. 0: as bpf/ declares it. */
uint32_t maps_value_size(enum map_id id, enum rf_sizing_id sizing);

/* max_entries of a map for this room. */
uint32_t maps_entries(enum map_id id, enum rf_sizing_id sizing, const struct ruleset_sizes *room);

/* Learn entries, value size and id of map->fd, and refuse what is not this ABI (-EPROTO). */
int maps_inspect(enum map_id id, struct map *map, struct fault *fault);

/* true if the map is large enough for need. Rows of another sizing do not fit. */
bool maps_fit(enum map_id id, const struct maps *maps, enum rf_sizing_id sizing, const struct ruleset_sizes *need);

/* Bytes that the kernel holds for the map; of a per-CPU map on all CPUs. */
uint64_t maps_bytes(enum map_id id, const struct map *map, int n_cpus);

/* Elements of one bank of a MAP_KIND_BANKS map. */
uint32_t maps_bank(enum map_id id, const struct map *map);

/* Bytes from one entry to the next: kernel/bpf/arraymap.c rounds elements up to 8. */
static inline size_t maps_stride(const struct map *map)
{
	return (map->value_size + 7u) & ~(size_t)7;
}

/* The entry of a device in a window on MAP_HOT. */
static inline struct rf_hot *maps_hot(const struct map *map, void *base, uint32_t device)
{
	return (struct rf_hot *)((char *)base + device * maps_stride(map));
}

/* One for each CPU, in an entry of MAP_HOT. */
static inline struct rf_counters_first *maps_counters_first(const struct maps *maps, struct rf_hot *hot)
{
	return (struct rf_counters_first *)((char *)hot + rf_hot_counters(sizing_of(maps->sizing)->fold));
}

/* One for each CPU: the entry of a device in a window on MAP_COUNTERS. */
static inline struct rf_counters_rest *maps_counters_rest(const struct map *map, void *base, uint32_t device)
{
	return (struct rf_counters_rest *)((char *)base + device * maps_stride(map));
}

/* Map what is always looked at into memory: the control and the names of devices. */
int maps_mmap(struct maps *maps, bool writable, struct fault *fault);

/*
 * Open what is pinned in dir and check the ABI. -ENOENT: nothing is pinned there; -EPROTO: pinned by another version; -EACCES,
 * -EPERM: no privilege.
 */
int maps_open(const char *dir, bool writable, struct maps *maps, struct fault *fault);

/* All entries of a device in all MAP_KIND_ROWS maps become zero. */
void maps_clear_device(const struct maps *maps, uint32_t device);

/* Pin all, dir must exist and hold none of them. */
int maps_pin(const struct maps *maps, const char *dir, struct fault *fault);

/* Unmap and close. */
void maps_close(struct maps *maps);

static inline struct rf_control *maps_control(const struct maps *maps)
{
	return (struct rf_control *)maps->map[MAP_CONTROL].memory;
}

/* The bank through which frames go now. */
uint32_t maps_active(const struct maps *maps);

#endif
