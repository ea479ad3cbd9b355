// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringfence.bpf.c - the programs of the datapath. They only translate: context -> struct rf_frame -> core -> return code.
 *
 * rf_xdp_from  XDP on an inside port: frames from devices
 * rf_tc_from   TCX or clsact ingress of an inside port: the same frames, where XDP is not native or not wanted
 * rf_tc_to     TCX or clsact egress of an inside port: frames to devices, forwarded or sent by this host
 * rf_clock     test-run by user space only: notes one moment in ticks and in nanoseconds
 *
 * A passed frame gets NEXT, never OK, so that programs of others behind this one still run.
 */
#include "seam_bpf.h"

#include "core.h"

#include <linux/pkt_cls.h>

#define RF_TCX_NEXT -1 /* TCX_NEXT (6.6) and TC_ACT_UNSPEC: the same number */

/* Outside of test-run this is constant false and gone. */
static __always_inline void virtual_frame(struct rf_frame *frame)
{
	const struct rf_virtual *virtual;

	if (!rf_virtual_on)
		return;
	virtual = world_virtual_at(NULL, 0);
	if (!virtual)
		return;
	if (virtual->wire_len)
		frame->len = virtual->wire_len;
	frame->ifindex = virtual->ifindex;
}

static __always_inline void virtual_result(const struct rf_judgement *j, enum rf_verdict verdict)
{
	struct rf_virtual *virtual;

	if (!rf_virtual_on)
		return;
	virtual = world_virtual_at(NULL, 0);
	if (virtual)
		result_fill(j, world_bank(j), verdict, &virtual->result);
}

SEC("xdp")
int rf_xdp_from(struct xdp_md *ctx)
{
	struct rf_frame frame = {
		.data = (const __u8 *)(long)ctx->data,
		.end = (const __u8 *)(long)ctx->data_end,
		.len = ctx->data_end - ctx->data,
		.ifindex = ctx->ingress_ifindex,
		.context = ctx,
	};
	struct rf_judgement *j = world_judgement();
	enum rf_verdict verdict;

	if (!j)
		return XDP_DROP; /* cannot happen: a per-CPU array has its entries */
	virtual_frame(&frame);
	verdict = judge_from(&frame, j);
	virtual_result(j, verdict);
	return verdict == RF_PASS ? XDP_PASS : XDP_DROP;
}

/*
 * Headers must be linear; a driver may have put them into fragments. skb->len counts what is there, padding included.
 * A pull that fails (no memory) leaves a short head, which the parser refuses.
 */
static __always_inline void skb_frame(struct __sk_buff *skb, struct rf_frame *frame)
{
	__u32 want = skb->len < RF_PULL_MAX ? skb->len : RF_PULL_MAX;

	if (skb->data_end - skb->data < want)
		bpf_skb_pull_data(skb, want);
	frame->data = (const __u8 *)(long)skb->data;
	frame->end = (const __u8 *)(long)skb->data_end;
	frame->skb = skb;
	frame->context = skb;
	frame->has_skb = 1;
	frame->len = skb->len;
	frame->ifindex = skb->ifindex;
	frame->has_vlan_tci = skb->vlan_present;
	frame->vlan_tci = skb->vlan_tci;
	virtual_frame(frame);
}

SEC("tc")
int rf_tc_from(struct __sk_buff *skb)
{
	struct rf_judgement *j = world_judgement();
	struct rf_frame frame = {};
	enum rf_verdict verdict;

	if (!j)
		return TC_ACT_SHOT; /* cannot happen, as above */
	skb_frame(skb, &frame);
	verdict = judge_from(&frame, j);
	virtual_result(j, verdict);
	return verdict == RF_PASS ? RF_TCX_NEXT : TC_ACT_SHOT;
}

SEC("tc")
int rf_tc_to(struct __sk_buff *skb)
{
	struct rf_judgement *j = world_judgement();
	struct rf_frame frame = {};
	enum rf_verdict verdict;

	if (!j)
		return TC_ACT_SHOT; /* cannot happen, as above */
	skb_frame(skb, &frame);
	verdict = judge_to(&frame, j);
	virtual_result(j, verdict);
	return verdict == RF_PASS ? RF_TCX_NEXT : TC_ACT_SHOT;
}

SEC("tc")
int rf_clock(struct __sk_buff *skb)
{
	struct rf_control *control = world_control(NULL);

	(void)skb;
	if (!control)
		return TC_ACT_SHOT;
	control->anchor_ticks = world_ticks(NULL);
	control->anchor_ns = world_ns(NULL);
	return RF_TCX_NEXT;
}

char LICENSE[] SEC("license") = "GPL";
