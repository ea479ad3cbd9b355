/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_bpf_ring.h - records on their way to user space, in the kernel: the two ring buffers. Part of seam_bpf.h.
 *
 * A reader that is too slow costs records, which whoever asks here counts, and never a frame.
 */
#ifndef RF_SEAM_BPF_RING_H
#define RF_SEAM_BPF_RING_H

#include "seam_bpf_base.h"

#include "maps.h"
#include "packet.h"

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
