// SPDX-License-Identifier: GPL-2.0-only
/*
 * detach.c - open the fence: attachments, filters, pins. See datapath.h.
 *
 * Works without a daemon and without a readable ABI: it goes by pins and by the names of programs, and takes only ours.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "state.h"

#define WHAT_MAX (STATE_PATH_MAX + 128)

struct detaching {
	datapath_removed_fn removed;
	void *context;
	int n;
	int err; /* the first */
	struct fault *fault;
};

static void tell(struct detaching *detaching, const char *what)
{
	detaching->n++;
	if (detaching->removed)
		detaching->removed(detaching->context, what);
}

static void note(struct detaching *detaching, int err, const char *what)
{
	if (err >= 0 || detaching->err)
		return;
	detaching->err = fault_errno(detaching->fault, err, "cannot remove %s", what);
}

static const char *name_of(uint32_t ifindex, char name[IF_NAMESIZE + 16])
{
	char ifname[IF_NAMESIZE];

	snprintf(name, IF_NAMESIZE + 16, "%s", if_indextoname(ifindex, ifname) ? ifname : "a port that is gone");
	return name;
}

static void remove_link(void *context, const char *path)
{
	struct detaching *detaching = context;
	char what[WHAT_MAX], name[IF_NAMESIZE + 16];
	struct link_info info = {0};
	int err;

	link_read(path, &info);
	snprintf(what, sizeof(what), "%s program (%s) of %s", info.hook == HOOK_TCX ? hook_text(HOOK_TCX) : "xdp",
		 info.egress ? "frames to devices" : "frames from devices", name_of(info.ifindex, name));
	err = link_remove(path);
	if (err)
		note(detaching, err, what);
	else
		tell(detaching, what);
}

static void remove_filters(struct detaching *detaching, uint32_t ifindex, const char *name)
{
	char what[WHAT_MAX];
	int done;

	for (int egress = 0; egress < 2; egress++) {
		snprintf(what, sizeof(what), "clsact program (%s) of %s",
			 egress ? "frames to devices" : "frames from devices", name);
		done = link_detach_filter(ifindex, egress, NULL);
		note(detaching, done, what);
		if (done > 0)
			tell(detaching, what);
	}
	snprintf(what, sizeof(what), "xdp program below a dispatcher (frames from devices) of %s", name);
	done = shared_detach(ifindex);
	note(detaching, done, what);
	if (done > 0)
		tell(detaching, what);
}

static void remove_dir(struct detaching *detaching, const char *pin_dir, const char *name)
{
	char path[STATE_PATH_MAX], what[WHAT_MAX];
	int done;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", pin_dir, name) >= sizeof(path))
		return;
	done = pins_remove(path);
	snprintf(what, sizeof(what), "pins in %s", path);
	note(detaching, done, what);
	if (done > 0)
		tell(detaching, what);
}

int datapath_detach(const char *pin_dir, datapath_removed_fn removed, void *context, struct fault *fault)
{
	struct detaching detaching = {.removed = removed, .context = context, .fault = fault};
	struct if_nameindex *interfaces;

	libbpf_set_print(NULL);
	libxdp_set_print(NULL);
	if (!pin_dir)
		pin_dir = DATAPATH_PIN_DIR;
	if (geteuid())
		return fault_set(fault, -EPERM, "no privilege to remove packet programs: run this as root");
	pins_each_link(pin_dir, remove_link, &detaching);
	interfaces = if_nameindex();
	for (const struct if_nameindex *i = interfaces; i && i->if_index; i++)
		remove_filters(&detaching, i->if_index, i->if_name);
	if_freenameindex(interfaces);
	remove_dir(&detaching, pin_dir, "links");
	remove_dir(&detaching, pin_dir, "next");
	remove_dir(&detaching, pin_dir, "maps-before");
	remove_dir(&detaching, pin_dir, "maps");
	if (rmdir(pin_dir) < 0 && errno != ENOENT && errno != ENOTDIR)
		note(&detaching, -errno, pin_dir);
	return detaching.err ? detaching.err : detaching.n;
}
