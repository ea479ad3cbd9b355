/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * order.h - which of two numbers is the lesser, without a branch: for what nobody can foretell, where a wrong guess costs as much as ten of these.
 *
 * Included after the seam, as all of the core is. Warren, Hacker's Delight, 2-12 and 2-19.
 */
#ifndef RF_ORDER_H
#define RF_ORDER_H

#include <linux/types.h>

/* 1 if a < b. Seven of these in a row run side by side. */
static __always_inline __u64 below(__u64 a, __u64 b)
{
	return ((~a & b) | ((~a | b) & (a - b))) >> 63;
}

#define RF_LESSER_MAX (~0ULL >> 1)

/* The same of two numbers up to RF_LESSER_MAX, for less. */
static __always_inline __u64 below_small(__u64 a, __u64 b)
{
	return (a - b) >> 63;
}

/* Of two such numbers. */
static __always_inline __u64 lesser(__u64 a, __u64 b)
{
	__u64 is_b = 0 - below_small(b, a);

	world_opaque(is_b); /* else the compiler sees the question, and branches */
	return a ^ ((a ^ b) & is_b);
}

#endif
