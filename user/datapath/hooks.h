/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks.h - which of our programs the kernel says are on a port: read back, never assumed.
 *
 * Used after every attach, by `status` (with the daemon dead, too) and by `detach`. Reads only.
 */
#ifndef DATAPATH_HOOKS_H
#define DATAPATH_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/types.h>

/* X(enum suffix, word in status) */
#define HOOK_LIST(X)                                                                                                   \
	X(NONE, "none")                                                                                                \
	X(XDP_NATIVE, "xdp-native")                                                                                    \
	X(XDP_GENERIC, "xdp-generic")                                                                                  \
	X(XDP_SHARED, "xdp-shared")                                                                                    \
	X(TCX, "tcx")                                                                                                  \
	X(CLSACT, "clsact")

enum hook {
#define X(id, word) HOOK_##id,
	HOOK_LIST(X)
#undef X
		HOOK_COUNT
};

const char *hook_text(enum hook hook);

/* Programs of the datapath, by the direction that they judge. */
#define HOOK_PROG_XDP_FROM "rf_xdp_from"
#define HOOK_PROG_TC_FROM "rf_tc_from"
#define HOOK_PROG_TC_TO "rf_tc_to"

/* Our classifiers run first on their hook: another's TC_ACT_OK would otherwise end the chain before them. */
#define HOOK_TC_PRIORITY 1
#define HOOK_TC_HANDLE 0x7266 /* "rf": tells our filter from others' of the same priority */

/* Attach types that libbpf 1.1 and the headers of Linux 6.1 do not name (Linux 6.6, bpf_attach_type). */
#define HOOK_TCX_INGRESS 46
#define HOOK_TCX_EGRESS 47

/* A dispatcher of libxdp, and no program of ours directly, is what XDP may show of us. */
struct hooks {
	enum hook from;
	enum hook to;
	uint32_t from_id; /* program ids, 0: none */
	uint32_t to_id;
	uint32_t foreign_xdp; /* somebody else's XDP program, 0: none */
};

enum hook_prog { HOOK_PROG_IS_XDP_FROM, HOOK_PROG_IS_TC_FROM, HOOK_PROG_IS_TC_TO, HOOK_PROG_COUNT };

/*
 * Ids of programs that are known to be ours: of this load, and of the one that it takes the place of. Others are ours by their
 * name, but to ask for that needs CAP_SYS_ADMIN, which the daemon gives up.
 */
struct hook_own {
	uint32_t id[HOOK_PROG_COUNT][2];
};

/* Is the program with this id ours? own: NULL: by name only. */
bool hooks_is_ours(uint32_t id, enum hook_prog prog, const struct hook_own *own);

/* Read what is on a port. A hook that the kernel does not have is none. */
void hooks_read(uint32_t ifindex, const struct hook_own *own, struct hooks *ret_hooks);
/* The same of TC alone, in fewer questions to the kernel. */
void hooks_read_tc(uint32_t ifindex, const struct hook_own *own, struct hooks *ret_hooks);

/* Name of a program by its id, "?" if it is gone. */
#define HOOK_PROG_NAME_MAX 16
void hooks_prog_name(uint32_t id, char ret_name[HOOK_PROG_NAME_MAX]);

#endif
