/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.h - the frame as the core sees it, whatever the home: struct rf_frame.
 *
 * Filled by an entry point (context -> frame), read only through frame_at(). Everything after the entry point takes only
 * this; nothing in the core knows struct xdp_md, struct __sk_buff or a native buffer.
 */
#ifndef RF_FRAME_H
#define RF_FRAME_H

#include <linux/types.h>

#include "bounds.h"

struct rf_frame {
	const __u8 *data; /* from the Ethernet header; linear at least to min(len, RF_PULL_MAX) */
	const __u8 *end;
	__u32 len;	/* bytes on the wire, padding included */
	__u32 ifindex;	/* inside port; 0: not known (a capture) */
	void *skb;	/* under TC: for what is not linear */
	void *context;	/* the program's own; see world_frame_again() */
	__u16 vlan_tci; /* tag that the hardware took out, host byte order */
	__u8 has_vlan_tci;
	__u8 has_skb; /* a constant of the entry point: the compiler does not know that skb is never NULL */
};

/*
 * `size` bytes at `off`, or NULL: the frame ends before. Headers beyond RF_HEAD_MAX are refused so that every home, however
 * much of the frame it holds linear, gives the same answer.
 */
static __always_inline const __u8 *frame_at(const struct rf_frame *frame, __u32 off, __u32 size)
{
	const __u8 *at;

	/* verifier: the bound must hold for the very register that is added. */
	if (!__builtin_constant_p(off))
		world_opaque(off);
	if (off > RF_HEAD_MAX)
		return NULL;
	at = frame->data + off;
	if (at + size > frame->end)
		return NULL;
	return at;
}

#endif
