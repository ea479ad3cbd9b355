// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench.bpf.c - packet programs to measure with: empty ones, pieces that any such program needs, turns that vary the frame, and for measurements over
 * real links a generator, a bare drop, and a counter at the end.
 *
 * A turn writes the next key into the frame and tail-calls what is measured (a constant index: the kernel makes it a jump, 1 ns). The same turn
 * in front of an empty program is what is subtracted.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "key.h"

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define ENTRIES_MIN 1 /* sizes are set by the benchmark */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, ENTRIES_MIN);
	__type(key, __u32);
	__type(value, struct bench_key);
} keys SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_position);
} position SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES_MIN);
	__type(key, __u64);
	__type(value, struct bench_device);
} device_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ENTRIES_MIN);
	__type(key, struct bench_lpm_key);
	__type(value, __u32);
} prefix_lpm SEC(".maps");

/* The datapath's own map and what to put there. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, ENTRIES_MIN);
	__type(key, __u32);
	__type(value, __u64[BENCH_QUESTION_WORDS]);
} questions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_question);
} question SEC(".maps");

/* Of the generator: where its frames go. 0: nowhere, to measure the generator alone. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bench_arrivals);
} arrivals SEC(".maps");

/* ---- turns ---- */

static __always_inline void write_key(__u8 *data, const __u8 *end)
{
	const struct bench_key *key;
	struct bench_position *at;
	__u32 zero = 0, index;

	at = bpf_map_lookup_elem(&position, &zero);
	if (!at || data + ETH_HLEN + 28 > end)
		return;
	index = at->next;
	at->next = index + 1 < at->n ? index + 1 : 0;
	key = bpf_map_lookup_elem(&keys, &index);
	if (!key)
		return;
	*(__u32 *)data = key->dst_mac_high;
	*(__u16 *)(data + 4) = key->dst_mac_low;
	*(__u16 *)(data + 6) = key->src_mac_high;
	*(__u32 *)(data + 8) = key->src_mac_low;
	*(__u32 *)(data + 26) = key->saddr;
	*(__u32 *)(data + 30) = key->daddr;
	*(__u16 *)(data + 34) = key->sport;
	*(__u16 *)(data + 36) = key->dport;
	/* A full barrier: what is measured must find the frame in the cache, as a frame that arrived, not in this program's store buffer. */
	__sync_fetch_and_add(&at->written, 1);
}

SEC("xdp")
int turn_xdp(struct xdp_md *ctx)
{
	write_key((__u8 *)(long)ctx->data, (const __u8 *)(long)ctx->data_end);
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("tc")
int turn_tc(struct __sk_buff *skb)
{
	write_key((__u8 *)(long)skb->data, (const __u8 *)(long)skb->data_end);
	bpf_tail_call(skb, &measured, 0);
	return TC_ACT_SHOT;
}

SEC("tc")
int turn_answer(struct __sk_buff *skb)
{
	const struct bench_question *saved;
	__u32 zero = 0, index, i;
	__u64 *words;

	saved = bpf_map_lookup_elem(&question, &zero);
	if (!saved)
		return TC_ACT_SHOT;
	index = saved->index;
	words = bpf_map_lookup_elem(&questions, &index);
	if (!words)
		return TC_ACT_SHOT;
	for (i = 0; i < BENCH_QUESTION_WORDS; i++)
		words[i] = saved->words[i];
	bpf_tail_call(skb, &measured, 0);
	return TC_ACT_SHOT;
}

/* ---- over real links ---- */

/* Run with BPF_F_TEST_XDP_LIVE_FRAMES: each run is a frame that the device end of a link sends. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	const __u32 zero = 0, *ifindex = bpf_map_lookup_elem(&target, &zero);

	write_key((__u8 *)(long)ctx->data, (const __u8 *)(long)ctx->data_end);
	if (!ifindex || !*ifindex)
		return XDP_DROP;
	return (int)bpf_redirect(*ifindex, 0);
}

SEC("xdp")
int drop_xdp(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

/* What any packet program costs on such a link, whatever it does. */
SEC("xdp")
int pass_xdp(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

/* At the end of the way, instead of a receiver, whose cost would hide what is measured. One CPU at a time sends. */
SEC("tc")
int count_drop(struct __sk_buff *skb)
{
	const __u32 zero = 0;
	struct bench_arrivals *count = bpf_map_lookup_elem(&arrivals, &zero);

	(void)skb;
	if (count)
		count->frames++;
	return TC_ACT_SHOT;
}

/*
 * The same for frames that carry when they were sent: how long the slowest was on its way, the longest time between two, when the last came. Frames
 * of others (its port is not ours) are let through.
 */
SEC("tc")
int count_late(struct __sk_buff *skb)
{
	const __u32 zero = 0;
	const __u64 now = bpf_ktime_get_ns();
	struct bench_arrivals *count = bpf_map_lookup_elem(&arrivals, &zero);
	const __u8 *at = (const __u8 *)(long)skb->data;
	__u64 late;

	if (!count || at + BENCH_STAMP_OFFSET + 8 > (const __u8 *)(long)skb->data_end)
		return -1;
	if (*(const __u16 *)(at + 12) != bpf_htons(ETH_P_IP) || at[23] != IPPROTO_UDP ||
	    *(const __u16 *)(at + 36) != bpf_htons(BENCH_STAMP_PORT))
		return -1;
	late = now - (*(const __u64 *)(at + BENCH_STAMP_OFFSET));
	if (late > count->late_max_ns)
		count->late_max_ns = late;
	if (count->last_ns && now - count->last_ns > count->gap_max_ns)
		count->gap_max_ns = now - count->last_ns;
	if (!count->first_ns)
		count->first_ns = now;
	count->last_ns = now;
	count->frames++;
	return TC_ACT_SHOT;
}

/* ---- what is measured ---- */

SEC("xdp")
int empty_xdp(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("tc")
int empty_tc(struct __sk_buff *skb)
{
	(void)skb;
	return -1; /* TCX_NEXT */
}

/* Ethernet, up to two tags, IPv4 with options, UDP or TCP ports: the least that a rule on ports has to read. */
SEC("xdp")
int piece_parse(struct xdp_md *ctx)
{
	const __u8 *at = (const __u8 *)(long)ctx->data, *end = (const __u8 *)(long)ctx->data_end;
	__u32 header, seen;
	__u16 type;
	int i;

	if (at + ETH_HLEN > end)
		return XDP_DROP;
	seen = *(const __u32 *)(at + 8) ^ *(const __u16 *)(at + 6);
	at += ETH_HLEN - 2;
	for (i = 0; i < 3; i++) {
		if (at + 2 > end)
			return XDP_DROP;
		type = bpf_ntohs(*(const __u16 *)at);
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
		at += 4;
	}
	at += 2;
	if (type != ETH_P_IP || at + 20 > end)
		return XDP_DROP;
	header = (at[0] & 0xf) * 4;
	if (header < 20 || at[0] >> 4 != 4 || bpf_ntohs(*(const __u16 *)(at + 6)) & 0x3fff)
		return XDP_DROP;
	if (at[9] != IPPROTO_UDP && at[9] != IPPROTO_TCP)
		return XDP_DROP;
	seen ^= *(const __u32 *)(at + 12) ^ *(const __u32 *)(at + 16);
	at += header;
	if (at + 8 > end)
		return XDP_DROP;
	seen ^= *(const __u32 *)at;
	return seen == 0xfeedface ? XDP_TX : XDP_PASS; /* so that nothing of the above can be left out */
}

SEC("xdp")
int piece_hash(struct xdp_md *ctx)
{
	const __u8 *at = (const __u8 *)(long)ctx->data;
	const struct bench_device *device;
	__u64 mac;

	if (at + ETH_HLEN > (const __u8 *)(long)ctx->data_end)
		return XDP_DROP;
	mac = (__u64) * (const __u16 *)(at + 6) << 32 | *(const __u32 *)(at + 8);
	device = bpf_map_lookup_elem(&device_hash, &mac);
	return device && device->words[0] ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int piece_lpm(struct xdp_md *ctx)
{
	const __u8 *at = (const __u8 *)(long)ctx->data;
	struct bench_lpm_key key = {.prefix_len = 32 + 128, .profile = BENCH_LPM_PROFILE};
	const __u32 *list;

	if (at + ETH_HLEN + 20 > (const __u8 *)(long)ctx->data_end)
		return XDP_DROP;
	key.addr[10] = key.addr[11] = 0xff;
	*(__u32 *)&key.addr[12] = *(const __u32 *)(at + 30);
	list = bpf_map_lookup_elem(&prefix_lpm, &key);
	return list && *list ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
