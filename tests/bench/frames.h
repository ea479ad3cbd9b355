/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frames.h - the bytes of what is offered: an IPv4/UDP frame by its key, the same of IPv6, DNS questions and answers.
 */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "key.h"

#define FRAMES_HOST 5

/* Gives the length, at least that of a frame on a wire. `frame` has room for FRAME_MAX bytes. */
size_t frame_udp(uint8_t *frame, const struct bench_key *key, const void *payload, size_t len);

/* The same of IPv6, without payload: from fd00::SADDR to 2001:db8:SITE::DADDR. */
size_t frame_udp6(uint8_t *frame, const struct bench_key *key, unsigned int site);

/* DNS messages about host FRAMES_HOST of vendor.example, type A, as mainstream resolvers write them. Give the length. */
size_t frame_question(uint8_t *message, uint16_t id);
size_t frame_answer(uint8_t *message, uint16_t id, unsigned int n_addresses);

/* What the first address of an answer about host `number` is; host byte order. */
uint32_t frame_host_addr(uint32_t number);

/* The same about host `number` of vendor.example; its address is one of its own. */
size_t frame_question_of(uint8_t *message, uint16_t id, uint32_t number);
size_t frame_answer_of(uint8_t *message, uint16_t id, uint32_t number, unsigned int n_addresses);

#endif
