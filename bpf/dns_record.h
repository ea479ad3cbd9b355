/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_record.h - the answer section of a message whose question was read: what it gives the device.
 *
 * Only that section counts, along the chain of CNAMEs from the question, and all that it gives is under the name that was asked. Whether it was asked is not
 * known here: dns_answer.h, or user space (user/engine/learner.c), has seen to it.
 */
#ifndef RF_DNS_RECORD_H
#define RF_DNS_RECORD_H

#include "dns_message.h"
#include "known.h"
#include "names.h"
#include "state.h"

#define RF_DNS_RCODE 0x000f
#define RF_DNS_TYPE_A 1
#define RF_DNS_TYPE_CNAME 5
#define RF_DNS_TYPE_AAAA 28
#define RF_DNS_CLASS_IN 1
#define RF_DNS_RECORD_FIXED 10 /* type, class, TTL, length */

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

#endif
