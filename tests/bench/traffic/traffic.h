/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic.h - what build/bench/traffic can send. Each gives an exit status and prints one JSON object.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "../lane.h"

struct traffic_options {
	char bridge_ns[LANE_NAME_MAX], device_ns[LANE_NAME_MAX], server_ns[LANE_NAME_MAX];
	uint32_t rate;	   /* frames a second */
	uint32_t prefixes; /* of the policy */
	uint32_t devices;
	double seconds;
	bool denied;
};

int traffic_stream(const struct traffic_options *options);
int traffic_pingpong(const struct traffic_options *options);
int traffic_flood(const struct traffic_options *options);
int traffic_names(const struct traffic_options *options);

/* Of CLOCK_MONOTONIC. */
uint64_t traffic_now_ns(void);

/* A packet socket out of a link of a namespace, which the thread then is in. Negative errno, said on stderr. */
int traffic_socket(const char *ns, const char *link);

/* Sleep until then. */
void traffic_until(uint64_t ns);

#endif
