/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns.h - questions on their way out, answers on their way in (RFC 1035).
 *
 * A question to a believed resolver is read, judged by `dns: listed` and deny-names, and remembered by server, port, id and name. An answer counts only if it
 * meets one; of it only the answer section counts, along the chain of CNAMEs from the question, under the name that was asked. What cannot be read is counted
 * and opens nothing. Runs in the same softirq that delivers the answer: the device cannot be faster.
 */
#ifndef RF_DNS_H
#define RF_DNS_H

#include <linux/in.h>

#include "names.h"

#define RF_DNS_QR 0x8000
#define RF_DNS_OPCODE 0x7800
#define RF_DNS_RCODE 0x000f
#define RF_DNS_TYPE_A 1
#define RF_DNS_TYPE_CNAME 5
#define RF_DNS_TYPE_AAAA 28
#define RF_DNS_CLASS_IN 1
#define RF_DNS_TCP_HEADER 20   /* without options: l4.h refuses shorter ones */
#define RF_DNS_RECORD_FIXED 10 /* type, class, TTL, length */

/*
 * Which bytes of the frame may be DNS: UDP messages, for the datapath to read, and TCP from its header on, for user space, as far as they go into one
 * piece. Of an answer in fragments the first, which says what it answers. Into dns->cursor and dns->left; 0 bytes: none.
 */
static __always_inline void dns_locate(const struct rf_packet *packet, struct rf_dns *dns, enum rf_direction direction)
{
	int udp = packet->proto == IPPROTO_UDP, to = direction == RF_DIRECTION_TO;
	__u32 skip = udp ? 8 : 0, least = udp ? 8 : RF_DNS_TCP_HEADER, limit;

	dns->left = 0;
	if ((!udp && packet->proto != IPPROTO_TCP) || packet->l4_len < least ||
	    (to ? packet->sport : packet->dport) != RF_DNS_PORT)
		return;
	if (packet->fragment != RF_FRAGMENT_NONE && (packet->fragment != RF_FRAGMENT_FIRST || !to || !udp))
		return;
	limit = to ? RF_DNS_MESSAGE_MAX : udp ? RF_DNS_QUESTION_MAX : RF_DNS_SEGMENT_XDP;
	dns->cursor = packet->l4_off + skip;
	dns->left = packet->l4_len - skip;
	if (dns->left <= limit)
		return;
	/* An answer that is longer than any frame is none. */
	dns->left = to && udp ? 0 : limit;
}

/* Copy what may be DNS out of the frame, while the frame is there. Whether it is believed is decided later. */
static __always_inline void dns_copy(const struct rf_frame *frame, struct rf_judgement *j, enum rf_direction direction)
{
	struct rf_dns *dns = world_dns(j);
	__u32 len, there;

	j->dns_len = j->segment_len = 0;
	if (!dns)
		return;
	dns_locate(&j->packet, dns, direction);
	world_forget();
	len = dns->left;
	/* A capture may hold less of a message than was on the wire: what is there is read, the rest is missing. */
	there = world_captured(frame);
	if (dns->cursor + len > there)
		len = dns->cursor < there ? there - dns->cursor : 0;
	if (!len || world_copy(frame, dns, dns->cursor, len))
		return;
	if (j->packet.proto == IPPROTO_UDP)
		j->dns_len = len;
	else
		j->segment_len = len;
}

/* Header, one question, its name, type and class. `flags`: QR as the direction wants it; opcode is a query. */
static __always_inline enum rf_parse dns_read_question(struct rf_judgement *j, const struct rf_bank *bank,
						       struct rf_dns *dns, __u16 qr)
{
	__u16 bits;

	if (j->dns_len < RF_DNS_HEADER + 5)
		return RF_PARSE_MALFORMED;
	bits = dns_be16(dns, 2);
	if ((bits & (RF_DNS_QR | RF_DNS_OPCODE)) != qr || dns_be16(dns, 4) != 1)
		return RF_PARSE_MALFORMED;
	if (name_read(j, RF_DNS_HEADER, j->dns_len) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	world_forget();
	/* A question has nothing before it that a pointer could name. */
	if (dns->jumps || dns->end + 4 > j->dns_len)
		return RF_PARSE_MALFORMED;
	dns->id = dns_be16(dns, 0);
	dns->type = dns_be16(dns, dns->end);
	dns->class = dns_be16(dns, dns->end + 2);
	name_hash(j, dns, bank);
	return RF_PARSE_OK;
}

/* Keyed by everything that an answer must repeat. */
static __always_inline __u64 question_tag(const struct rf_judgement *j, const struct rf_control *control,
					  const struct rf_addr *server, __u16 port, __u16 id)
{
	__u64 h = rf_mix(control->secret[0] ^ server->lo);

	if (j->subject.flags & RF_DEVICE_UNKNOWN)
		h ^= rf_mix(j->subject.mac);
	h = rf_mix(h + server->hi);
	return rf_mix(h ^ control->secret[1] ^ ((__u64)port << 16 | id)) | 1;
}

static __always_inline struct rf_question_set *question_set(const struct rf_judgement *j, __u64 tag)
{
	return world_questions(j, rf_sizing_set(j->subject.state, world_sizing(j)->question, tag >> 32));
}

/* The way of this tag in the set, into dns->way. 0: none. */
static __always_inline int question_find(const struct rf_question_set *set, struct rf_dns *dns, __u64 tag)
{
	int i;

	WORLD_UNROLL
	for (i = 0; i < RF_QUESTION_WAYS; i++) {
		if (set->tag[i] == tag) {
			dns->way = i;
			return 1;
		}
	}
	return 0;
}

/* Remember the question in hand; the way that ends soonest goes when none is free. */
static __always_inline int question_note(struct rf_judgement *j, const struct rf_control *control, struct rf_dns *dns)
{
	__u64 tag = question_tag(j, control, &j->packet.dst, j->packet.sport, dns->id), soonest = ~0ULL;
	struct rf_question_set *set = question_set(j, tag);
	struct rf_totals *totals = world_totals(j);
	__u64 now = world_ticks(j);
	__u32 way = 0;
	int i;

	if (!set || !totals)
		return -1;
	if (!question_find(set, dns, tag)) {
		/* What is over is free, and questions of several CPUs begin at different ways. */
		WORLD_UNROLL
		for (i = 0; i < RF_QUESTION_WAYS; i++)
			rank_take(&soonest, &way, rank_apart(set->expiry[i] * below(now, set->expiry[i]), tag, i), i);
		dns->way = way;
	}
	world_forget();
	way = dns->way % RF_QUESTION_WAYS;
	set->tag[way] = tag;
	set->name[way] = dns->hash;
	set->expiry[way] = now + world_seconds(j, RF_QUESTION_LIFE_S);
	totals->dns_questions++;
	return 0;
}

/* Was this asked? Each question is answered once. 1: yes. */
static __always_inline int question_take(struct rf_judgement *j, const struct rf_control *control, struct rf_dns *dns)
{
	__u64 tag = question_tag(j, control, &j->packet.src, j->packet.dport, dns->id);
	struct rf_question_set *set = question_set(j, tag);
	__u32 way;

	if (!set || !question_find(set, dns, tag))
		return 0;
	world_forget();
	way = dns->way % RF_QUESTION_WAYS;
	if (set->name[way] != dns->hash || set->expiry[way] <= world_ticks(j))
		return 0;
	set->tag[way] = set->expiry[way] = 0;
	return 1;
}

/*
 * A question that rules let out: its reason, RF_REASON_NONE if it may go. Answers or more than one question from a device, and what carries records where
 * a question has none, are malformed: nothing that a resolver's client sends.
 */
WORLD_STAGE int dns_judge_question(struct rf_judgement *j)
{
	const struct rf_profile *profile;
	const struct rf_control *control;
	const struct rf_bank *bank;
	__u32 listed_only, flags;
	struct rf_dns *dns;

	if (!j)
		return RF_REASON_INTERNAL;
	control = world_control(j);
	bank = world_bank(j);
	dns = world_dns(j);
	profile = world_profile(j, j->subject.profile);
	if (!control || !bank || !dns || !profile)
		return RF_REASON_INTERNAL;
	if (dns_read_question(j, bank, dns, 0) != RF_PARSE_OK || dns_be16(dns, 6) || dns_be16(dns, 8))
		return RF_REASON_MALFORMED;
	dns->flags = 0;
	if (profile->flags & (RF_PROFILE_DNS_LISTED | RF_PROFILE_DENY_NAMES))
		name_look_up(j);
	world_forget();
	flags = dns->flags;
	listed_only = profile->flags & RF_PROFILE_DNS_LISTED;
	/* What monitor mode will let out all the same has an answer to be learned. */
	if (flags & RF_NAME_DENIED && j->subject.mode != RF_MODE_MONITOR)
		return RF_REASON_NAME_DENIED;
	if (listed_only && !(flags & RF_NAME_LISTED) && j->subject.mode != RF_MODE_MONITOR)
		return RF_REASON_NAME_NOT_LISTED;
	if (question_note(j, control, dns) < 0)
		return RF_REASON_INTERNAL;
	if (flags & RF_NAME_DENIED)
		return RF_REASON_NAME_DENIED;
	return listed_only && !(flags & RF_NAME_LISTED) ? RF_REASON_NAME_NOT_LISTED : RF_REASON_NONE;
}

/*
 * Questions over TCP and in fragments, of a profile in which names decide: `dns: listed` and deny-names stop them all. A segment that holds one whole question
 * proves nothing: another one that overlaps it makes the resolver read what neither of them says, and of the two only the resolver knows which
 * bytes it kept.
 */
static __always_inline int dns_judge_unread(const struct rf_judgement *j)
{
	const struct rf_profile *profile = world_profile(j, j->subject.profile);

	if (!profile)
		return RF_REASON_INTERNAL;
	if (profile->flags & RF_PROFILE_DNS_LISTED)
		return RF_REASON_NAME_NOT_LISTED;
	return profile->flags & RF_PROFILE_DENY_NAMES ? RF_REASON_NAME_DENIED : RF_REASON_NONE;
}

/* An address that nobody can be reached at, or everybody: not learned. */
static __always_inline int address_is_special(const struct rf_addr *addr)
{
	if (rf_addr_is_multicast(addr))
		return 1;
	if (rf_addr_is_v4(addr))
		return !(__u32)addr->lo || (__u32)addr->lo == 0xffffffffU || (__u32)addr->lo >> 24 == IN_LOOPBACKNET;
	return !addr->hi && addr->lo <= 1;
}

/* Is the owner at `off` the name that the chain has reached? dns->end is set behind it. Mainstream servers point at it. */
static __always_inline enum rf_parse record_owner(struct rf_judgement *j, struct rf_dns *dns, __u32 off,
						  int *ret_current)
{
	__u16 pointer = dns_be16(dns, off);

	if (pointer >> 14 == 3 && (pointer & 0x3fff) == dns->current_off) {
		dns->end = off + 2;
		*ret_current = 1;
		return RF_PARSE_OK;
	}
	if (name_read(j, off, j->dns_len) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	world_forget();
	*ret_current = dns->owner == dns->current;
	return RF_PARSE_OK;
}

/* The chain goes on at the target of a CNAME: the name at `off`, which is all of the record's data, so it ends at `next`. */
static __always_inline enum rf_parse record_follow(struct rf_judgement *j, struct rf_dns *dns, __u32 off, __u32 next)
{
	if (dns->links++ >= RF_DNS_LINKS_MAX || name_read(j, off, j->dns_len) != RF_PARSE_OK)
		return RF_PARSE_MALFORMED;
	world_forget();
	if (dns->end != next)
		return RF_PARSE_MALFORMED;
	dns->current = dns->owner;
	dns->current_off = off;
	return RF_PARSE_OK;
}

/* The address that a record of this type and size holds, into dns->addr. 0: none that is learned. */
static __always_inline int record_address(struct rf_dns *dns, __u32 off, __u16 type, __u32 size)
{
	if (type == RF_DNS_TYPE_A && size == 4) {
		dns->addr.hi = 0;
		dns->addr.lo = RF_ADDR_V4_MAPPED | dns_be32(dns, off);
	} else if (type == RF_DNS_TYPE_AAAA && size == 16) {
		dns->addr.hi = dns_be64(dns, off);
		dns->addr.lo = dns_be64(dns, off + 8);
		if (rf_addr_is_v4(&dns->addr))
			return 0; /* never on the wire, see ipv6.h */
	} else {
		return 0;
	}
	return !address_is_special(&dns->addr);
}

/*
 * One record of the answer section, at `off`. Returns the offset behind it, 0 if it cannot be read.
 */
WORLD_STAGE __u32 dns_read_record(struct rf_judgement *j, __u32 off)
{
	__u32 data, next;
	int current = 0;
	struct rf_dns *dns;
	__u16 type;

	if (!j)
		return 0;
	dns = world_dns(j);
	if (!dns || off + 2 > j->dns_len || record_owner(j, dns, off, &current) != RF_PARSE_OK)
		return 0;
	data = dns->end + RF_DNS_RECORD_FIXED;
	if (data > j->dns_len)
		return 0;
	type = dns_be16(dns, dns->end);
	next = data + dns_be16(dns, dns->end + 8);
	if (next > j->dns_len)
		return 0;
	if (!current || dns_be16(dns, dns->end + 2) != RF_DNS_CLASS_IN)
		return next;
	dns->ttl = dns_be32(dns, dns->end + 4);
	if (type == RF_DNS_TYPE_CNAME)
		return record_follow(j, dns, data, next) == RF_PARSE_OK ? next : 0;
	if (record_address(dns, data, type, next - data))
		learned_note(j, dns);
	return next;
}

/* All records of the answer section, along the chain from the name that was read. RF_PARSE_MALFORMED: not read to its end. */
static __always_inline enum rf_parse dns_read_records(struct rf_judgement *j, struct rf_dns *dns)
{
	__u32 off, n, i;

	dns->current = dns->owner;
	dns->current_off = RF_DNS_HEADER;
	dns->links = dns->notices = 0;
	off = dns->end + 4;
	n = dns_be16(dns, 6);
	for (i = 0; i < RF_DNS_RECORDS_MAX; i++) {
		if (i >= n)
			return RF_PARSE_OK;
		off = dns_read_record(j, off);
		world_forget();
		if (dns->notices)
			notices_tell(j, dns);
		if (!off)
			return RF_PARSE_MALFORMED;
	}
	return i >= n ? RF_PARSE_OK : RF_PARSE_MALFORMED;
}

/* Learn from the answer whose question was read: 0, or RF_PARSE_MALFORMED: not all of it could be read. */
static __always_inline enum rf_parse dns_learn_records(struct rf_judgement *j, struct rf_dns *dns)
{
	struct rf_budget *budget = world_budget(j, j->subject.state);
	enum rf_parse status = RF_PARSE_MALFORMED;

	if (dns_be16(dns, 2) & RF_DNS_RCODE || dns->class != RF_DNS_CLASS_IN || !dns_be16(dns, 6))
		return RF_PARSE_OK;
	switch (known_note(j)) {
	case 0:
		status = dns_read_records(j, dns);
		break;
	case 1:
		return RF_PARSE_OK; /* nothing of it would be kept */
	default:
		break;
	}
	if (budget)
		state_changed(budget);
	return status;
}

/*
 * An answer on its way to the device, already allowed to pass: learn from it. Never changes the verdict. 1: what it says could not all be read (of one in
 * fragments: the rest is not there yet), user space should know.
 */
static __always_inline int dns_learn_answer(struct rf_judgement *j)
{
	const struct rf_control *control;
	const struct rf_bank *bank;
	struct rf_totals *totals;
	struct rf_dns *dns;

	if (!j)
		return 0;
	control = world_control(j);
	bank = world_bank(j);
	totals = world_totals(j);
	dns = world_dns(j);
	if (!control || !bank || !totals || !dns)
		return 0;
	if (dns_read_question(j, bank, dns, RF_DNS_QR) != RF_PARSE_OK || !question_take(j, control, dns)) {
		totals->dns_unasked++;
		return 0;
	}
	/* What follows in later fragments is not put together here: user space does. */
	if (j->packet.fragment != RF_FRAGMENT_NONE || dns_learn_records(j, dns) != RF_PARSE_OK) {
		totals->dns_unread++;
		return 1;
	}
	totals->dns_answers++;
	return 0;
}

/* What stands in dns->message goes to user space, with who and where. It is the device's own budget that it takes. */
WORLD_STAGE int segment_send(struct rf_judgement *j, __u32 off)
{
	const struct rf_packet *packet;
	const struct rf_bank *bank;
	struct rf_segment *segment;
	struct rf_totals *totals;
	struct rf_dns *dns;
	int from;

	if (!j)
		return -1;
	packet = &j->packet;
	dns = world_dns(j);
	bank = world_bank(j);
	totals = world_totals(j);
	if (!dns || !bank || !totals)
		return -1;
	from = j->direction == RF_DIRECTION_FROM;
	segment = &dns->segment;
	segment->remote_mac = from ? packet->dst_mac : packet->src_mac;
	segment->now_ticks = world_ticks(j);
	segment->mac = j->subject.mac;
	segment->remote = from ? packet->dst : packet->src;
	segment->local = from ? packet->src : packet->dst;
	segment->device = j->subject.device;
	segment->state = j->subject.state;
	segment->profile = j->subject.profile;
	segment->generation = bank->generation;
	segment->ifindex = j->ifindex;
	segment->total = packet->proto == IPPROTO_TCP || packet->fragment ? packet->l4_len : j->dns_len;
	segment->off = off;
	segment->len = j->segment_len;
	segment->vlan = packet->vlan;
	segment->proto = packet->proto;
	segment->direction = j->direction;
	segment->mode = j->subject.mode;
	segment->flags = j->subject.flags;
	segment->bank = j->bank;
	segment->port = from ? packet->sport : packet->dport;
	segment->fragment = 0;
	if (packet->fragment)
		segment->fragment = packet->fragment == RF_FRAGMENT_FIRST ? RF_SEGMENT_FIRST : RF_SEGMENT_LATER;
	if (packet->fragment_last)
		segment->fragment |= RF_SEGMENT_LAST;
	/* What follows the first piece of a TCP segment has no header: it keeps the first's number. */
	if (packet->fragment)
		segment->id = packet->fragment_id;
	else if (!off)
		segment->id = dns_be32(dns, 4);
	__builtin_memset(segment->reserved, 0, sizeof(segment->reserved));
	if (budget_take(j, RF_BUDGET_SEGMENTS) && !world_segment(j, dns, j->segment_len))
		return 0;
	totals->dns_unread++;
	return -1;
}

/*
 * An answer that passes: learn from it, and hand over what could not be read. 1: it is the first fragment of one that met its question, fragment_hand()
 * does.
 */
WORLD_STAGE int dns_learn(struct rf_judgement *j)
{
	if (!j || !dns_learn_answer(j))
		return 0;
	report_unread(j);
	if (j->packet.fragment != RF_FRAGMENT_NONE)
		return 1;
	j->segment_len = j->dns_len;
	segment_send(j, 0);
	j->segment_len = 0;
	return 0;
}

/* Segments without data say something only when they open the connection. */
static __always_inline int segment_is_empty(const struct rf_judgement *j, const struct rf_dns *dns)
{
	return !(j->packet.tcp_flags & RF_TCP_SYN) && (dns->message[12] >> 4) * 4U >= j->packet.l4_len;
}

/*
 * The frame passed: hand what it has of DNS over TCP with a believed resolver to user space, of a device whose profile has name rules. A frame may be
 * longer than one piece (GSO); XDP sees no such frames.
 */
static __always_inline void segments_hand(const struct rf_frame *frame, struct rf_judgement *j,
					  const struct rf_bank *bank, enum rf_direction direction)
{
	const struct rf_packet *packet = &j->packet;
	const struct rf_profile *profile = world_profile(j, j->subject.profile);
	struct rf_dns *dns = world_dns(j);
	__u32 i, off, left;

	if (!profile || !dns || !(profile->flags & RF_PROFILE_NAMES) ||
	    !bank_has_resolver(bank, direction == RF_DIRECTION_FROM ? &packet->dst : &packet->src) ||
	    segment_is_empty(j, dns))
		return;
	if (segment_send(j, 0) || direction == RF_DIRECTION_FROM)
		return;
	for (i = 1; i < RF_DNS_SEGMENTS; i++) {
		off = i * RF_DNS_MESSAGE_MAX;
		if (off >= packet->l4_len)
			return;
		left = packet->l4_len - off;
		if (left > RF_DNS_MESSAGE_MAX)
			left = RF_DNS_MESSAGE_MAX;
		if (world_copy_more(frame, dns, packet->l4_off + off, left))
			return;
		j->segment_len = left;
		if (segment_send(j, off))
			return;
	}
}

#endif
