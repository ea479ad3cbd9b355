// SPDX-License-Identifier: GPL-2.0-only
/*
 * hooks: prints what the kernel itself says is attached to an interface by XDP and by TCX, a line each: HOOK PROGRAM.
 *
 * The live tests compare this with what ringfence claims, so it shares no code with it. clsact filters are left to tc(8); bpftool of Debian 12 does
 * not know TCX, which is why this exists. It only asks, and needs the network namespace of the interface.
 *
 *	hooks INTERFACE
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* linux/bpf.h since 6.6; the headers of Debian 12 are older. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47
/* More programs than any test puts on one hook. */
#define PROGRAMS_MAX 16

static int print_program(const char *hook, __u32 id)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);
	int r;

	if (fd < 0)
		return -errno;
	r = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	if (r)
		return -errno;
	printf("%s %s\n", hook, info.name);
	return 0;
}

static int print_xdp(int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	const char *hook;
	int r = bpf_xdp_query(ifindex, 0, &query);

	if (r)
		return r;
	if (query.attach_mode == XDP_ATTACHED_NONE)
		return 0;
	hook = query.attach_mode == XDP_ATTACHED_SKB   ? "xdp-generic"
	       : query.attach_mode == XDP_ATTACHED_DRV ? "xdp-native"
						       : "xdp-other";
	return print_program(hook, query.prog_id);
}

static int print_tcx(int ifindex, int hook)
{
	__u32 ids[PROGRAMS_MAX] = {};
	__u32 count = PROGRAMS_MAX;
	/* The kernel reads the interface index where the other hooks have a file descriptor. */
	int r = bpf_prog_query(ifindex, (enum bpf_attach_type)hook, 0, NULL, ids, &count);

	/* Kernels before 6.6 have no such attach type; 6.6 and later say ENOENT where nothing ever was. */
	if (r == -EINVAL || r == -ENOENT)
		return 0;
	for (__u32 i = 0; !r && i < count; i++)
		r = print_program(hook == TCX_INGRESS ? "tcx-ingress" : "tcx-egress", ids[i]);
	return r;
}

int main(int argc, char **argv)
{
	int ifindex, r;

	if (argc != 2) {
		fprintf(stderr, "usage: hooks INTERFACE\n");
		return 2;
	}
	ifindex = (int)if_nametoindex(argv[1]);
	if (!ifindex) {
		fprintf(stderr, "hooks: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	r = print_xdp(ifindex);
	if (!r)
		r = print_tcx(ifindex, TCX_INGRESS);
	if (!r)
		r = print_tcx(ifindex, TCX_EGRESS);
	if (r)
		fprintf(stderr, "hooks: %s: %s\n", argv[1], strerror(-r));
	return r ? 1 : 0;
}
