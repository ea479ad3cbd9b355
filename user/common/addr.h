/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text <-> MAC address, IP address and prefix.
 *
 * Used by the policy reader, the command line and every printer.  There is one
 * address type: IPv4 travels as v4-mapped IPv6 (::ffff:a.b.c.d), so a prefix
 * length always counts from bit 0 of the 16 bytes: 192.168.1.0/24 has the
 * length 120.  Must not do name look-ups or read the machine's state.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"

#define ADDR_BYTES 16
#define ADDR_BITS 128
#define ADDR_V4_BITS 96 /* length of the prefix ::ffff:0:0/96 that holds all IPv4 */
#define MAC_BYTES 6

/* "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128" and its NUL. */
#define ADDR_TEXT_MAX 50
#define MAC_TEXT_MAX 18

struct addr {
	uint8_t bytes[ADDR_BYTES]; /* network byte order */
};

struct prefix {
	struct addr addr; /* bits after len are 0 */
	uint8_t len;	  /* 0..128; IPv4 is 96 + its own length; see prefix_is_v4() */
};

struct mac {
	uint8_t bytes[MAC_BYTES];
};

/* What is wrong with a text, so that a caller can say it in its own words. */
enum addr_status {
	ADDR_OK,
	ADDR_SYNTAX,	/* not an address */
	ADDR_LEN,	/* prefix length is no number or out of range */
	ADDR_HOST_BITS, /* bits set after the prefix; *ret is the corrected prefix */
};

/* An address without a length.  Refuses leading zeros, zones and "/". */
enum addr_status addr_parse(const char *text, struct addr *ret_addr);

/*
 * "ADDR/LEN", or "ADDR" alone for the full length.  An IPv6 text that is
 * v4-mapped means the IPv4 address.  On ADDR_HOST_BITS *ret_prefix is set too.
 */
enum addr_status prefix_parse(const char *text, struct prefix *ret_prefix);

/*
 * aa:bb:cc:dd:ee:ff, aa-bb-cc-dd-ee-ff, aabb.ccdd.eeff, aabbccddeeff, upper or
 * lower case, blanks around it; single digits (0:1:2:a:b:c) with ":" and "-".  false: not a MAC.
 */
bool mac_parse(const char *padded, struct mac *ret_mac);

/* The form in which maps and events hold an address, and back. */
struct rf_addr addr_to_wire(const struct addr *addr);
struct addr addr_from_wire(struct rf_addr wire);
bool addr_wire_equal(const struct rf_addr *a, const struct rf_addr *b);

/* Canonical text (RFC 5952; IPv4 dotted) into buf, which is also returned. */
const char *addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX]);
/* The same; a full-length prefix prints as an address without a length. */
const char *prefix_format(const struct prefix *prefix, char buf[ADDR_TEXT_MAX]);
const char *mac_format(const struct mac *mac, char buf[MAC_TEXT_MAX]);

bool addr_is_v4(const struct addr *addr);
bool addr_is_multicast(const struct addr *addr); /* 224/4, ff00::/8 */
bool addr_is_zero(const struct addr *addr);	 /* 0.0.0.0, :: */
bool prefix_is_v4(const struct prefix *prefix);
/* A prefix belongs to one family: ::/0 does not contain IPv4. */
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);
/* Order by address bytes, then length: covering prefixes before covered ones. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

bool mac_is_multicast(const struct mac *mac); /* broadcast included */
bool mac_is_zero(const struct mac *mac);

#endif
