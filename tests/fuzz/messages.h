/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * messages.h - DNS questions and answers about a few names, for fuzz_sequence.c. Right by default, as packets.h.
 */
#ifndef TESTS_FUZZ_MESSAGES_H
#define TESTS_FUZZ_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "packets.h"

#define MESSAGE_MAX 128
#define MESSAGE_HEADER 12
#define MESSAGE_OWNER (0xc000 | MESSAGE_HEADER) /* a pointer to the question's name */

struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
};

static inline size_t message_put_name(uint8_t *at, uint8_t which)
{
	static const char *const names[] = {"\1a\7example\3com", "\1b\7example\3com", "\7example\3com",
					    "\1x\1a\7example\3com"};
	const size_t len = strlen(names[which & 3]) + 1;

	memcpy(at, names[which & 3], len);
	return len;
}

/* Header and question: type A, class IN. */
static inline struct message message_begin(uint8_t id, uint8_t name, bool is_answer)
{
	struct message message = {.bytes = {[1] = id, [2] = is_answer ? 0x81 : 1, [3] = is_answer ? 0x80 : 0, [5] = 1}};

	message.len = MESSAGE_HEADER + message_put_name(message.bytes + MESSAGE_HEADER, name);
	put_be(message.bytes + message.len, 0x00010001, 4);
	message.len += 4;
	return message;
}

/* A CNAME of the owner. Gives the owner of what follows: a pointer to its target. */
static inline uint16_t message_add_alias(struct message *message, uint16_t owner, uint8_t name)
{
	uint8_t *record = message->bytes + message->len;
	const uint16_t target = (uint16_t)(0xc000 | (message->len + 12));
	const size_t len = message_put_name(record + 12, name);

	put_be(record, (uint64_t)owner << 48 | 0x000500010000ULL, 8);
	put_be(record + 8, 300, 2);
	put_be(record + 10, len, 2);
	message->len += 12 + len;
	message->bytes[7]++;
	return target;
}

static inline void message_add_address(struct message *message, uint16_t owner, uint16_t ttl_s, uint32_t addr)
{
	uint8_t *record = message->bytes + message->len;

	put_be(record, (uint64_t)owner << 48 | 0x000100010000ULL, 8);
	put_be(record + 8, (uint64_t)ttl_s << 16 | 4, 4);
	put_be(record + 12, addr, 4);
	message->len += 16;
	message->bytes[7]++;
}

#endif
