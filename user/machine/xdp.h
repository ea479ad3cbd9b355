/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xdp.h - which programs are at the XDP hooks of one interface. By rtnetlink; reads only.
 *
 * libbpf's bpf_xdp_query() has the kernel list every interface to find one: of a thousand, each a thousand times.
 */
#ifndef MACHINE_XDP_H
#define MACHINE_XDP_H

#include <stdint.h>

/* Ids; 0: none. */
struct xdp_programs {
	uint32_t hardware;
	uint32_t native;
	uint32_t generic;
};

/* 0 or negative errno; -ENODEV: there is no such interface. */
int xdp_read(uint32_t ifindex, struct xdp_programs *ret_programs);

#endif
