/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame.h - a line of text -> the bytes of a frame.
 *
 *   eth src=02:00:00:00:00:01 dst=... | vlan 20 | ipv4 src=192.168.1.40 dst=198.51.100.7 | udp 5000 53 | payload 12
 *
 * For packet cases and fuzzers' seeds. Lengths, checksums, types and next headers are filled in from what follows, unless the text gives
 * them: so every lie can be told, and nothing else has to be said. Layers are in tables (layers_*.c); what each takes stands there.
 * Must not share code with the datapath's parsers: they are what is tested.
 */
#ifndef TESTS_HOST_FRAME_H
#define TESTS_HOST_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* What test-run of a classifier takes in one piece. */
#define FRAME_BYTES_MAX 3500
#define FRAME_ERROR_MAX 160

struct frame {
	size_t len;
	uint8_t bytes[FRAME_BYTES_MAX];
};

/* 0, or -EINVAL: error says what is wrong with the text. */
int frame_build(const char *text, struct frame *ret_frame, char error[FRAME_ERROR_MAX]);

#endif
