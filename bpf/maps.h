/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps.h - the maps of the datapath. Layouts are in include/abi.h; sizes are set by user/datapath before load.
 *
 * Policy maps are read-only here and filled through mmap; each holds two banks. State maps are by device index. No map is
 * a hash and none grows: nothing that arrives in a frame can make the kernel allocate, and a full table is always a device's own.
 */
#ifndef RF_MAPS_H
#define RF_MAPS_H

#include "seam_bpf_base.h"

#include "abi.h"
#include "packet.h"

#define RF_ARRAY_MAP(name, value_type, entries)                                                                        \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                      \
		__uint(map_flags, BPF_F_MMAPABLE);                                                                     \
		__uint(max_entries, entries);                                                                          \
		__type(key, __u32);                                                                                    \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

#define RF_PERCPU_MAP(name, value_type, entries)                                                                       \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                                               \
		__uint(max_entries, entries);                                                                          \
		__type(key, __u32);                                                                                    \
		__type(value, value_type);                                                                             \
	} name SEC(".maps")

/* What is in force. Missing (cannot happen: one entry): every frame drops as `internal`. */
RF_ARRAY_MAP(rf_control, struct rf_control, 1);

/* Policy, two banks each. Full: user space refuses the policy and the old one stays. An index beyond the end drops as `internal`. */
RF_ARRAY_MAP(rf_devices, struct rf_device_bucket, 2);
RF_ARRAY_MAP(rf_profiles, struct rf_profile, 2);
RF_ARRAY_MAP(rf_nodes, struct rf_node, 2);
RF_ARRAY_MAP(rf_values, struct rf_value_line, 2);
RF_ARRAY_MAP(rf_chunks, struct rf_chunk, 2);
RF_ARRAY_MAP(rf_peers, struct rf_peer_bucket, 2);
RF_ARRAY_MAP(rf_idents, struct rf_ident, 2);
RF_ARRAY_MAP(rf_names, struct rf_name_bucket, 2);

/* State. Full set of connection rows: the device's own oldest row goes, and its next packet is judged as if it began there. */
RF_ARRAY_MAP(rf_conns, struct rf_conn_set, 1);
/* Full set: the device's own oldest goes, see abi.h. */
RF_ARRAY_MAP(rf_questions, struct rf_question_set, 1);
RF_ARRAY_MAP(rf_known, struct rf_known_set, 1);
RF_ARRAY_MAP(rf_learned, struct rf_learned_set, 1);
/* Full set of folds: the one longest unreported is reported and given up; over the event budget it counts as lost. */
RF_ARRAY_MAP(rf_folds, struct rf_fold_slots, 1);
/*
 * By device index, so never full. Without a type: the loader makes their values as large as sizing and CPUs ask for. Here they are of what seam_bpf_base.h says until
 * then: RF_SIZING_DEFAULT, one CPU.
 */
#define RF_SIZED_MAP(name, size)                                                                                       \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                      \
		__uint(map_flags, BPF_F_MMAPABLE);                                                                     \
		__uint(max_entries, 1);                                                                                \
		__uint(key_size, sizeof(__u32));                                                                       \
		__uint(value_size, size);                                                                              \
	} name SEC(".maps")

RF_SIZED_MAP(rf_hot, sizeof(struct rf_budget) + (sizeof(struct rf_fold_set) << RF_SIZING_DEFAULT_FOLD) +
			     sizeof(struct rf_counters_first));
RF_SIZED_MAP(rf_counters, sizeof(struct rf_counters_rest));
/* Written by user space only: names of the device indices. */
RF_ARRAY_MAP(rf_info, struct rf_device_info, 1);

RF_PERCPU_MAP(rf_totals, struct rf_totals, 1);

/* Verdicts of this tick. A flow that finds both its places taken is judged frame by frame. */
RF_PERCPU_MAP(rf_flows, struct rf_flow_table, RF_FLOW_TABLES);

/* One frame's working space; a CPU judges one frame at a time. */
RF_PERCPU_MAP(rf_judgements, struct rf_judgement, 1);
RF_PERCPU_MAP(rf_dns, struct rf_dns, 1);

/* Full: the event is counted as lost, the verdict is unchanged. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rf_events SEC(".maps");

/* Full: the bytes are counted as unread, and nothing is learned of them. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} rf_segments SEC(".maps");

/* Only read when loaded with rf_virtual_on. */
RF_ARRAY_MAP(rf_virtual, struct rf_virtual, 1);

#endif
