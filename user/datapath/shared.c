// SPDX-License-Identifier: GPL-2.0-only
/*
 * shared.c - our XDP program below the dispatcher of libxdp, next to others'. See state.h.
 *
 * A program below a dispatcher is loaded as an extension of it, so it must be loaded a second time, on the maps of the first. libxdp attaches by
 * netlink: an administrator's `ip link set dev X xdp off` takes it away; and it may report success though it
 * replaced or bypassed the dispatcher. So what counts is what is read back.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "state.h"

/* xdp-filter has 10, and runs first what has the lower number: the fence judges before others rewrite. */
#define SHARED_PRIORITY 5

static int attach(struct xdp_program *prog, const struct datapath_port *port)
{
	const enum xdp_attach_mode mode = port->hook == POLICY_HOOK_XDP_GENERIC ? XDP_MODE_SKB : XDP_MODE_NATIVE;
	int err = xdp_program__set_run_prio(prog, SHARED_PRIORITY);

	if (!err)
		err = xdp_program__set_chain_call_enabled(prog, XDP_PASS, true);
	return err ? err : xdp_program__attach(prog, (int)port->ifindex, mode, 0);
}

/* Take one program of ours that is not `keep` off the dispatcher. 1: done; 0: there is none. */
static int detach_one(uint32_t ifindex, uint32_t keep)
{
	struct xdp_multiprog *multi = xdp_multiprog__get_from_ifindex((int)ifindex);
	struct xdp_program *prog = NULL, *found = NULL;
	int err = 0;

	if (libxdp_get_error(multi))
		return 0;
	if (!xdp_multiprog__is_legacy(multi))
		while (!found && (prog = xdp_multiprog__next_prog(prog, multi)))
			if (!strcmp(xdp_program__name(prog), HOOK_PROG_XDP_FROM) && xdp_program__id(prog) != keep)
				found = prog;
	if (found)
		err = xdp_program__detach(found, (int)ifindex, xdp_multiprog__attach_mode(multi), 0);
	xdp_multiprog__close(multi);
	return err ? err : found != NULL;
}

/* A dispatcher has ten places (libxdp: MAX_DISPATCHER_ACTIONS). */
#define PLACES 10

static int detach_others(uint32_t ifindex, uint32_t keep)
{
	int removed = 0;

	for (int i = 0; i < PLACES; i++) {
		const int done = detach_one(ifindex, keep);

		if (done < 0)
			return done;
		if (!done)
			break;
		removed = 1;
	}
	return removed;
}

int shared_attach(struct datapath *datapath, const struct datapath_port *port)
{
	struct bpf_object *object = NULL;
	struct xdp_program *prog;
	struct hooks hooks;
	uint32_t id = 0;
	int err = load_open_xdp(datapath, &object);

	if (err)
		return err;
	prog = xdp_program__from_bpf_obj(object, "xdp"); /* owns a reference of the object, not the object */
	err = (int)libxdp_get_error(prog);
	if (!err) {
		err = attach(prog, port);
		id = err ? 0 : xdp_program__id(prog);
		xdp_program__close(prog);
	}
	bpf_object__close(object);
	datapath_hooks(datapath, port->ifindex, &hooks);
	if (!err && hooks.from != HOOK_XDP_SHARED)
		err = -EOPNOTSUPP;
	/* The new one judges first; only then those of an earlier load go. */
	return err || detach_others(port->ifindex, id) >= 0 ? err : -EBUSY;
}

int shared_detach(uint32_t ifindex)
{
	return detach_others(ifindex, 0);
}
