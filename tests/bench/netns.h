/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netns.h - go into a network namespace and look at a link there.
 */
#ifndef BENCH_NETNS_H
#define BENCH_NETNS_H

#include <stdbool.h>
#include <stdint.h>

/* This thread's. `name` as of `ip netns`. 0 or negative errno, said on stderr. */
int netns_enter(const char *name);

/* Of a link in the thread's namespace: its number (0: none), what it received (frames, XDP's included), generic receive offload. */
uint32_t netns_ifindex(const char *link);
int netns_received(const char *link, uint64_t *ret_frames);
int netns_set_gro(const char *link, bool on);

#endif
