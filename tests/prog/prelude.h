/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prelude.h - makes of a test-run frame what the caller of test-run cannot give it, then runs the program under test on it.
 *
 * A tag in the metadata of the frame: bpf_skb_vlan_push() leaves it where hardware would have put it. An IP header that is cut short: kernels
 * refuse such input by its ethertype, so the frame comes with another and gets its own back here. A little program for each, and a tail call.
 */
#ifndef TESTS_PROG_PRELUDE_H
#define TESTS_PROG_PRELUDE_H

#include <stdbool.h>
#include <stdint.h>

#define PRELUDE_PROGS_MAX 64 /* different tags, types and directions in all cases */

struct prelude_need {
	bool to; /* by the program for frames to devices */
	bool has_tag;
	uint16_t tag;
	uint16_t type; /* ethertype to put into the frame, host byte order; 0: leave it */
};

struct prelude {
	int targets; /* program array: 0 from, 1 to */
	const char *why; /* not NULL: the kernel does not let us, and why */
	struct prelude_prog {
		struct prelude_need need;
		int fd;
	} progs[PRELUDE_PROGS_MAX];
	int n_progs;
};

#define PRELUDE_NONE ((struct prelude){.targets = -1})

int prelude_open(struct prelude *prelude, int from_fd, int to_fd);
/* The program for this; negative errno. */
int prelude_prog(struct prelude *prelude, const struct prelude_need *need);
void prelude_close(struct prelude *prelude);

#endif
