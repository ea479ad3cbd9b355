/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_bpf.h - the world as the core asks for it, in the kernel: maps, clock, ring buffer, loads.
 *
 * user/engine/seam_native.h declares the same functions over plain arrays. These two files are all that differs between a verdict in
 * the kernel and one in `replay`, `explain` and the tests; whatever else must differ is a bug of the core.
 */
#ifndef RF_SEAM_H
#define RF_SEAM_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* <linux/stddef.h> turns this into plain `inline` before bpf_helpers.h is seen. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#ifndef NULL
#define NULL ((void *)0)
#endif

/* An unknown number to the compiler, so that it does not turn arithmetic into branches, or reason about another copy of it. */
#define world_opaque(value) asm volatile("" : "+r"(value))

#include "frame.h"
#include "maps.h"
#include "packet.h"

const volatile __u32 rf_hz = 250;	/* ticks of bpf_jiffies64() a second; the loader knows */
const volatile __u32 rf_cpus = 1;	/* counters that a device has: those of more would be lost */
const volatile __u32 rf_flows_on = 1;	/* 0: every frame is judged by itself; to measure and to compare */
const volatile __u32 rf_virtual_on = 0; /* test-run: clock, length and port come from rf_virtual */

/* How many sets of rows a device has: the loader sets it, the map is frozen, so that the verifier knows the numbers. */
const volatile struct rf_sizing rf_sizing = RF_SIZING_DEFAULT;

/* Loads of network byte order. BPF machines that we run on take them at any address; the verifier refuses elsewhere. */
static __always_inline __u16 load_be16(const __u8 *at)
{
	return bpf_ntohs(*(const __u16 *)at);
}

static __always_inline __u32 load_be32(const __u8 *at)
{
	return bpf_ntohl(*(const __u32 *)at);
}

static __always_inline __u64 load_be64(const __u8 *at)
{
	return bpf_be64_to_cpu(*(const __u64 *)at);
}

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

/* `set` is one of the device's, of which the sizing says how many there are. */
static __always_inline struct rf_fold_set *world_folds(const struct rf_judgement *j, __u32 device, __u32 set)
{
	struct rf_hot *hot = world_hot(j, device);

	if (!hot)
		return NULL;
	world_opaque(hot); /* verifier: nothing may be added to it before it is known not to be NULL */
	return &hot->folds[set & ((1U << rf_sizing.fold) - 1)];
}

/* Of this CPU: nothing else on it judges a frame meanwhile. */
static __always_inline struct rf_counters_first *world_counters(const struct rf_judgement *j, __u32 device)
{
	struct rf_hot *hot = world_hot(j, device);
	__u64 cpu = bpf_get_smp_processor_id();

	world_opaque(cpu); /* verifier: the bound must hold for the very register that is added */
	if (!hot || cpu >= rf_cpus)
		return NULL;
	world_opaque(hot); /* verifier: as above */
	return (struct rf_counters_first *)((char *)hot + rf_hot_counters(rf_sizing.fold)) + cpu;
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

/* These lines of a device will be needed: ask for them now, and do not wait. */
static __always_inline void world_expect(const struct rf_judgement *j, __u32 device)
{
	const struct rf_counters_first *first = world_counters(j, device);

	if (first)
		(void)*(const volatile __u64 *)&first->last_seen;
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

/*
 * The same frame from the start. verifier: what was found out of its length is forgotten with the pointers that it was found by, so that the paths through what
 * looked at it meet here.
 */
static __always_inline void world_frame_again(struct rf_frame *frame)
{
	if (frame->has_skb) {
		const struct __sk_buff *skb = frame->context;

		frame->data = (const __u8 *)(long)skb->data;
		frame->end = (const __u8 *)(long)skb->data_end;
	} else {
		const struct xdp_md *xdp = frame->context;

		frame->data = (const __u8 *)(long)xdp->data;
		frame->end = (const __u8 *)(long)xdp->data_end;
	}
}

#define WORLD_COPY_MAX 1024 /* XDP: offset of what is copied; beyond it stands no header */

/*
 * Copy `len` bytes at `off` of the frame into the DNS buffer; 0, or negative if they are not there. TC takes them from wherever they are;
 * XDP has no helper for it in 5.15, and copies words while whole words are left, then bytes.
 */
static __always_inline int world_copy(const struct rf_frame *frame, struct rf_dns *dns, __u32 off, __u32 len)
{
	const __u8 *at, *end = frame->end;
	__u32 done = 0;
	int i;

	if (!len || len > RF_DNS_MESSAGE_MAX || off > WORLD_COPY_MAX)
		return -1;
	if (frame->has_skb) {
		__u32 last = len - 1;

		/* verifier: 1..2048. That a length is not 0 proves no lower bound to Linux 6.1; 1 added to what is bounded does. */
		asm volatile("" : "+r"(last));
		if (last > RF_DNS_MESSAGE_MAX - 1)
			return -1;
		return bpf_skb_load_bytes(frame->skb, off, dns->message, last + 1);
	}
	asm volatile("" : "+r"(off));
	if (off > WORLD_COPY_MAX)
		return -1;
	at = frame->data + off;
	for (i = 0; i < RF_DNS_SEGMENT_XDP / 8; i++) {
		if (done + 8 > len || at + 8 > end)
			break;
		*(__u64 *)&dns->message[i * 8] = *(const __u64 *)at;
		at += 8;
		done += 8;
		/* verifier: else the compiler ends the loop by the length alone, which says nothing of the buffer. */
		asm volatile("" : "+r"(done));
	}
	for (i = 0; i < 8; i++) {
		if (done >= len)
			return 0;
		if (at + 1 > end)
			return -1;
		dns->message[done & (RF_DNS_MESSAGE_MAX - 1)] = *at;
		at++;
		done++;
	}
	return done >= len ? 0 : -1;
}

/* Room for one record, or NULL: the reader is too slow. Must be given to world_event_end(). */
static __always_inline struct rf_event *world_event_begin(const struct rf_judgement *j)
{
	(void)j;
	return bpf_ringbuf_reserve(&rf_events, sizeof(struct rf_event), 0);
}

/* Flags 0: the kernel wakes the reader only when it sleeps; a forced wake-up costs thousands of ns. */
static __always_inline void world_event_end(const struct rf_judgement *j, struct rf_event *event)
{
	(void)j;
	bpf_ringbuf_submit(event, 0);
}

/* The same for what gave way. */
static __always_inline struct rf_evicted *world_evicted_begin(const struct rf_judgement *j)
{
	(void)j;
	return bpf_ringbuf_reserve(&rf_events, sizeof(struct rf_evicted), 0);
}

static __always_inline void world_evicted_end(const struct rf_judgement *j, struct rf_evicted *evicted)
{
	(void)j;
	bpf_ringbuf_submit(evicted, 0);
}

/* Bytes of the frame that are there; fewer than frame->len only in a replay of a capture that was cut. */
static __always_inline __u32 world_captured(const struct rf_frame *frame)
{
	return frame->skb ? ((const struct __sk_buff *)frame->skb)->len : (__u32)(frame->end - frame->data);
}

/* A later piece of a long frame, in TC only. As world_copy(), without its bound on the offset. */
static __always_inline int world_copy_more(const struct rf_frame *frame, struct rf_dns *dns, __u32 off, __u32 len)
{
	if (!frame->has_skb)
		return -1;
	len--; /* verifier: as in world_copy() */
	asm volatile("" : "+r"(len));
	if (len > RF_DNS_MESSAGE_MAX - 1)
		return -1;
	return bpf_skb_load_bytes(frame->skb, off, dns->message, len + 1);
}

/* Where the frame entered this machine, in TC only; 0: it was made here. */
static __always_inline __u32 world_entered(const struct rf_frame *frame)
{
	return frame->has_skb ? ((const struct __sk_buff *)frame->skb)->ingress_ifindex : 0;
}

/* dns->segment and `len` bytes of the message behind it to user space. 0, or negative: the reader is too slow. */
static __always_inline int world_segment(const struct rf_judgement *j, struct rf_dns *dns, __u32 len)
{
	_Static_assert(__builtin_offsetof(struct rf_dns, message) == sizeof(struct rf_segment), "one behind the other");
	(void)j;
	asm volatile("" : "+r"(len));
	if (!len || len > RF_DNS_MESSAGE_MAX)
		return -1;
	return bpf_ringbuf_output(&rf_segments, &dns->segment, sizeof(dns->segment) + len, 0);
}

#endif
