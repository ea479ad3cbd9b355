/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lane.h - one filter on a port of a bridge of its own, a sender behind the port, and a counter at the bridge's other port.
 *
 * The namespaces and links stand already (tests/bench/lanes.py); so do rules that are not packet programs (nftables, ebtables). In the bridge's
 * namespace: p1 (the device's port, peer eth0 in the device's namespace) and p2 (the way out), both in a bridge. The links stay when this ends.
 */
#ifndef BENCH_LANE_H
#define BENCH_LANE_H

#include <stdint.h>

#include <bpf/libbpf.h>

#include "scene.h"

#define LANE_NAME_MAX 48
#define LANE_PORT "p1"
#define LANE_OUT "p2"
#define LANE_DEVICE "eth0"

enum lane_kind {
	LANE_PLAIN, /* no packet program: nothing, or rules */
	LANE_XDP_DROP,
	LANE_XDP_PASS,
	LANE_OURS_XDP,
	LANE_OURS_TC, /* hook: auto, which on such a link is TC */
	LANE_XDP_FILTER,
	LANE_KINDS
};

struct lane {
	char name[LANE_NAME_MAX];
	char bridge_ns[LANE_NAME_MAX], device_ns[LANE_NAME_MAX];
	enum lane_kind kind;
	bool forwards, drops;	   /* what can be measured of it */
	uint32_t device_ifindex;   /* of eth0 */
	struct bpf_object *filter; /* NULL: the scene's, or none */
	struct bpf_object *counter;
	struct bench_arrivals *arrivals; /* mapped */
};

/* "NAME:KIND:BRIDGE_NS:DEVICE_NS", KIND as plain, rules, xdp-drop, xdp-pass, ours-xdp, ours-tc, xdp-filter. 0 or -EINVAL. */
int lane_parse(const char *text, struct lane *ret_lane);

/* Attach its filter (of the scene) and its counter. 0 or negative errno, said on stderr. Leaves the thread in the bridge's namespace. */
int lane_open(struct lane *lane, const struct scene *scene);
void lane_close(struct lane *lane);

/* Put a counting program (count_drop, count_late of bench.bpf.c) at the egress of a link of the thread's namespace; ret_arrivals is mapped. */
int lane_count(const char *link, const char *program, struct bpf_object **ret_object,
	       struct bench_arrivals **ret_arrivals);

#endif
