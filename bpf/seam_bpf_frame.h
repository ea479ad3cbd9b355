/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_bpf_frame.h - the bytes of a frame, in the kernel: loads, and copies into the DNS buffer. Part of seam_bpf.h.
 *
 * XDP and TC are told apart here and in the entry points only. What is beyond the linear part of a frame is reached from TC alone.
 */
#ifndef RF_SEAM_BPF_FRAME_H
#define RF_SEAM_BPF_FRAME_H

#include "seam_bpf_base.h"

#include "frame.h"
#include "packet.h"

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
 * XDP has no helper for it in 5.15, and copies words while whole words are left, then the last word, over what of it is there: how many bytes are left behind whole
 * words, no processor foretells. What has less than a word is no DNS message, and is not copied.
 */
static __always_inline int world_copy(const struct rf_frame *frame, struct rf_dns *dns, __u32 off, __u32 len)
{
	const __u8 *at, *end = frame->end;
	__u32 done = 0, rest;
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
	rest = len - 8;
	asm volatile("" : "+r"(rest));
	if (rest > RF_DNS_SEGMENT_XDP - 8)
		return -1;
	at = frame->data + off + rest;
	if (at + 8 > end)
		return -1;
	*(__u64 *)&dns->message[rest] = *(const __u64 *)at;
	return 0;
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

#endif
