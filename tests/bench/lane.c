// SPDX-License-Identifier: GPL-2.0-only
/*
 * lane.c - see lane.h.
 */
#include "lane.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <linux/if_link.h>

#include "netns.h"
#include "peers.h"
#include "turn.h"

static const struct {
	const char *text;
	enum lane_kind kind;
	bool forwards, drops;
} kinds[] = {
	{"plain", LANE_PLAIN, true, false},	     {"rules", LANE_PLAIN, true, true},
	{"xdp-drop", LANE_XDP_DROP, false, true},    {"xdp-pass", LANE_XDP_PASS, true, false},
	{"ours-xdp", LANE_OURS_XDP, true, true},     {"ours-tc", LANE_OURS_TC, true, true},
	{"xdp-filter", LANE_XDP_FILTER, true, true},
};

static int said(int err, const struct lane *lane, const char *what)
{
	if (err)
		fprintf(stderr, "bench: %s: %s: %s\n", lane->name, what, strerror(-err));
	return err;
}

static int take(const char **text, char *field, size_t size)
{
	const size_t len = strcspn(*text, ":");

	if (!len || len >= size)
		return -EINVAL;
	memcpy(field, *text, len);
	field[len] = '\0';
	*text += len + ((*text)[len] == ':');
	return 0;
}

int lane_parse(const char *text, struct lane *ret_lane)
{
	struct lane lane = {0};
	char kind[LANE_NAME_MAX];

	if (take(&text, lane.name, sizeof(lane.name)) || take(&text, kind, sizeof(kind)) ||
	    take(&text, lane.bridge_ns, sizeof(lane.bridge_ns)) ||
	    take(&text, lane.device_ns, sizeof(lane.device_ns)) || *text)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].text, kind) == 0) {
			lane.kind = kinds[i].kind;
			lane.forwards = kinds[i].forwards;
			lane.drops = kinds[i].drops;
			*ret_lane = lane;
			return 0;
		}
	return -EINVAL;
}

static int attach_xdp(int prog_fd)
{
	return bpf_xdp_attach((int)netns_ifindex(LANE_PORT), prog_fd, XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST,
			      NULL);
}

static int attach_ours(const struct lane *lane, const struct scene *scene)
{
	const struct datapath_port port = {
		.ifindex = netns_ifindex(LANE_PORT),
		.name = LANE_PORT,
		.hook = lane->kind == LANE_OURS_XDP ? POLICY_HOOK_XDP_NATIVE : POLICY_HOOK_AUTO,
	};
	const enum hook expected = lane->kind == LANE_OURS_XDP ? HOOK_XDP_NATIVE : HOOK_NONE;
	struct report_port report = {0};
	int err = datapath_attach(scene->datapath, &port, &report);

	if (err) {
		fprintf(stderr, "bench: %s: %s\n", lane->name, report.error);
		return err;
	}
	/* What is measured must be what the lane is called by. */
	if ((expected != HOOK_NONE) != (report.hooks.from == HOOK_XDP_NATIVE))
		return said(-EPROTO, lane, hook_text(report.hooks.from));
	return 0;
}

/* What was loaded of the bench's own object, by its name; of another's: its first. */
static const struct bpf_program *bare_program(const struct lane *lane)
{
	if (lane->kind == LANE_XDP_DROP)
		return bpf_object__find_program_by_name(lane->filter, "drop_xdp");
	if (lane->kind == LANE_XDP_PASS)
		return bpf_object__find_program_by_name(lane->filter, "pass_xdp");
	return bpf_object__next_program(lane->filter, NULL);
}

static int attach_filter(struct lane *lane, const struct scene *scene)
{
	int err = 0;

	switch (lane->kind) {
	case LANE_OURS_XDP:
	case LANE_OURS_TC:
		return attach_ours(lane, scene);
	case LANE_XDP_DROP:
		err = turn_load("drop_xdp", NULL, NULL, &lane->filter);
		break;
	case LANE_XDP_PASS:
		err = turn_load("pass_xdp", NULL, NULL, &lane->filter);
		break;
	case LANE_XDP_FILTER:
		err = peer_filter_load(scene, &lane->filter);
		break;
	case LANE_PLAIN:
	case LANE_KINDS:
		return 0;
	}
	if (!err)
		err = attach_xdp(bpf_program__fd(bare_program(lane)));
	return said(err, lane, "cannot attach it");
}

int lane_count(const char *link, const char *program, struct bpf_object **ret_object,
	       struct bench_arrivals **ret_arrivals)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)netns_ifindex(link), .attach_point = BPF_TC_EGRESS);
	libbpf_print_fn_t print;
	LIBBPF_OPTS(bpf_tc_opts, opts, .flags = BPF_TC_F_REPLACE, .handle = 1, .priority = 1);
	struct bpf_object *object = NULL;
	void *memory = MAP_FAILED;
	int err = turn_load(program, NULL, NULL, &object);

	if (err)
		return err;
	/* An earlier run's is as good, but libbpf complains of it. */
	print = libbpf_set_print(NULL);
	err = bpf_tc_hook_create(&hook);
	libbpf_set_print(print);
	err = err == -EEXIST ? 0 : err;
	opts.prog_fd = turn_prog_fd(object, program);
	if (!err)
		err = bpf_tc_attach(&hook, &opts);
	if (!err)
		memory = mmap(NULL, sizeof(struct bench_arrivals), PROT_READ | PROT_WRITE, MAP_SHARED,
			      bpf_object__find_map_fd_by_name(object, "arrivals"), 0);
	if (!err && memory == MAP_FAILED)
		err = -errno;
	if (err) {
		fprintf(stderr, "bench: cannot count at %s: %s\n", link, strerror(-err));
		bpf_object__close(object);
		return err;
	}
	*ret_object = object;
	*ret_arrivals = memory;
	return 0;
}

int lane_open(struct lane *lane, const struct scene *scene)
{
	int err = netns_enter(lane->device_ns);

	if (!err)
		lane->device_ifindex = netns_ifindex(LANE_DEVICE);
	if (!err)
		err = netns_enter(lane->bridge_ns);
	if (!err && (!lane->device_ifindex || !netns_ifindex(LANE_PORT) || !netns_ifindex(LANE_OUT)))
		return said(-ENODEV, lane, "its links are not there");
	if (!err)
		err = lane_count(LANE_OUT, "count_drop", &lane->counter, &lane->arrivals);
	return err ? err : attach_filter(lane, scene);
}

void lane_close(struct lane *lane)
{
	if (lane->arrivals)
		munmap(lane->arrivals, sizeof(*lane->arrivals));
	bpf_object__close(lane->counter);
	bpf_object__close(lane->filter);
	lane->arrivals = NULL;
	lane->counter = lane->filter = NULL;
}
