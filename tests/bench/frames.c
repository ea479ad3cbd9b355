// SPDX-License-Identifier: GPL-2.0-only
/*
 * frames.c - see frames.h.
 */
#include "frames.h"

#include <stdio.h>
#include <string.h>

#define HEADERS 42  /* Ethernet, IPv4, UDP */
#define HEADERS6 62 /* Ethernet, IPv6, UDP */
#define WIRE_MIN 60
#define TTL_S 300

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_macs(uint8_t *frame, const struct bench_key *key)
{
	memcpy(frame, &key->dst_mac_high, 4);
	memcpy(frame + 4, &key->dst_mac_low, 2);
	memcpy(frame + 6, &key->src_mac_high, 2);
	memcpy(frame + 8, &key->src_mac_low, 4);
}

size_t frame_udp6(uint8_t *frame, const struct bench_key *key, unsigned int site)
{
	memset(frame, 0, HEADERS6);
	put_macs(frame, key);
	put16(frame + 12, 0x86dd);
	frame[14] = 0x60;
	put16(frame + 18, 8);
	frame[20] = 17;
	frame[21] = 64;
	frame[22] = 0xfd;
	memcpy(frame + 34, &key->saddr, 4);
	put16(frame + 38, 0x2001);
	put16(frame + 40, 0x0db8);
	put16(frame + 42, site);
	memcpy(frame + 50, &key->daddr, 4);
	memcpy(frame + 54, &key->sport, 2);
	memcpy(frame + 56, &key->dport, 2);
	put16(frame + 58, 8);
	return HEADERS6;
}

size_t frame_udp(uint8_t *frame, const struct bench_key *key, const void *payload, size_t len)
{
	memset(frame, 0, HEADERS + WIRE_MIN);
	put_macs(frame, key);
	put16(frame + 12, 0x0800);
	frame[14] = 0x45;
	put16(frame + 16, (unsigned int)(28 + len));
	frame[22] = 64;
	frame[23] = 17;
	memcpy(frame + 26, &key->saddr, 4);
	memcpy(frame + 30, &key->daddr, 4);
	memcpy(frame + 34, &key->sport, 2);
	memcpy(frame + 36, &key->dport, 2);
	put16(frame + 38, (unsigned int)(8 + len));
	if (len)
		memcpy(frame + HEADERS, payload, len);
	return HEADERS + len < WIRE_MIN ? WIRE_MIN : HEADERS + len;
}

static size_t put_question(uint8_t *message, uint32_t number)
{
	char text[64];
	const char *name = text;
	size_t at = 12;

	snprintf(text, sizeof(text), "host%u.vendor.example", number);
	while (*name) {
		const size_t label = strcspn(name, ".");

		message[at++] = (uint8_t)label;
		memcpy(message + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	message[at++] = 0;
	put16(message + at, 1);
	put16(message + at + 2, 1);
	return at + 4;
}

size_t frame_question_of(uint8_t *message, uint16_t id, uint32_t number)
{
	memset(message, 0, 12);
	put16(message, id);
	put16(message + 2, 0x0100);
	put16(message + 4, 1);
	return put_question(message, number);
}

size_t frame_question(uint8_t *message, uint16_t id)
{
	return frame_question_of(message, id, FRAMES_HOST);
}

uint32_t frame_host_addr(uint32_t number)
{
	return 203U << 24 | (number & 0xffff) << 8 | 1;
}

size_t frame_answer_of(uint8_t *message, uint16_t id, uint32_t number, unsigned int n_addresses)
{
	size_t at;

	memset(message, 0, 12);
	put16(message, id);
	put16(message + 2, 0x8180);
	put16(message + 4, 1);
	put16(message + 6, n_addresses);
	at = put_question(message, number);
	for (unsigned int i = 0; i < n_addresses; i++) {
		put16(message + at, 0xc00c);
		put16(message + at + 2, 1);
		put16(message + at + 4, 1);
		put16(message + at + 6, 0);
		put16(message + at + 8, TTL_S);
		put16(message + at + 10, 4);
		put16(message + at + 12, (frame_host_addr(number) + i) >> 16);
		put16(message + at + 14, (frame_host_addr(number) + i) & 0xffff);
		at += 16;
	}
	return at;
}

size_t frame_answer(uint8_t *message, uint16_t id, unsigned int n_addresses)
{
	return frame_answer_of(message, id, FRAMES_HOST, n_addresses);
}
