// SPDX-License-Identifier: GPL-2.0-only
/*
 * oracle.c - see oracle.h.
 */
#include "oracle.h"

#include <string.h>

#include <ldns/ldns.h>

#include "../../user/common/cleanup.h"

#define RECORD_FIXED 10 /* type, class, TTL, length */
#define RECORDS_PROMISED 32
#define LINKS_PROMISED 16
#define POINTERS_PROMISED 16
#define POINTERS_FOLLOWED 200 /* more do not go into a message that ends */
#define TTL_FLOOR 60
#define TTL_CEILING 86400

static void free_rdf(ldns_rdf **rdf)
{
	ldns_rdf_deep_free(*rdf);
}

static void free_rr(ldns_rr **rr)
{
	ldns_rr_free(*rr);
}

struct walk {
	struct oracle *oracle;
	const uint8_t *message;
	size_t len, pos;
	ldns_rdf *current; /* where the chain has come to */
	unsigned int links;
};

static uint16_t read16(const struct walk *walk, size_t at)
{
	return (uint16_t)(walk->message[at] << 8 | walk->message[at + 1]);
}

/* Reasons in the bytes of the name at `at`. Where it ends in the record, 0 if it does not: into *ret_after, unless NULL. */
static unsigned int name_reasons(const struct walk *walk, size_t at, size_t *ret_after)
{
	size_t limit = at, after = 0;
	unsigned int pointers = 0, reasons = 0;

	while (at < walk->len && walk->message[at] && pointers < POINTERS_FOLLOWED) {
		if (walk->message[at] < 0xc0) {
			at += 1U + walk->message[at];
			continue;
		}
		if (at + 1 >= walk->len)
			break;
		after = after ? after : at + 2;
		at = read16(walk, at) & 0x3fffU;
		reasons |= (at >= limit ? ORACLE_POINTER_BACK : 0) | (at < LDNS_HEADER_SIZE ? ORACLE_HEADER : 0);
		limit = at;
		pointers++;
	}
	if (ret_after)
		*ret_after = after ? after : at < walk->len ? at + 1 : 0;
	return reasons | (pointers > POINTERS_PROMISED ? ORACLE_POINTERS : 0);
}

/* ---- addresses ---- */

/* Nobody's, or everybody's; and IPv4 in IPv6's clothes, which is never on the wire. */
static bool is_special(const struct rf_addr *addr)
{
	const uint32_t v4 = (uint32_t)addr->lo;

	if (!addr->hi && addr->lo >> 32 == 0xffff)
		return !v4 || v4 >> 24 == 127 || v4 >> 28 == 14 || v4 == 0xffffffffU;
	return addr->hi >> 56 == 0xff || (!addr->hi && addr->lo <= 1);
}

static bool read_address(const ldns_rr *rr, struct rf_addr *ret_addr)
{
	const ldns_rdf *rdf = ldns_rr_rd_count(rr) == 1 ? ldns_rr_rdf(rr, 0) : NULL;
	const bool is_v4 = ldns_rr_get_type(rr) == LDNS_RR_TYPE_A;
	uint8_t bytes[16] = {[10] = 0xff, [11] = 0xff};

	if (!rdf || ldns_rdf_size(rdf) != (is_v4 ? 4 : 16))
		return false;
	memcpy(bytes + (is_v4 ? 12 : 0), ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	*ret_addr = (struct rf_addr){0};
	for (int i = 0; i < 8; i++) {
		ret_addr->hi = ret_addr->hi << 8 | bytes[i];
		ret_addr->lo = ret_addr->lo << 8 | bytes[8 + i];
	}
	return !is_special(ret_addr) && (is_v4 || ret_addr->hi || ret_addr->lo >> 32 != 0xffff);
}

static void add_address(struct oracle *oracle, const struct rf_addr *addr, uint32_t ttl)
{
	const uint32_t life = ttl < TTL_FLOOR ? TTL_FLOOR : ttl > TTL_CEILING ? TTL_CEILING : ttl;
	struct oracle_address *item = oracle->addresses, *end = item + oracle->n_addresses;

	oracle->n_all++;
	oracle->n_must += !oracle->reasons;
	while (item < end && (item->addr.hi != addr->hi || item->addr.lo != addr->lo))
		item++;
	if (item == end) {
		if (oracle->n_addresses == ORACLE_ADDRESSES_MAX)
			return;
		*item = (struct oracle_address){.addr = *addr, .must = !oracle->reasons};
		oracle->n_addresses++;
	}
	if (item->life_s < life)
		item->life_s = life;
}

/* ---- records ---- */

/* An address record of the chain, that begins at `begin`. "Of the wrong length is passed over": ldns reads one that is too long. */
static void take_address(struct walk *walk, size_t begin, uint16_t type, uint16_t size)
{
	__attribute__((cleanup(free_rr))) ldns_rr *rr = NULL;
	struct rf_addr addr;

	if (size != (type == LDNS_RR_TYPE_A ? 4 : 16) ||
	    ldns_wire2rr(&rr, walk->message, walk->len, &begin, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return;
	if (read_address(rr, &addr))
		add_address(walk->oracle, &addr, ldns_rr_ttl(rr));
}

/* The chain goes on at the name in `size` bytes at `data`. false: it cannot be read. */
static bool take_alias(struct walk *walk, size_t data, uint16_t size)
{
	const unsigned int reasons = name_reasons(walk, data, NULL);
	size_t after = data;

	walk->links++;
	walk->oracle->reasons |= reasons | (walk->links > LINKS_PROMISED ? ORACLE_LINKS : 0);
	ldns_rdf_deep_free(walk->current);
	walk->current = NULL;
	/* The name is all of the data. */
	return ldns_wire2dname(&walk->current, walk->message, walk->len, &after) == LDNS_STATUS_OK &&
	       after == data + size;
}

/* One record of the answer section. false: it cannot be read, and nothing behind it. */
static bool next_record(struct walk *walk)
{
	__attribute__((cleanup(free_rdf))) ldns_rdf *owner = NULL;
	const size_t begin = walk->pos;
	uint16_t type, class, size;
	size_t fixed = begin, data, after;
	const unsigned int reasons = name_reasons(walk, begin, &after);

	walk->oracle->reasons |= reasons;
	if (ldns_wire2dname(&owner, walk->message, walk->len, &fixed) != LDNS_STATUS_OK)
		return false;
	data = fixed + RECORD_FIXED;
	if (data > walk->len)
		return false;
	type = read16(walk, fixed);
	class = read16(walk, fixed + 2);
	size = read16(walk, fixed + 8);
	if (data + size > walk->len)
		return false;
	walk->pos = data + size;
	if (class != LDNS_RR_CLASS_IN || !owner || !walk->current || ldns_dname_compare(owner, walk->current) != 0)
		return true;
	if (type == LDNS_RR_TYPE_CNAME)
		return take_alias(walk, data, size);
	if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA)
		take_address(walk, begin, type, size);
	return true;
}

static bool read_question(struct walk *walk)
{
	__attribute__((cleanup(free_rr))) ldns_rr *rr = NULL;
	struct oracle *oracle = walk->oracle;
	const ldns_rdf *owner;

	if (ldns_wire2rr(&rr, walk->message, walk->len, &walk->pos, LDNS_SECTION_QUESTION) != LDNS_STATUS_OK)
		return false;
	owner = ldns_rr_owner(rr);
	if (ldns_rdf_size(owner) > sizeof(oracle->name))
		return false;
	oracle->name_len = ldns_rdf_size(owner);
	memcpy(oracle->name, ldns_rdf_data(owner), oracle->name_len);
	oracle->type = ldns_rr_get_type(rr);
	oracle->class = ldns_rr_get_class(rr);
	oracle->has_question = true;
	for (size_t at = 12; at < walk->len && walk->message[at]; at += 1U + walk->message[at])
		if (walk->message[at] >= 0xc0) {
			oracle->reasons |= ORACLE_QUESTION;
			break;
		}
	walk->current = ldns_rdf_clone(owner);
	return true;
}

void oracle_read(const uint8_t *message, size_t len, struct oracle *ret_oracle)
{
	struct walk walk = {.oracle = ret_oracle, .message = message, .len = len, .pos = LDNS_HEADER_SIZE};
	unsigned int count = 0;

	*ret_oracle = (struct oracle){0};
	if (len < LDNS_HEADER_SIZE)
		return;
	ret_oracle->id = LDNS_ID_WIRE(message);
	if (!LDNS_QR_WIRE(message) || LDNS_OPCODE_WIRE(message) || LDNS_QDCOUNT(message) != 1 || !read_question(&walk))
		return;
	ret_oracle->is_answer = !LDNS_RCODE_WIRE(message) && ret_oracle->class == LDNS_RR_CLASS_IN;
	while (ret_oracle->is_answer && count < LDNS_ANCOUNT(message)) {
		if (count >= RECORDS_PROMISED)
			ret_oracle->reasons |= ORACLE_RECORDS;
		if (!next_record(&walk))
			break;
		count++;
	}
	ret_oracle->read_to_end = count == LDNS_ANCOUNT(message);
	ldns_rdf_deep_free(walk.current);
}
