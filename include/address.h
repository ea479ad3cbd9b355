/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * address.h - addresses of both families as one kind of number. Part of abi.h.
 */
#ifndef RF_ADDRESS_H
#define RF_ADDRESS_H

#include <linux/types.h>

/* IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2); both halves in host byte order, so that they compare as numbers. */
struct rf_addr {
	__u64 hi;
	__u64 lo;
};
_Static_assert(sizeof(struct rf_addr) == 16, "rf_addr");

#define RF_ADDR_V4_MAPPED 0x0000ffff00000000ULL

#endif
