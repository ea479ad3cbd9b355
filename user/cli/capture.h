/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * capture.h - the frames of a capture file, one after another, by libpcap.
 *
 * Feeds replay. pcap and pcapng, micro- and nanoseconds; Ethernet only. Holds one frame at a time, so memory does not
 * grow with the capture. What is in the file is hostile: lengths are checked here, contents by the packet parser.
 */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct capture;

struct capture_frame {
	const uint8_t *bytes; /* until the next capture_next */
	uint32_t cap_len;     /* bytes that are there */
	uint32_t wire_len;    /* bytes that the frame had: at least cap_len */
	uint64_t number;      /* from 1 */
	int64_t wall_ns;      /* of the epoch, as the capture says */
	uint64_t time_ns;     /* virtual time: grows with wall_ns, never goes back, starts at CAPTURE_START_NS */
};

/*
 * Virtual time of the first frame: an hour after boot, so that nothing that is zero looks recent. It is not wall time because the
 * datapath keeps ticks in 40 bits: 34 years of milliseconds.
 */
#define CAPTURE_START_NS (3600ULL * 1000000000ULL)

#define CAPTURE_ERROR_MAX 512

/* path "-": standard input. 0, or -EINVAL (not a capture, or of another link type), -errno; error says which, for people. */
int capture_open(const char *path, struct capture **ret_capture, char error[CAPTURE_ERROR_MAX]);

/* 1: a frame; 0: the end; -EIO: the file ends within a frame, or is damaged: error says so. */
int capture_next(struct capture *capture, struct capture_frame *ret_frame, char error[CAPTURE_ERROR_MAX]);

/* Bytes of the file read so far and in all, for progress; 0: not known. */
uint64_t capture_position(const struct capture *capture, uint64_t *ret_size);

void capture_close(struct capture *capture);

static inline void capture_cleanup(struct capture **capture)
{
	capture_close(*capture);
}

#define AUTO_CAPTURE __attribute__((cleanup(capture_cleanup)))

#endif
