/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_native.h - the world as the core asks for it, natively: arrays, a virtual clock, a callback.
 *
 * Declares what bpf/seam_bpf.h declares, see there. Bounds are checked as the kernel's array maps check them.
 */
#ifndef RF_SEAM_H
#define RF_SEAM_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include <linux/types.h>

/* <linux/stddef.h> and glibc have their own ideas of these two. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

#define world_opaque(value) ((void)(value))

#include "../../bpf/frame.h"
#include "../../bpf/packet.h"
#include "state.h"

static __always_inline __u16 load_be16(const __u8 *at)
{
	__u16 value;

	memcpy(&value, at, sizeof(value));
	return be16toh(value);
}

static __always_inline __u32 load_be32(const __u8 *at)
{
	__u32 value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static __always_inline __u64 load_be64(const __u8 *at)
{
	__u64 value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

#define WORLD_COPY_MAX 1024				     /* as in the kernel */
#define WORLD_STAGE static __attribute__((noinline, unused)) /* learner.c uses some of them */

#define WORLD_UNROLL /* a matter of the verifier */

/* Somebody else may read the tables (learner.c): what was written before is seen before. */
static __always_inline void world_forget(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static __always_inline struct engine *world_engine(const struct rf_judgement *j)
{
	return (struct engine *)(uintptr_t)j->home;
}

static __always_inline int world_is_watched(const struct rf_judgement *j)
{
	return !world_engine(j)->unwatched;
}

static __always_inline int world_has_flows(const struct rf_judgement *j)
{
	return !world_engine(j)->without_flows;
}

static __always_inline void world_frame_again(struct rf_frame *frame)
{
	(void)frame; /* a matter of the verifier */
}

#define WORLD_ENTRY(name, array, type)                                                                                 \
	static __always_inline type *world_##name(const struct rf_judgement *j, __u32 index)                           \
	{                                                                                                              \
		struct engine *engine = world_engine(j);                                                               \
                                                                                                                       \
		return index < engine->n_##array ? &engine->array[index] : NULL;                                       \
	}

WORLD_ENTRY(bucket, buckets, const struct rf_device_bucket)
WORLD_ENTRY(profile, profiles, const struct rf_profile)
WORLD_ENTRY(node, nodes, const struct rf_node)
WORLD_ENTRY(value, values, const __u32)
WORLD_ENTRY(chunk, chunks, const struct rf_chunk)
WORLD_ENTRY(peer, peers, const struct rf_peer_bucket)
WORLD_ENTRY(ident, idents, const struct rf_ident)
WORLD_ENTRY(name, names, const struct rf_name_bucket)
WORLD_ENTRY(questions, questions, struct rf_question_set)
WORLD_ENTRY(known, known, struct rf_known_set)
WORLD_ENTRY(learned, learned, struct rf_learned_set)
WORLD_ENTRY(conns, conns, struct rf_conn_set)
WORLD_ENTRY(fold_set, folds, struct rf_fold_set)
WORLD_ENTRY(fold_slots, fold_slots, struct rf_fold_slots)
WORLD_ENTRY(flows, flows, struct rf_flow_table)
WORLD_ENTRY(counters, counters, struct rf_counters_first)
WORLD_ENTRY(counters_rest, counters_rest, struct rf_counters_rest)

static __always_inline const struct rf_sizing *world_sizing(const struct rf_judgement *j)
{
	return &world_engine(j)->sizing;
}

static __always_inline struct rf_budget *world_budget(const struct rf_judgement *j, __u32 index)
{
	struct engine *engine = world_engine(j);

	if (index >= engine->n_budgets)
		return NULL;
	return (struct rf_budget *)((char *)engine->budgets + index * engine->budget_stride);
}

static __always_inline struct rf_fold_set *world_folds(const struct rf_judgement *j, __u32 device)
{
	return world_fold_set(j, rf_sizing_set(device, world_sizing(j)->fold, 0));
}

/* Whose budget it is. */
static __always_inline __u32 world_device_of(const struct rf_judgement *j, const struct rf_budget *budget)
{
	const struct engine *engine = world_engine(j);

	return (__u32)(((const char *)budget - (const char *)engine->budgets) / engine->budget_stride);
}

static __always_inline struct rf_fold_set *world_folds_of(const struct rf_judgement *j, const struct rf_budget *budget)
{
	return world_folds(j, world_device_of(j, budget));
}

static __always_inline struct rf_counters_first *world_counters_of(const struct rf_judgement *j,
								   const struct rf_budget *budget)
{
	return world_counters(j, world_device_of(j, budget));
}

/* A matter of time. */
static __always_inline void world_expect_counters(const struct rf_budget *budget)
{
	(void)budget;
}

static __always_inline void world_expect_folds(const struct rf_budget *budget, __u32 set)
{
	(void)budget, (void)set;
}

static __always_inline struct rf_control *world_control(const struct rf_judgement *j)
{
	return world_engine(j)->in_force;
}

static __always_inline struct rf_dns *world_dns(const struct rf_judgement *j)
{
	return &world_engine(j)->dns;
}

static __always_inline struct rf_totals *world_totals(const struct rf_judgement *j)
{
	return &world_engine(j)->totals;
}

static __always_inline __u64 world_ticks(const struct rf_judgement *j)
{
	return world_engine(j)->now_ns / ENGINE_NS_PER_TICK;
}

static __always_inline __u64 world_ns(const struct rf_judgement *j)
{
	return world_engine(j)->now_ns;
}

static __always_inline __u64 world_seconds(const struct rf_judgement *j, __u32 seconds)
{
	return (__u64)seconds * world_engine(j)->ticks_per_s;
}

static __always_inline struct rf_event *world_event_begin(const struct rf_judgement *j)
{
	return &world_engine(j)->event;
}

static __always_inline void world_event_end(const struct rf_judgement *j, struct rf_event *event)
{
	const struct engine *engine = world_engine(j);

	if (engine->on_event)
		engine->on_event(engine->on_event_data, event);
}

static __always_inline struct rf_evicted *world_evicted_begin(const struct rf_judgement *j)
{
	return &world_engine(j)->evicted;
}

static __always_inline void world_evicted_end(const struct rf_judgement *j, struct rf_evicted *evicted)
{
	world_event_end(j, &evicted->event);
}

/* As in the kernel: 0, or negative if the bytes are not there. */
static __always_inline int world_copy(const struct rf_frame *frame, struct rf_dns *dns, __u32 off, __u32 len)
{
	if (!len || len > RF_DNS_MESSAGE_MAX || off > WORLD_COPY_MAX ||
	    (size_t)(frame->end - frame->data) < (size_t)off + len)
		return -1;
	memcpy(dns->message, frame->data + off, len);
	return 0;
}

static __always_inline __u32 world_captured(const struct rf_frame *frame)
{
	return (__u32)(frame->end - frame->data);
}

static __always_inline int world_copy_more(const struct rf_frame *frame, struct rf_dns *dns, __u32 off, __u32 len)
{
	if (!frame->has_skb || !len || len > RF_DNS_MESSAGE_MAX ||
	    (size_t)(frame->end - frame->data) < (size_t)off + len)
		return -1;
	memcpy(dns->message, frame->data + off, len);
	return 0;
}

static __always_inline __u32 world_entered(const struct rf_frame *frame)
{
	(void)frame;
	return 0;
}

/* Nobody reads: a replay has no user space of its own. */
static __always_inline int world_segment(const struct rf_judgement *j, struct rf_dns *dns, __u32 len)
{
	(void)j;
	(void)dns;
	(void)len;
	return 0;
}

#endif
