/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * testrun.h - one frame through a classifier by test-run, also a frame that the caller of test-run cannot give it.
 *
 * A tag in the metadata of the frame: bpf_skb_vlan_push() leaves it where hardware would have put it. An IP header that is cut short: kernels
 * refuse such input by its ethertype, so the frame comes with another and gets its own back. Both by a little program that then tail-calls the
 * one under test.
 */
#ifndef TESTS_PROG_TESTRUN_H
#define TESTS_PROG_TESTRUN_H

#include <stdbool.h>
#include <stdint.h>

#define TESTRUN_PROGS_MAX 64 /* different tags and types, times directions */

struct testrun_frame {
	const uint8_t *bytes;
	uint32_t len; /* at least ETH_HLEN; at most a page less headroom */
	bool to;      /* by the program for frames to devices */
	bool has_tag;
	uint16_t tag;
};

struct testrun {
	int prog_fd[2]; /* borrowed: from, to */
	int targets;	/* program array of the same; -1: none yet */
	struct testrun_prog {
		bool to, has_tag;
		uint16_t tag;
		uint16_t type; /* ethertype to put back; 0: none */
		int fd;
	} progs[TESTRUN_PROGS_MAX];
	int n_progs;
};

void testrun_init(struct testrun *testrun, int from_fd, int to_fd);

/* 0, or negative errno of the kernel. */
int testrun_run(struct testrun *testrun, const struct testrun_frame *frame);

void testrun_free(struct testrun *testrun);

#endif
