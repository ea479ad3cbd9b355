// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text <-> MAC address, IP address and prefix: see addr.h.
 *
 * inet_pton() does the digits: it refuses leading zeros in dotted quads, zones
 * and short forms, which is what a policy needs (010.0.0.1 means two things).
 */
#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

enum addr_status addr_parse(const char *text, struct addr *ret_addr)
{
	struct addr addr = {0};

	if (inet_pton(AF_INET, text, addr.bytes + 12) == 1)
		memcpy(addr.bytes, v4_mapped, sizeof(v4_mapped));
	else if (inet_pton(AF_INET6, text, addr.bytes) != 1)
		return ADDR_SYNTAX;

	*ret_addr = addr;
	return ADDR_OK;
}

/* Clear what follows the first len bits; true when something was set there. */
static bool clear_host_bits(struct addr *addr, unsigned int len)
{
	bool found = false;

	for (unsigned int i = 0; i < ADDR_BYTES; i++) {
		unsigned int keep = len >= 8 * (i + 1) ? 8 : len <= 8 * i ? 0 : len - 8 * i;
		uint8_t mask = (uint8_t)(0xff00 >> keep);

		if (addr->bytes[i] & ~mask)
			found = true;
		addr->bytes[i] &= mask;
	}
	return found;
}

enum addr_status prefix_parse(const char *text, struct prefix *ret_prefix)
{
	const char *slash = strchr(text, '/');
	struct prefix prefix = {.len = ADDR_BITS};
	char host[ADDR_TEXT_MAX];
	uint64_t len;
	bool v4;

	if (!slash) {
		if (addr_parse(text, &prefix.addr) != ADDR_OK)
			return ADDR_SYNTAX;
		*ret_prefix = prefix;
		return ADDR_OK;
	}

	if ((size_t)(slash - text) >= sizeof(host))
		return ADDR_SYNTAX;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (addr_parse(host, &prefix.addr) != ADDR_OK)
		return ADDR_SYNTAX;

	/* ::ffff:10.0.0.0/104 counts its length as IPv6 does, 10.0.0.0/8 does not. */
	v4 = !strchr(host, ':');
	if (!text_to_u64(slash + 1, v4 ? ADDR_BITS - ADDR_V4_BITS : ADDR_BITS, &len))
		return ADDR_LEN;
	prefix.len = (uint8_t)(v4 ? len + ADDR_V4_BITS : len);

	if (clear_host_bits(&prefix.addr, prefix.len)) {
		*ret_prefix = prefix;
		return ADDR_HOST_BITS;
	}
	*ret_prefix = prefix;
	return ADDR_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Groups of one or two digits with sep between them. */
static bool mac_parse_bytes(const char *text, char sep, struct mac *ret_mac)
{
	struct mac mac;

	for (unsigned int i = 0; i < MAC_BYTES; i++) {
		int hi = hex_digit(text[0]);
		int lo = hi < 0 ? -1 : hex_digit(text[1]);

		if (hi < 0)
			return false;
		mac.bytes[i] = (uint8_t)(lo < 0 ? hi : hi << 4 | lo);
		text += lo < 0 ? 1 : 2;
		if (*text++ != (i == MAC_BYTES - 1 ? '\0' : sep))
			return false;
	}
	*ret_mac = mac;
	return true;
}

/* Twelve digits, with a dot after each four when dotted. */
static bool mac_parse_solid(const char *text, bool dotted, struct mac *ret_mac)
{
	struct mac mac = {{0}};

	for (unsigned int i = 0; i < 2 * MAC_BYTES; i++) {
		int digit;

		if (dotted && i && i % 4 == 0 && *text++ != '.')
			return false;
		digit = hex_digit(*text++);
		if (digit < 0)
			return false;
		mac.bytes[i / 2] = (uint8_t)(mac.bytes[i / 2] << 4 | digit);
	}
	if (*text)
		return false;
	*ret_mac = mac;
	return true;
}

bool mac_parse(const char *padded, struct mac *ret_mac)
{
	/* What people copy out of tables comes with blanks around it. The longest form is the one that is printed. */
	const char *start = padded + strspn(padded, " \t");
	size_t len = strlen(start);
	char text[MAC_TEXT_MAX];

	while (len && (start[len - 1] == ' ' || start[len - 1] == '\t'))
		len--;
	if (len >= sizeof(text))
		return false;
	memcpy(text, start, len);
	text[len] = '\0';
	if (strchr(text, ':'))
		return mac_parse_bytes(text, ':', ret_mac);
	if (strchr(text, '-'))
		return mac_parse_bytes(text, '-', ret_mac);
	return mac_parse_solid(text, strchr(text, '.') != NULL, ret_mac);
}

const char *addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX])
{
	if (addr_is_v4(addr))
		inet_ntop(AF_INET, addr->bytes + 12, buf, ADDR_TEXT_MAX);
	else
		inet_ntop(AF_INET6, addr->bytes, buf, ADDR_TEXT_MAX);
	return buf;
}

const char *prefix_format(const struct prefix *prefix, char buf[ADDR_TEXT_MAX])
{
	size_t used;

	if (prefix->len == ADDR_BITS)
		return addr_format(&prefix->addr, buf);

	if (prefix_is_v4(prefix)) {
		addr_format(&prefix->addr, buf);
		used = strlen(buf);
		snprintf(buf + used, ADDR_TEXT_MAX - used, "/%d", prefix->len - ADDR_V4_BITS);
	} else {
		inet_ntop(AF_INET6, prefix->addr.bytes, buf, ADDR_TEXT_MAX);
		used = strlen(buf);
		snprintf(buf + used, ADDR_TEXT_MAX - used, "/%d", prefix->len);
	}
	return buf;
}

const char *mac_format(const struct mac *mac, char buf[MAC_TEXT_MAX])
{
	const uint8_t *b = mac->bytes;

	snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
	return buf;
}

struct rf_addr addr_to_wire(const struct addr *addr)
{
	struct rf_addr wire = {0};

	for (int i = 0; i < 8; i++) {
		wire.hi = wire.hi << 8 | addr->bytes[i];
		wire.lo = wire.lo << 8 | addr->bytes[i + 8];
	}
	return wire;
}

struct addr addr_from_wire(struct rf_addr wire)
{
	struct addr addr;

	for (int i = 0; i < 8; i++) {
		addr.bytes[i] = (uint8_t)(wire.hi >> (56 - 8 * i));
		addr.bytes[i + 8] = (uint8_t)(wire.lo >> (56 - 8 * i));
	}
	return addr;
}

bool addr_wire_equal(const struct rf_addr *a, const struct rf_addr *b)
{
	return a->hi == b->hi && a->lo == b->lo;
}

bool addr_is_v4(const struct addr *addr)
{
	return memcmp(addr->bytes, v4_mapped, sizeof(v4_mapped)) == 0;
}

bool addr_is_multicast(const struct addr *addr)
{
	if (addr_is_v4(addr))
		return (addr->bytes[12] & 0xf0) == 0xe0;
	return addr->bytes[0] == 0xff;
}

bool addr_is_zero(const struct addr *addr)
{
	static const struct addr zero;

	if (addr_is_v4(addr))
		return memcmp(addr->bytes + 12, zero.bytes, 4) == 0;
	return memcmp(addr->bytes, zero.bytes, sizeof(zero.bytes)) == 0;
}

bool prefix_is_v4(const struct prefix *prefix)
{
	return prefix->len >= ADDR_V4_BITS && addr_is_v4(&prefix->addr);
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
	struct addr cut = *addr;

	/* ::/0 means all of IPv6, not the IPv4 that is mapped into it. */
	if (prefix_is_v4(prefix) != addr_is_v4(addr))
		return false;
	clear_host_bits(&cut, prefix->len);
	return memcmp(cut.bytes, prefix->addr.bytes, ADDR_BYTES) == 0;
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = memcmp(a->addr.bytes, b->addr.bytes, ADDR_BYTES);

	return order ? order : (int)a->len - (int)b->len;
}

bool mac_is_multicast(const struct mac *mac)
{
	return mac->bytes[0] & 1;
}

bool mac_is_zero(const struct mac *mac)
{
	static const struct mac zero;

	return memcmp(mac->bytes, zero.bytes, MAC_BYTES) == 0;
}
