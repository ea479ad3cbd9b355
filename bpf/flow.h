/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flow.h - one more frame of a flow that was judged in this very tick: the same verdict, without judging again.
 *
 * Most frames of a busy network are the next of a flow whose last one was judged a moment ago. A frame is of the same flow when all that a verdict can
 * depend on is equal: both MAC addresses, the port, the direction, addresses, protocol and ports; and only plain frames have a flow at all: IPv4 without
 * options, IPv6 without extension headers, no fragments, no tags, TCP in the middle of a connection or UDP, no DNS; lengths are checked each time. What the
 * first of them left behind (rows refreshed, times noted) the next in the same tick would leave the same.
 *
 * What could make the answer another one, ends it: another tick, for whatever runs out; another generation, for the policy; another epoch of the
 * device's state (struct rf_budget), which moves with every new connection row, learned address, and end of a TCP connection. So a flow never says
 * what the rules would not say; and where somebody watches (tests, replay) they are asked each time, and a difference is `internal`. (User space binds
 * devices to ports without any of these: that is seen in the next tick.)
 *
 * Lines are per CPU, and a flow has two: of three flows that meet there, two push each other out, and are judged frame by frame, as all others are.
 */
#ifndef RF_FLOW_H
#define RF_FLOW_H

#include <linux/if_ether.h>
#include <linux/in.h>

#include "identify.h"
#include "ipv4.h"
#include "ipv6.h"
#include "l4.h"
#include "report.h"
#include "state.h"

#define RF_FLOW_TYPE4 (ETH_P_IP << 8 | 0x45)  /* ethertype, version and header length: IPv4 without options */
#define RF_FLOW_TYPE6 (ETH_P_IPV6 << 4 | 0x6) /* ethertype and version */

/* A TCP segment that changes nothing of a connection, with a header that is one (as l4_parse_tcp() has it). */
static __always_inline int flow_is_midstream(const __u8 *at, __u32 len)
{
	__u32 header = (at[12] >> 4) * 4;

	return len >= header && header >= RF_TCP_HEADER_MIN && (at[13] & ~RF_TCP_PSH) == RF_TCP_ACK;
}

/* The place, by what differs between flows: not by the other's MAC, which is mostly the gateway's. */
static __always_inline void flow_key_set(struct rf_judgement *j, const __u64 *secret, __u64 macs, __u64 mac_proto,
					 __u64 addresses, __u64 ports)
{
	__u64 hash = rf_keyed_place(secret, mac_proto, addresses, ports);

	_Static_assert(RF_FLOW_TABLES == 4 && RF_FLOWS == 256, "ten bits of the hash");
	/* Sums of products keep what is regular in addresses and ports; one more product takes it out. */
	j->flow.place = (hash ^ hash >> 32) * RF_HASH_M1 >> 54;
	j->flow.key[0] = macs;
	j->flow.key[1] = mac_proto;
	j->flow.key[2] = addresses;
	j->flow.key[3] = ports;
}

/* Is what stands at `off`, `len` bytes long, a UDP datagram, or a TCP segment, that may be one more of a flow? Its ports into ret_ports. */
static __always_inline int flow_has_l4(const struct rf_frame *frame, __u32 proto, __u32 off, __u32 len,
				       __u64 *ret_ports)
{
	const __u8 *at = frame_at(frame, off, RF_UDP_HEADER);
	__u32 ports, size;

	if (!at)
		return 0;
	ports = load_be32(at);
	if (ports >> 16 == RF_DNS_PORT || (ports & 0xffff) == RF_DNS_PORT)
		return 0;
	*ret_ports = (__u64)frame->ifindex << 32 | ports;
	if (proto == IPPROTO_UDP) {
		size = load_be16(at + 4);
		return size >= RF_UDP_HEADER && size <= len;
	}
	if (proto != IPPROTO_TCP)
		return 0;
	at = frame_at(frame, off, RF_TCP_HEADER_MIN);
	if (!at || !flow_is_midstream(at, len))
		return 0;
	return 1;
}

static __always_inline int flow_key4(const struct rf_frame *frame, struct rf_judgement *j, const __u64 *secret,
				     enum rf_direction direction, const __u8 *at, __u64 type)
{
	__u32 total = load_be16(at + ETH_HLEN + 2), proto = at[ETH_HLEN + 9];
	__u64 ports;

	if (load_be16(at + ETH_HLEN + 6) & (RF_IPV4_MF | RF_IPV4_OFFSET) || total < RF_IPV4_HEADER_MIN ||
	    ETH_HLEN + total > frame->len)
		return 0;
	if (!flow_has_l4(frame, proto, ETH_HLEN + RF_IPV4_HEADER_MIN, total - RF_IPV4_HEADER_MIN, &ports))
		return 0;
	flow_key_set(j, secret, load_be64(at), (type & ~0xffULL) | proto | direction << 7,
		     load_be64(at + ETH_HLEN + 12), ports);
	return 1;
}

/*
 * Of IPv6. Its addresses are longer than a line has room for: instead stand the good halves of two hashes of them, keyed with the same numbers, one further on
 * (the Toeplitz construction, as UMAC has it, RFC 4418): as many bits as tell a connection row from another.
 */
static __always_inline int flow_key6(const struct rf_frame *frame, struct rf_judgement *j, const __u64 *secret,
				     enum rf_direction direction, __u64 type)
{
	const __u8 *at = frame_at(frame, 0, ETH_HLEN + RF_IPV6_HEADER);
	__u64 ports, a, b, c, d, one, two;
	__u32 len, proto;

	if (!at)
		return 0;
	len = load_be16(at + ETH_HLEN + 4);
	proto = at[ETH_HLEN + 6];
	if (ETH_HLEN + RF_IPV6_HEADER + len > frame->len ||
	    !flow_has_l4(frame, proto, ETH_HLEN + RF_IPV6_HEADER, len, &ports))
		return 0;
	a = load_be64(at + ETH_HLEN + 8);
	b = load_be64(at + ETH_HLEN + 16);
	c = load_be64(at + ETH_HLEN + 24);
	d = load_be64(at + ETH_HLEN + 32);
	one = rf_keyed_addr(secret, a, b) + rf_keyed_addr(secret + 4, c, d);
	two = rf_keyed_addr(secret + 1, a, b) + rf_keyed_addr(secret + 5, c, d);
	j->flow.src.hi = a;
	j->flow.src.lo = b;
	flow_key_set(j, secret, load_be64(at), (type & ~0xfffULL) | proto | direction << 7,
		     (one & ~0xffffffffULL) | two >> 32, ports);
	return 1;
}

/* Into j->flow.key what tells its flow from others, and where it stands. 0: it has none. */
static __always_inline int flow_key(const struct rf_frame *frame, struct rf_judgement *j, const __u64 *secret,
				    enum rf_direction direction)
{
	const __u8 *at = frame_at(frame, 0, ETH_HLEN + RF_IPV4_HEADER_MIN + RF_UDP_HEADER);
	__u64 type;

	if (!at || frame->has_vlan_tci)
		return 0;
	/* Rest of the source, ethertype, two bytes of the header: the version, and what of it says how to go on. */
	type = load_be64(at + 8);
	if ((type >> 8 & 0xffffff) == RF_FLOW_TYPE4)
		return flow_key4(frame, j, secret, direction, at, type);
	return (type >> 12 & 0xfffff) == RF_FLOW_TYPE6 && flow_key6(frame, j, secret, direction, type);
}

static __always_inline struct rf_flow *flow_at(const struct rf_judgement *j, __u32 place)
{
	struct rf_flow_table *table = world_flows(j, place / RF_FLOWS);

	if (!table)
		return NULL;
	world_opaque(table); /* verifier: nothing may be added to it before it is known not to be NULL */
	return &table->flow[place % RF_FLOWS];
}

static __always_inline __u64 flow_differs(const struct rf_judgement *j, const struct rf_flow *flow)
{
	const __u64 *key = j->flow.key;

	return (flow->key[0] ^ key[0]) | (flow->key[1] ^ key[1]) | (flow->key[2] ^ key[2]) | (flow->key[3] ^ key[3]);
}

/* The flow of j->flow.key: in its place, or in the one beside. NULL: nothing is known of it. */
static __always_inline struct rf_flow *flow_find(const struct rf_judgement *j)
{
	struct rf_flow *flow = flow_at(j, j->flow.place);

	if (!flow || !flow_differs(j, flow))
		return flow;
	flow = flow_at(j, j->flow.place ^ 1);
	return flow && !flow_differs(j, flow) ? flow : NULL;
}

/* Where to remember it: in its place, unless another flow of this tick has it. */
static __always_inline struct rf_flow *flow_room(const struct rf_judgement *j)
{
	struct rf_flow *flow = flow_at(j, j->flow.place);

	if (flow && flow->ticks == j->flow.ticks && flow_differs(j, flow))
		return flow_at(j, j->flow.place ^ 1);
	return flow;
}

/*
 * Where nothing goes on (a scan; very many devices, each with a frame now and then) the look-up only costs: after RF_FLOW_MISSES that found nothing, one frame of
 * RF_FLOW_SAMPLE looks whether that is still so. (Where somebody watches, each: a flow is held against what is judged.)
 */
static __always_inline int flow_is_worth_it(struct rf_judgement *j)
{
	if (j->flow.misses < RF_FLOW_MISSES || world_is_watched(j))
		return 1;
	j->flow.misses++;
	return j->flow.misses % RF_FLOW_SAMPLE == 0;
}

/*
 * The budget of its device, if it holds in the bank in force and in this tick, and nothing has happened to the device's state since; by it the device's other lines
 * are found. NULL: it does not hold.
 */
static __always_inline struct rf_budget *flow_answers(const struct rf_judgement *j, const struct rf_flow *flow,
						      const struct rf_bank *bank)
{
	struct rf_budget *budget;

	if (flow->ticks != j->flow.ticks || flow->generation != bank->generation)
		return NULL;
	budget = world_budget(j, flow->state);
	if (!budget || budget->epoch != flow->epoch)
		return NULL;
	return budget;
}

static __always_inline int flow_is_v6(const struct rf_flow *flow)
{
	return (flow->key[1] >> 12 & 0xfffff) == RF_FLOW_TYPE6;
}

/* Count the frame as its flow's last one was. 0: it is time to tell of it, or its slot is another's now; nothing was counted. */
static __always_inline int flow_count(struct rf_judgement *j, const struct rf_flow *flow, struct rf_budget *budget,
				      enum rf_direction direction)
{
	const __u32 device = state_device(flow->state);
	struct rf_counters_first *first;

	if (flow->told < RF_TOLD_NOW) {
		struct rf_fold_set *folds = world_folds_of(j, budget);
		struct rf_fold_set *set =
			&folds[(fold_index(j, flow->fold) ^ rf_fold_sibling(flow->told)) & fold_mask(j)];
		__u64 way = rf_fold_way(flow->told);

		world_opaque(way); /* verifier: the bound must hold for the very register that is added */
		world_forget();
		if (way >= RF_FOLD_WAYS || !fold_more(set, flow->fold, way, j->len))
			return 0;
	}
	if (flow->reason == RF_REASON_UNPOLICED) {
		count_unpoliced(j, j->len);
		return 1;
	}
	if (flow->told == RF_TOLD_QUIET)
		count_quiet(j);
	world_forget();
	if (direction == RF_DIRECTION_TO) {
		count_to(j, device, flow->reason);
		return 1;
	}
	first = flow->state == device ? world_counters_of(j, budget) : world_counters(j, device);
	world_forget();
	if (!first)
		return 1; /* cannot happen: as in report_count() */
	first->last_seen = flow->ticks;
	first->ifindex = flow->key[3] >> 32;
	if (__builtin_expect(flow_is_v6(flow), 0)) /* which reads a line more in any case */
		count_last_v6(j, device, &j->flow.src);
	else
		first->last_v4 = flow->key[2] >> 32;
	count_from(j, first, device, flow->reason);
	return 1;
}

/*
 * Before anything else of a frame. 1: it is counted, and its verdict is j->outcome's; 0: it is to be judged. Where somebody watches, always 0, and
 * j->flow.said is what flow_agrees() holds the judgement against.
 *
 * verifier: all is read from memory again after each look-up. What the compiler keeps on the stack instead, and what it then keeps in the same place as 32 bits, makes
 * states differ that are the same (a write of half a slot does not end what was in it).
 */
static __always_inline int flow_passes_by(const struct rf_frame *frame, struct rf_judgement *j,
					  const struct rf_control *control, enum rf_direction direction)
{
	const struct rf_bank *bank = &control->bank[j->bank & 1];
	const struct rf_flow *flow;
	struct rf_budget *budget;
	int is_plain;

	j->flow.said = RF_REASON_NONE;
	is_plain = world_has_flows(j) && flow_is_worth_it(j) &&
		   flow_key(frame, j, &control->secret[RF_SECRET_REMOTE], direction);
	world_opaque(is_plain); /* verifier: IPv4 and IPv6, UDP and TCP are one way from here */
	j->flow.is_plain = is_plain;
	if (!is_plain)
		return 0;
	j->flow.ticks = world_ticks(j);
	world_forget();
	flow = flow_find(j);
	world_forget();
	budget = flow ? flow_answers(j, flow, bank) : NULL;
	if (!budget) {
		j->flow.misses++;
		return 0;
	}
	if (world_is_watched(j)) {
		j->flow.said = flow->reason;
		return 0;
	}
	world_forget();
	if (!flow_count(j, flow, budget, direction))
		return 0;
	j->flow.misses = 0;
	j->outcome.reason = flow->reason;
	j->outcome.verdict = reason_passes(flow->reason) ? RF_PASS : RF_DROP;
	return 1;
}

/* Before the state is asked: conn_key() notes its epoch, since what happens to the state from then on is not in the verdict. */
static __always_inline void flow_begin(struct rf_judgement *j)
{
	j->flow.has_epoch = 0;
	j->flow.told = RF_TOLD_NOT;
	j->flow.again = 0;
}

static __always_inline void tcp_changed(const struct rf_judgement *j)
{
	struct rf_budget *budget = world_budget(j, j->subject.state);

	if (budget)
		state_changed(budget);
}

/* The epoch that the verdict is of. It may be the present one where the state was not asked. 0: there is none. */
static __always_inline int flow_epoch(struct rf_judgement *j)
{
	const struct rf_budget *budget;

	if (j->flow.has_epoch)
		return 1;
	budget = world_budget(j, j->subject.state);
	if (!budget)
		return 0;
	j->flow.epoch = budget->epoch;
	return 1;
}

/*
 * Is it worth to remember the flow? Where frames leave a row behind, the second of a tick tells: most flows of a network with many have one frame a tick, and
 * would push out those that have more.
 */
static __always_inline int flow_may_go_on(const struct rf_judgement *j)
{
	switch (j->outcome.reason) {
	case RF_REASON_INTERNAL:
		return 0;
	case RF_REASON_MODE_OFF:
	case RF_REASON_UNPOLICED:
		return 1;
	default:
		return j->flow.again || j->flow.told == RF_TOLD_QUIET;
	}
}

/* The frame was judged: the next of its flow may go by that. What begins or ends a TCP connection ends what was said of it. */
static __always_inline void flow_note(struct rf_judgement *j, const struct rf_control *control)
{
	struct rf_flow *flow;

	if (!j->flow.is_plain) {
		if (j->packet.tcp_flags & (RF_TCP_SYN | RF_TCP_FIN | RF_TCP_RST))
			tcp_changed(j);
		return;
	}
	if (j->flow.told == RF_TOLD_NOW || !flow_may_go_on(j) || !flow_epoch(j))
		return;
	flow = flow_room(j);
	if (!flow)
		return;
	flow->key[0] = j->flow.key[0];
	flow->key[1] = j->flow.key[1];
	flow->key[2] = j->flow.key[2];
	flow->key[3] = j->flow.key[3];
	flow->ticks = j->flow.ticks;
	flow->fold = j->flow.fold;
	flow->epoch = j->flow.epoch;
	flow->state = j->subject.state;
	flow->generation = control->bank[j->bank & 1].generation;
	flow->reason = j->outcome.reason;
	flow->told = j->flow.told;
}

/* For those who watch: would the flow have said the same? It would have let pass, or stopped, what is judged otherwise: a bug to be seen. */
static __always_inline int flow_agrees(const struct rf_judgement *j)
{
	return j->flow.said == RF_REASON_NONE || j->flow.said == j->outcome.reason;
}

#endif
