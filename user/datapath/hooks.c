// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks.c - see hooks.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <xdp/libxdp.h>

#include "../common/cleanup.h"
#include "../machine/xdp.h"
#include "hooks.h"

/* More programs on one TCX hook than anybody stacks; the kernel's own bound is 64 (BPF_MPROG_MAX). */
#define TCX_PROGS_MAX 64

const char *hook_text(enum hook hook)
{
	static const char *const words[HOOK_COUNT] = {
#define X(id, word) [HOOK_##id] = word,
		HOOK_LIST(X)
#undef X
	};

	return (unsigned int)hook < HOOK_COUNT ? words[hook] : "none";
}

void hooks_prog_name(uint32_t id, char ret_name[HOOK_PROG_NAME_MAX])
{
	AUTO_CLOSE int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	_Static_assert(BPF_OBJ_NAME_LEN == HOOK_PROG_NAME_MAX, "length of the kernel's program names");
	memcpy(ret_name, "?", sizeof("?"));
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.name[0]) {
		memcpy(ret_name, info.name, HOOK_PROG_NAME_MAX);
		ret_name[HOOK_PROG_NAME_MAX - 1] = '\0';
	}
}

bool hooks_is_ours(uint32_t id, enum hook_prog prog, const struct hook_own *own)
{
	static const char *const names[HOOK_PROG_COUNT] = {
		[HOOK_PROG_IS_XDP_FROM] = HOOK_PROG_XDP_FROM,
		[HOOK_PROG_IS_TC_FROM] = HOOK_PROG_TC_FROM,
		[HOOK_PROG_IS_TC_TO] = HOOK_PROG_TC_TO,
	};
	char have[HOOK_PROG_NAME_MAX];

	if (!id)
		return false;
	if (own && (id == own->id[prog][0] || id == own->id[prog][1]))
		return true;
	hooks_prog_name(id, have);
	return !strcmp(have, names[prog]);
}

/* Ours below somebody's dispatcher (libxdp)? Gives its id or 0. */
static uint32_t read_dispatcher(uint32_t ifindex)
{
	struct xdp_multiprog *multi = xdp_multiprog__get_from_ifindex((int)ifindex);
	struct xdp_program *prog = NULL;
	uint32_t id = 0;

	if (libxdp_get_error(multi))
		return 0;
	while (!id && (prog = xdp_multiprog__next_prog(prog, multi)))
		if (!strcmp(xdp_program__name(prog), HOOK_PROG_XDP_FROM))
			id = xdp_program__id(prog);
	xdp_multiprog__close(multi);
	return id;
}

static void read_xdp(uint32_t ifindex, const struct hook_own *own, struct hooks *hooks)
{
	struct xdp_programs at = {0};
	const bool refused = xdp_read(ifindex, &at) < 0;
	const uint32_t id = at.native ? at.native : at.hardware ? at.hardware : at.generic;
	char name[HOOK_PROG_NAME_MAX];

	if (refused || !id)
		return;
	if (hooks_is_ours(id, HOOK_PROG_IS_XDP_FROM, own)) {
		hooks->from = at.native ? HOOK_XDP_NATIVE : HOOK_XDP_GENERIC;
		hooks->from_id = id;
		return;
	}
	hooks->foreign_xdp = id;
	hooks_prog_name(id, name);
	if (strcmp(name, "xdp_dispatcher") != 0)
		return;
	hooks->from_id = read_dispatcher(ifindex);
	if (hooks->from_id)
		hooks->from = HOOK_XDP_SHARED;
}

static uint32_t read_tcx(uint32_t ifindex, int attach_type, enum hook_prog prog, const struct hook_own *own)
{
	uint32_t ids[TCX_PROGS_MAX] = {0}, n = TCX_PROGS_MAX;

	/* EINVAL before Linux 6.6: there is no such hook. */
	if (bpf_prog_query((int)ifindex, (enum bpf_attach_type)attach_type, 0, NULL, ids, &n) < 0)
		return 0;
	for (uint32_t i = 0; i < n && i < TCX_PROGS_MAX; i++)
		if (hooks_is_ours(ids[i], prog, own))
			return ids[i];
	return 0;
}

static uint32_t read_clsact(uint32_t ifindex, enum bpf_tc_attach_point point, enum hook_prog prog,
			    const struct hook_own *own)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HOOK_TC_HANDLE, .priority = HOOK_TC_PRIORITY);

	if (bpf_tc_query(&hook, &opts) < 0)
		return 0;
	return hooks_is_ours(opts.prog_id, prog, own) ? opts.prog_id : 0;
}

static void read_tc_from(uint32_t ifindex, const struct hook_own *own, struct hooks *hooks)
{
	hooks->from_id = read_tcx(ifindex, HOOK_TCX_INGRESS, HOOK_PROG_IS_TC_FROM, own);
	hooks->from = HOOK_TCX;
	if (hooks->from_id)
		return;
	hooks->from_id = read_clsact(ifindex, BPF_TC_INGRESS, HOOK_PROG_IS_TC_FROM, own);
	hooks->from = hooks->from_id ? HOOK_CLSACT : HOOK_NONE;
}

static void read_tc_to(uint32_t ifindex, const struct hook_own *own, struct hooks *hooks)
{
	hooks->to_id = read_tcx(ifindex, HOOK_TCX_EGRESS, HOOK_PROG_IS_TC_TO, own);
	hooks->to = HOOK_TCX;
	if (hooks->to_id)
		return;
	hooks->to_id = read_clsact(ifindex, BPF_TC_EGRESS, HOOK_PROG_IS_TC_TO, own);
	hooks->to = hooks->to_id ? HOOK_CLSACT : HOOK_NONE;
}

void hooks_read_tc(uint32_t ifindex, const struct hook_own *own, struct hooks *ret_hooks)
{
	struct hooks hooks = {0};

	read_tc_from(ifindex, own, &hooks);
	read_tc_to(ifindex, own, &hooks);
	*ret_hooks = hooks;
}

void hooks_read(uint32_t ifindex, const struct hook_own *own, struct hooks *ret_hooks)
{
	struct hooks hooks = {0};

	read_xdp(ifindex, own, &hooks);
	if (!hooks.from_id)
		read_tc_from(ifindex, own, &hooks);
	read_tc_to(ifindex, own, &hooks);
	*ret_hooks = hooks;
}
