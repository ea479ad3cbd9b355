// SPDX-License-Identifier: GPL-2.0-only
/*
 * stream.c - a paced stream, watched at the other end by a packet program; and a flood of flows that are all denied.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "../../../user/common/cleanup.h"
#include "../frames.h"
#include "../netns.h"
#include "../sender.h"
#include "traffic.h"

#define FRAME_ROOM 128
#define PAYLOAD (BENCH_STAMP_OFFSET - 42 + 8)
#define SETTLE_US 20000
#define BURST_NS 100000 /* sleeping is no finer */

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void catch_end(void)
{
	struct sigaction action = {.sa_handler = end};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	prctl(PR_SET_TIMERSLACK, 1UL);
}

static size_t stream_frame(const struct traffic_options *options, uint8_t *frame)
{
	const struct scene_keys what = {.traffic = options->denied ? SCENE_DENIED : SCENE_ALLOWED};
	const uint8_t payload[PAYLOAD] = {0};
	struct bench_key key = {0};

	scene_key(&what, 0, options->denied ? options->prefixes : 0, &key);
	key.dport = htons(BENCH_STAMP_PORT);
	return frame_udp(frame, &key, payload, sizeof(payload));
}

/* Sends until told to end. Gives how many, and the longest time between two. */
static uint64_t send_stream(const struct traffic_options *options, int fd, uint64_t *ret_gap_ns)
{
	const uint64_t every_ns = 1000000000U / options->rate, start = traffic_now_ns(),
		       stop = start + (uint64_t)(options->seconds * 1e9);
	uint8_t frame[FRAME_ROOM];
	const size_t len = stream_frame(options, frame);
	uint64_t sent = 0, before = 0;

	for (uint64_t due = start; due < stop && !ended; due += every_ns) {
		uint64_t now;

		traffic_until(due);
		now = traffic_now_ns();
		memcpy(frame + BENCH_STAMP_OFFSET, &now, sizeof(now));
		if (send(fd, frame, len, 0) == (ssize_t)len)
			sent++;
		if (before && now - before > *ret_gap_ns)
			*ret_gap_ns = now - before;
		before = now;
	}
	return sent;
}

int traffic_stream(const struct traffic_options *options)
{
	struct bpf_object *counter = NULL;
	struct bench_arrivals *arrivals = NULL;
	uint64_t sent, gap_ns = 0;
	AUTO_CLOSE int fd = -1;
	int err = netns_enter(options->bridge_ns);

	if (!err)
		err = lane_count(LANE_OUT, "count_late", &counter, &arrivals);
	if (err)
		return err;
	fd = traffic_socket(options->device_ns, LANE_DEVICE);
	if (fd < 0)
		return fd;
	catch_end();
	puts("ready");
	fflush(stdout);
	sender_alone(true);
	sent = send_stream(options, fd, &gap_ns);
	sender_alone(false);
	usleep(SETTLE_US);
	printf("{\"sent\": %llu, \"arrived\": %llu, \"first_ns\": %llu, \"last_ns\": %llu, \"gap_max_ns\": %llu, \"late_max_ns\": %llu, \"sender_gap_max_ns\": %llu}\n",
	       (unsigned long long)sent, (unsigned long long)arrivals->frames, (unsigned long long)arrivals->first_ns,
	       (unsigned long long)arrivals->last_ns, (unsigned long long)arrivals->gap_max_ns,
	       (unsigned long long)arrivals->late_max_ns, (unsigned long long)gap_ns);
	bpf_object__close(counter);
	return 0;
}

/* Every frame of another flow, devices in turn, so that no device goes over its budget of events before all have used theirs. */
int traffic_flood(const struct traffic_options *options)
{
	const struct scene_keys what = {.traffic = SCENE_DENIED};
	AUTO_CLOSE int fd = traffic_socket(options->device_ns, LANE_DEVICE);
	const uint64_t start = traffic_now_ns(), total = (uint64_t)(options->seconds * options->rate);
	uint64_t sent = 0, took_ns;

	if (fd < 0)
		return fd;
	catch_end();
	while (sent < total && !ended) {
		const uint64_t due = (uint64_t)((double)(traffic_now_ns() - start) * options->rate / 1e9);

		for (; sent < due && sent < total; sent++) {
			uint8_t frame[FRAME_ROOM];
			struct bench_key key = {0};
			size_t len;

			scene_key(&what, (uint32_t)(sent % options->devices),
				  options->prefixes + (uint32_t)(sent / options->devices), &key);
			len = frame_udp(frame, &key, NULL, 0);
			if (send(fd, frame, len, 0) != (ssize_t)len)
				return -errno;
		}
		traffic_until(traffic_now_ns() + BURST_NS);
	}
	took_ns = traffic_now_ns() - start;
	printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)sent, (double)took_ns / 1e9);
	return 0;
}
