/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_streams.h - DNS messages out of TCP connections between devices and believed resolvers (RFC 7766), put together in order.
 *
 * Given the segments that the packet programs let pass and copied; gives whole messages. Devices choose what is in them, so everything is bounded, a device
 * pushes out only its own connections, and a connection of which a byte is missing gives nothing any more: nothing is guessed. Pure; time is the caller's.
 */
#ifndef DAEMON_DNS_STREAMS_H
#define DAEMON_DNS_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"

/* Connections at a time: 16 MiB if all of them were within the longest of answers. */
#define DNS_STREAMS_MAX 256
/* Of one device: resolvers' clients keep one or two. */
#define DNS_STREAMS_DEVICE_MAX 8
/* Questions on one connection that have no answer yet; more is pipelining that no device does. */
#define DNS_STREAM_QUESTIONS 8
/* A question with EDNS options; what is longer is not one that a device asks. */
#define DNS_STREAM_QUESTION_MAX 512
/* As long as the datapath remembers a question. */
#define DNS_STREAM_LIFE_S RF_QUESTION_LIFE_S

/* One side of a connection: the message in hand, with its two bytes of length. */
struct dns_side {
	uint32_t next; /* sequence number */
	bool begun;    /* SYN seen */
	uint8_t *bytes;
	size_t have, room;
};

struct dns_stream {
	bool used;
	bool dead; /* a byte is missing, or what came is no DNS */
	uint32_t state;
	struct rf_addr remote, local;
	uint16_t port; /* the device's */
	uint64_t last; /* ticks */
	struct dns_side side[RF_DIRECTION_COUNT];
	struct {
		uint16_t id;
		uint64_t name;
	} questions[DNS_STREAM_QUESTIONS];
	size_t n_questions;
};

/* A whole message, without the bytes of length. Lent. Negative: the connection gives nothing any more. */
typedef int (*dns_message_fn)(void *context, struct dns_stream *stream, const struct rf_segment *segment,
			      const uint8_t *message, size_t len);

struct dns_streams {
	struct dns_stream *items; /* DNS_STREAMS_MAX of them */
	/* The segment in hand, whose later pieces have no TCP header. */
	struct rf_segment piece;
	struct dns_stream *piece_stream;
	uint32_t piece_seq; /* of the byte at offset 0 of the segment */
	uint64_t broken;    /* connections that died with a question open or before one was read */
	dns_message_fn message;
	void *context;
};

/* 0 or -ENOMEM. */
int dns_streams_init(struct dns_streams *streams, dns_message_fn message, void *context);
void dns_streams_free(struct dns_streams *streams);

/* A piece of a segment as the datapath sends it: `bytes` are segment->len from segment->off on, counted from the TCP header. */
void dns_streams_take(struct dns_streams *streams, const struct rf_segment *segment, const uint8_t *bytes);

/* Forget what said nothing for DNS_STREAM_LIFE_S. now: ticks; hz: of them a second. */
void dns_streams_expire(struct dns_streams *streams, uint64_t now, uint32_t hz);

/* Questions without an answer: at most DNS_STREAM_QUESTIONS, the oldest goes. */
void dns_stream_ask(struct dns_stream *stream, uint16_t id, uint64_t name);
/* Was it asked on this connection? Each question is answered once. */
bool dns_stream_answer(struct dns_stream *stream, uint16_t id, uint64_t name);

#endif
