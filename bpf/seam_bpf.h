/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_bpf.h - the world as the core asks for it, in the kernel: maps and clock here, the rest in seam_bpf_frame.h and seam_bpf_ring.h.
 *
 * user/engine/seam_native.h declares the same functions over plain arrays. These files and that one are all that differs between a verdict in
 * the kernel and one in `replay`, `explain` and the tests; whatever else must differ is a bug of the core.
 */
#ifndef RF_SEAM_H
#define RF_SEAM_H

#include "seam_bpf_base.h"

#include "maps.h"
#include "packet.h"
#include "seam_bpf_frame.h"
#include "seam_bpf_ring.h"

const volatile __u32 rf_hz = 250;	/* ticks of bpf_jiffies64() a second; the loader knows */
const volatile __u32 rf_cpus = 1;	/* counters that a device has: those of more would be lost */
const volatile __u32 rf_flows_on = 1;	/* 0: every frame is judged by itself; to measure and to compare */
const volatile __u32 rf_virtual_on = 0; /* test-run: clock, length and port come from rf_virtual */

/* How many sets of rows a device has: the loader sets it, the map is frozen, so that the verifier knows the numbers. */
const volatile struct rf_sizing rf_sizing = RF_SIZING_DEFAULT;

/*
 * A stage of the judgement.
 * verifier: a global function is verified once, by itself, with unknown arguments; what it finds is not multiplied with the paths that lead to it. Its
 * argument may be NULL as far as the verifier knows. It costs a call (11 ns where returns are mitigated), so stages are few.
 */
#define WORLD_STAGE __attribute__((noinline))

/* Does somebody want to know which rule decided? Only in a virtual world: live, the reason is enough. */
static __always_inline int world_is_watched(const struct rf_judgement *j)
{
	(void)j;
	return rf_virtual_on;
}

/* May a frame go by what was said of the last one of its flow? */
static __always_inline int world_has_flows(const struct rf_judgement *j)
{
	(void)j;
	return rf_flows_on;
}

/*
 * Before a loop over the ways of a set. verifier: Linux 6.1 refuses a loop whose last instruction falls into its first, as clang lays out some that it does not unroll;
 * unrolled, there is none.
 */
#define WORLD_UNROLL _Pragma("unroll")

/* What was written to the judgement is read back from there, see struct rf_judgement. */
static __always_inline void world_forget(void)
{
	asm volatile("" : : : "memory");
}

#define WORLD_ENTRY(name, map, type)                                                                                   \
	static __always_inline type *world_##name(const struct rf_judgement *j, __u32 index)                           \
	{                                                                                                              \
		(void)j;                                                                                               \
		return bpf_map_lookup_elem(&map, &index);                                                              \
	}

WORLD_ENTRY(control_at, rf_control, struct rf_control)
WORLD_ENTRY(bucket, rf_devices, const struct rf_device_bucket)
WORLD_ENTRY(profile, rf_profiles, const struct rf_profile)
WORLD_ENTRY(node, rf_nodes, const struct rf_node)
WORLD_ENTRY(value_line, rf_values, const struct rf_value_line)
WORLD_ENTRY(chunk, rf_chunks, const struct rf_chunk)
WORLD_ENTRY(peer, rf_peers, const struct rf_peer_bucket)
WORLD_ENTRY(ident, rf_idents, const struct rf_ident)
WORLD_ENTRY(name, rf_names, const struct rf_name_bucket)
WORLD_ENTRY(questions, rf_questions, struct rf_question_set)
WORLD_ENTRY(known, rf_known, struct rf_known_set)
WORLD_ENTRY(learned, rf_learned, struct rf_learned_set)
WORLD_ENTRY(dns_at, rf_dns, struct rf_dns)
WORLD_ENTRY(conns, rf_conns, struct rf_conn_set)
WORLD_ENTRY(fold_slots, rf_folds, struct rf_fold_slots)
WORLD_ENTRY(hot, rf_hot, struct rf_hot)
WORLD_ENTRY(counters_all, rf_counters, struct rf_counters_rest)
WORLD_ENTRY(flows, rf_flows, struct rf_flow_table)
WORLD_ENTRY(totals_at, rf_totals, struct rf_totals)
WORLD_ENTRY(virtual_at, rf_virtual, struct rf_virtual)
WORLD_ENTRY(judgement_at, rf_judgements, struct rf_judgement)

static __always_inline const volatile struct rf_sizing *world_sizing(const struct rf_judgement *j)
{
	(void)j;
	return &rf_sizing;
}

static __always_inline struct rf_control *world_control(const struct rf_judgement *j)
{
	return world_control_at(j, 0);
}

static __always_inline const __u32 *world_value(const struct rf_judgement *j, __u32 index)
{
	const struct rf_value_line *line = world_value_line(j, index / RF_VALUE_LINE);

	return line ? &line->value[index % RF_VALUE_LINE] : NULL;
}

static __always_inline struct rf_budget *world_budget(const struct rf_judgement *j, __u32 device)
{
	struct rf_hot *hot = world_hot(j, device);

	return hot ? &hot->budget : NULL;
}

/* The first of the sets of the device whose budget it is (not NULL), of which the sizing says how many there are. */
static __always_inline struct rf_fold_set *world_folds_of(const struct rf_judgement *j, struct rf_budget *budget)
{
	_Static_assert(__builtin_offsetof(struct rf_hot, budget) == 0, "one stands for the other");
	(void)j;
	world_opaque(budget); /* verifier: nothing may be added to it before it is known not to be NULL */
	return ((struct rf_hot *)budget)->folds;
}

static __always_inline struct rf_fold_set *world_folds(const struct rf_judgement *j, __u32 device)
{
	struct rf_budget *budget = world_budget(j, device);

	return budget ? world_folds_of(j, budget) : NULL;
}

/* Of this CPU: nothing else on it judges a frame meanwhile. */
static __always_inline struct rf_counters_first *world_counters_of(const struct rf_judgement *j,
								   struct rf_budget *budget)
{
	__u64 cpu = bpf_get_smp_processor_id();

	(void)j;
	world_opaque(cpu); /* verifier: the bound must hold for the very register that is added */
	if (cpu >= rf_cpus)
		return NULL;
	world_opaque(budget); /* verifier: as above */
	return (struct rf_counters_first *)((char *)budget + rf_hot_counters(rf_sizing.fold)) + cpu;
}

static __always_inline struct rf_counters_first *world_counters(const struct rf_judgement *j, __u32 device)
{
	struct rf_budget *budget = world_budget(j, device);

	return budget ? world_counters_of(j, budget) : NULL;
}

static __always_inline struct rf_counters_rest *world_counters_rest(const struct rf_judgement *j, __u32 device)
{
	struct rf_counters_rest *all = world_counters_all(j, device);
	__u64 cpu = bpf_get_smp_processor_id();

	world_opaque(cpu); /* verifier: as above */
	if (!all || cpu >= rf_cpus)
		return NULL;
	world_opaque(all);
	return &all[cpu];
}

/*
 * Lines of a device that will be needed: asked for now, and nobody waits. By its budget, which stands in front of them. (What devices share the counters of another
 * have theirs asked for in vain.)
 */
static __always_inline void world_expect_counters(const struct rf_budget *budget)
{
	__u64 cpu = bpf_get_smp_processor_id();

	world_opaque(cpu); /* verifier: as above */
	if (cpu < rf_cpus)
		(void)*(const volatile __u64 *)((const char *)budget + rf_hot_counters(rf_sizing.fold) +
						cpu * sizeof(struct rf_counters_first));
}

static __always_inline void world_expect_folds(const struct rf_budget *budget, __u32 set)
{
	const struct rf_hot *hot = (const struct rf_hot *)budget;

	(void)*(const volatile __u64 *)&hot->folds[set & ((1U << rf_sizing.fold) - 1)];
}

static __always_inline struct rf_judgement *world_judgement(void)
{
	return world_judgement_at(NULL, 0);
}

static __always_inline struct rf_dns *world_dns(const struct rf_judgement *j)
{
	return world_dns_at(j, 0);
}

static __always_inline struct rf_totals *world_totals(const struct rf_judgement *j)
{
	return world_totals_at(j, 0);
}

static __always_inline __u64 world_ticks(const struct rf_judgement *j)
{
	if (rf_virtual_on) {
		const struct rf_virtual *virtual = world_virtual_at(j, 0);

		return virtual ? virtual->now_ticks : 0;
	}
	return bpf_jiffies64();
}

static __always_inline __u64 world_ns(const struct rf_judgement *j)
{
	if (rf_virtual_on) {
		const struct rf_virtual *virtual = world_virtual_at(j, 0);

		return virtual ? virtual->now_ns : 0;
	}
	return bpf_ktime_get_boot_ns();
}

static __always_inline __u64 world_seconds(const struct rf_judgement *j, __u32 seconds)
{
	(void)j;
	return (__u64)seconds * rf_hz;
}

#endif
