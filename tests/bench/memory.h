/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.h - what the maps of a policy cost, as the kernel accounts for them.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdint.h>

/* Bytes of all BPF maps of a datapath for `devices` devices. 0 or negative errno, said on stderr. No other maps may be open. */
int memory_measure(uint32_t devices, uint64_t *ret_bytes);

#endif
