/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ahead.h - programs of others that a frame meets on a port before ours, and that may send it elsewhere or end its way there.
 *
 * XDP before TC, the programs of one TCX hook in their order, TCX before clsact. Filters of clsact are told by rtnetlink (user/machine/filters.h).
 * Reads only.
 */
#ifndef DATAPATH_AHEAD_H
#define DATAPATH_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hooks.h"

enum ahead_place {
	AHEAD_XDP,	  /* instead of ours, which is at TC */
	AHEAD_DISPATCHER, /* below the same dispatcher of libxdp, with a lower run priority */
	AHEAD_TCX,
};

struct ahead {
	enum ahead_place place;
	bool egress;
	uint32_t id;
	char name[HOOK_PROG_NAME_MAX];
};

/* On each of two TCX hooks at most 64 (BPF_MPROG_MAX), and as many below a dispatcher are ten. */
#define AHEAD_MAX 140

/* hooks: what hooks_read() said of the port. How many; none on a side where there is no program of ours. */
size_t ahead_read(uint32_t ifindex, const struct hooks *hooks, struct ahead ret_ahead[AHEAD_MAX]);

#endif
