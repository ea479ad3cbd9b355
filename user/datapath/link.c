// SPDX-License-Identifier: GPL-2.0-only
/*
 * link.c - one hook of one port: attach, exchange, remove. See state.h.
 *
 * XDP and TCX attachments are pinned links, which nobody takes away by accident; clsact filters belong to the interface and go with it.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "state.h"

#define LINK_TYPE_XDP 6 /* enum bpf_link_type; TCX is of Linux 6.6 and not in older headers */
#define LINK_TYPE_TCX 11

static const char *side(bool egress)
{
	return egress ? "to" : "from";
}

static int read_info(int fd, struct link_info *ret_info)
{
	struct bpf_link_info info = {0};
	struct link_info read = {0};
	uint32_t len = sizeof(info), words[2];

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return -errno;
	/* Both kinds begin with the ifindex; TCX goes on with the attach type. A link whose interface went has ifindex 0. */
	memcpy(words, &info.xdp, sizeof(words));
	read.ifindex = words[0];
	if (info.type == LINK_TYPE_XDP)
		read.hook = HOOK_XDP_NATIVE;
	else if (info.type == LINK_TYPE_TCX)
		read.hook = HOOK_TCX;
	read.egress = read.hook == HOOK_TCX && words[1] == HOOK_TCX_EGRESS;
	*ret_info = read;
	return 0;
}

int link_read(const char *path, struct link_info *ret_info)
{
	AUTO_CLOSE int fd = bpf_obj_get(path);

	return fd < 0 ? -errno : read_info(fd, ret_info);
}

static bool is_xdp(enum hook hook)
{
	return hook == HOOK_XDP_NATIVE || hook == HOOK_XDP_GENERIC;
}

/* The mode of an XDP link is not in its properties; the interface tells. */
static bool same_kind(const struct link_request *request, const struct link_info *info)
{
	struct hooks hooks;

	if (info->ifindex != request->ifindex || info->egress != request->egress)
		return false;
	if (info->hook != HOOK_XDP_NATIVE)
		return info->hook == request->hook;
	hooks_read(request->ifindex, request->own, &hooks);
	return hooks.from == request->hook;
}

static int create(const struct link_request *request)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	int type = request->egress ? HOOK_TCX_EGRESS : HOOK_TCX_INGRESS;
	int fd;

	if (is_xdp(request->hook)) {
		opts.flags = request->hook == HOOK_XDP_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
		type = BPF_XDP;
	}
	fd = bpf_link_create(request->prog_fd, (int)request->ifindex, (enum bpf_attach_type)type, &opts);
	return fd < 0 ? -errno : fd;
}

/* At once: a pin that goes takes its link only when the kernel next has time. */
int link_remove(const char *path)
{
	AUTO_CLOSE int fd = bpf_obj_get(path);

	if (fd >= 0)
		bpf_link_detach(fd); /* EOPNOTSUPP of other kinds: then later */
	return unlink(path) < 0 ? -errno : 0;
}

static int create_pinned(const struct link_request *request, const char *path)
{
	AUTO_CLOSE int fd = create(request);

	if (fd < 0)
		return fd;
	return bpf_obj_pin(fd, path) < 0 ? -errno : 0;
}

/* Two XDP modes exclude each other: the old one must go before the new one comes, for some microseconds. */
static int replace_xdp(const struct link_request *request, const char *path)
{
	struct link_request before = *request;
	struct hooks hooks;
	int err;

	hooks_read(request->ifindex, request->own, &hooks);
	before.hook = hooks.from;
	link_remove(path);
	err = create_pinned(request, path);
	if (err && is_xdp(before.hook))
		create_pinned(&before, path);
	return err;
}

/* A link of another kind stands there: the new one comes first, so that there is no gap. */
static int replace(const struct link_request *request, const char *path)
{
	char next[STATE_PATH_MAX + 8];
	int err;

	snprintf(next, sizeof(next), "%s-next", path);
	link_remove(next); /* of a run that was killed here */
	err = create_pinned(request, next);
	if (err)
		return err;
	link_remove(path);
	return rename(next, path) < 0 ? -errno : 0;
}

static int attach_link(const struct link_request *request)
{
	AUTO_CLOSE int fd = -1;
	struct link_info info = {0};
	char path[STATE_PATH_MAX];

	pins_link_path(request->pin_dir, request->ifindex, side(request->egress), path);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return errno == ENOENT ? create_pinned(request, path) : -errno;
	if (read_info(fd, &info) || info.ifindex != request->ifindex) {
		/* Of an interface that is gone. */
		unlink(path);
		return create_pinned(request, path);
	}
	if (same_kind(request, &info))
		return bpf_link_update(fd, request->prog_fd, NULL) < 0 ? -errno : 0;
	close(TAKE_FD(fd)); /* the pin alone must hold it, so that it goes with the pin */
	return is_xdp(info.hook) && is_xdp(request->hook) ? replace_xdp(request, path) : replace(request, path);
}

static enum bpf_tc_attach_point point(bool egress)
{
	return egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

/* Is a filter at our priority and handle, and is it ours? 1: ours; 0: none; -EEXIST: somebody else's. */
static int filter_ours(uint32_t ifindex, bool egress, const struct hook_own *own)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point(egress));
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HOOK_TC_HANDLE, .priority = HOOK_TC_PRIORITY);

	if (bpf_tc_query(&hook, &opts) < 0)
		return 0;
	return hooks_is_ours(opts.prog_id, egress ? HOOK_PROG_IS_TC_TO : HOOK_PROG_IS_TC_FROM, own) ? 1 : -EEXIST;
}

static int attach_filter(const struct link_request *request)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)request->ifindex, .attach_point = point(request->egress));
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = request->prog_fd, .handle = HOOK_TC_HANDLE,
		    .priority = HOOK_TC_PRIORITY, .flags = BPF_TC_F_REPLACE);
	int err = filter_ours(request->ifindex, request->egress, request->own);

	if (err < 0)
		return err;
	err = bpf_tc_hook_create(&hook);
	if (err && err != -EEXIST)
		return err;
	return bpf_tc_attach(&hook, &opts);
}

int link_attach(const struct link_request *request)
{
	int err;

	if (request->hook != HOOK_CLSACT) {
		err = attach_link(request);
		/* A filter of an earlier kernel or hook would judge and count a second time. */
		if (!err)
			link_detach_filter(request->ifindex, request->egress, request->own);
		return err;
	}
	err = attach_filter(request);
	if (!err) {
		char path[STATE_PATH_MAX];

		pins_link_path(request->pin_dir, request->ifindex, side(request->egress), path);
		link_remove(path);
	}
	return err;
}

int link_detach_filter(uint32_t ifindex, bool egress, const struct hook_own *own)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point(egress));
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HOOK_TC_HANDLE, .priority = HOOK_TC_PRIORITY);
	int err;

	/* The qdisc stays: others may have put filters there since. */
	if (filter_ours(ifindex, egress, own) != 1)
		return 0;
	err = bpf_tc_detach(&hook, &opts);
	return err ? err : 1;
}

int link_detach(const char *pin_dir, uint32_t ifindex, bool egress, const struct hook_own *own)
{
	char path[STATE_PATH_MAX];
	int removed = link_detach_filter(ifindex, egress, own), err;

	pins_link_path(pin_dir, ifindex, side(egress), path);
	err = link_remove(path);
	if (!err)
		return 1;
	return err == -ENOENT ? removed : err;
}
