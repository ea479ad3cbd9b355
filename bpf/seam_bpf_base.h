/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seam_bpf_base.h - what every file of the kernel's seam starts from: libbpf's helpers, and what clang must be told.
 */
#ifndef RF_SEAM_BPF_BASE_H
#define RF_SEAM_BPF_BASE_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* <linux/stddef.h> turns this into plain `inline` before bpf_helpers.h is seen. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#ifndef NULL
#define NULL ((void *)0)
#endif

/* An unknown number to the compiler, so that it does not turn arithmetic into branches, or reason about another copy of it. */
#define world_opaque(value) asm volatile("" : "+r"(value))

#endif
