/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attr.h - values of netlink attributes, whatever length the kernel gave them.
 */
#ifndef MACHINE_ATTR_H
#define MACHINE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "../common/addr.h"

/* Text, cut where it does not fit. */
static inline void attr_text(const struct nlattr *attr, char *text, size_t size)
{
	const size_t len = mnl_attr_get_payload_len(attr) < size ? mnl_attr_get_payload_len(attr) : size - 1;

	memcpy(text, mnl_attr_get_payload(attr), len);
	text[len] = '\0';
}

/* 0: it is none. */
static inline uint32_t attr_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(attr);
}

/* An address of AF_INET or AF_INET6. false: it is none. */
static inline bool attr_addr(const struct nlattr *attr, unsigned char family, struct addr *ret_addr)
{
	const size_t len = family == AF_INET ? 4 : ADDR_BYTES;
	struct addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if ((family != AF_INET && family != AF_INET6) || mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(addr.bytes + ADDR_BYTES - len, mnl_attr_get_payload(attr), len);
	*ret_addr = addr;
	return true;
}

#endif
