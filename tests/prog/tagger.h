/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tagger.h - puts a VLAN tag into the metadata of a test-run frame, which the caller of test-run cannot do itself.
 *
 * A little program for each tag: bpf_skb_vlan_push() leaves the tag where hardware would have put it, then a tail call runs the program
 * under test on the same frame.
 */
#ifndef TESTS_PROG_TAGGER_H
#define TESTS_PROG_TAGGER_H

#include <stdbool.h>
#include <stdint.h>

#define TAGGER_PROGS_MAX 64 /* different tags times directions in all cases */

struct tagger {
	int targets; /* program array: 0 from, 1 to */
	const char *why; /* not NULL: the kernel does not let us, and why */
	struct tagger_prog {
		uint16_t tag;
		bool to;
		int fd;
	} progs[TAGGER_PROGS_MAX];
	int n_progs;
};

#define TAGGER_NONE ((struct tagger){.targets = -1})

int tagger_open(struct tagger *tagger, int from_fd, int to_fd);
/* The program that tags and then judges; negative errno. */
int tagger_prog(struct tagger *tagger, uint16_t tag, bool to);
void tagger_close(struct tagger *tagger);

#endif
