/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sender.h - offer frames to a link, and say how long the CPU was busy with them: sender, link, filter, bridge, all on this CPU.
 *
 * SENDER_LIVE: the kernel itself makes the frames and hands them to the link as a network card would (XDP redirect, no socket buffer before the port).
 * SENDER_ORDINARY: a packet socket, as frames of a virtual machine or a container come.
 */
#ifndef BENCH_SENDER_H
#define BENCH_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "key.h"
#include "turn.h"

enum sender_way { SENDER_LIVE, SENDER_ORDINARY, SENDER_WAYS };

struct sender {
	struct bench_key *list;
	size_t n;
	struct turn_keys keys;
	struct bpf_object *generator;
};

/* The sender owns `list`. 0 or negative errno, said on stderr. */
int sender_open(struct bench_key *list, size_t n, struct sender *ret_sender);
void sender_close(struct sender *sender);

/* From the thread's namespace out of ifindex (0: SENDER_LIVE throws them away). Gives ns a frame. */
int sender_run(const struct sender *sender, enum sender_way way, uint32_t ifindex, uint32_t frames, double *ret_ns);

/* Nothing but interrupts takes the CPU from the thread, as long as it does not stay for a second. */
void sender_alone(bool alone);

#endif
