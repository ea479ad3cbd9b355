/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frames.h - the bytes of what is offered: an IPv4/UDP frame by its key, DNS questions and answers.
 */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "key.h"

#define FRAMES_NAME "host5.vendor.example"

/* Gives the length, at least that of a frame on a wire. `frame` has room for FRAME_MAX bytes. */
size_t frame_udp(uint8_t *frame, const struct bench_key *key, const void *payload, size_t len);

/* DNS messages about FRAMES_NAME, type A, as mainstream resolvers write them. Give the length. */
size_t frame_question(uint8_t *message, uint16_t id);
size_t frame_answer(uint8_t *message, uint16_t id, unsigned int n_addresses);

#endif
