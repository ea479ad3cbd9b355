// SPDX-License-Identifier: GPL-2.0-only
/*
 * ahead.c - see ahead.h.
 */

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "ahead.h"

#define TCX_PROGS_MAX 64

struct list {
	struct ahead *items;
	size_t n;
};

static void add(struct list *list, enum ahead_place place, bool egress, uint32_t id)
{
	struct ahead *ahead = &list->items[list->n];

	if (list->n == AHEAD_MAX)
		return;
	*ahead = (struct ahead){.place = place, .egress = egress, .id = id};
	hooks_prog_name(id, ahead->name);
	list->n++;
}

/* Below a dispatcher programs stand in the order in which they run. */
static void read_dispatcher(uint32_t ifindex, uint32_t own, struct list *list)
{
	struct xdp_multiprog *multi = xdp_multiprog__get_from_ifindex((int)ifindex);
	struct xdp_program *prog = NULL;

	if (libxdp_get_error(multi))
		return;
	while ((prog = xdp_multiprog__next_prog(prog, multi)) && xdp_program__id(prog) != own)
		add(list, AHEAD_DISPATCHER, false, xdp_program__id(prog));
	xdp_multiprog__close(multi);
}

static void read_xdp(uint32_t ifindex, const struct hooks *hooks, struct list *list)
{
	if (!hooks->foreign_xdp || hooks->from == HOOK_NONE)
		return;
	if (hooks->from == HOOK_XDP_SHARED)
		read_dispatcher(ifindex, hooks->from_id, list);
	else
		add(list, AHEAD_XDP, false, hooks->foreign_xdp);
}

/* own 0: ours is at clsact, so that all of TCX comes first. */
static void read_tcx(uint32_t ifindex, bool egress, uint32_t own, struct list *list)
{
	uint32_t ids[TCX_PROGS_MAX] = {0}, n = TCX_PROGS_MAX;
	const int type = egress ? HOOK_TCX_EGRESS : HOOK_TCX_INGRESS;

	/* EINVAL before Linux 6.6: there is no such hook. */
	if (bpf_prog_query((int)ifindex, (enum bpf_attach_type)type, 0, NULL, ids, &n) < 0)
		return;
	for (uint32_t i = 0; i < n && i < TCX_PROGS_MAX && ids[i] != own; i++)
		add(list, AHEAD_TCX, egress, ids[i]);
}

size_t ahead_read(uint32_t ifindex, const struct hooks *hooks, struct ahead ret_ahead[AHEAD_MAX])
{
	struct list list = {.items = ret_ahead};

	read_xdp(ifindex, hooks, &list);
	if (hooks->from == HOOK_TCX || hooks->from == HOOK_CLSACT)
		read_tcx(ifindex, false, hooks->from == HOOK_TCX ? hooks->from_id : 0, &list);
	if (hooks->to == HOOK_TCX || hooks->to == HOOK_CLSACT)
		read_tcx(ifindex, true, hooks->to == HOOK_TCX ? hooks->to_id : 0, &list);
	return list.n;
}
