// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_kernel.c - the packet programs in this kernel, by test-run, as two worlds: XDP and TC.
 *
 * The object is loaded once; between cases all of its maps are zeroed. Runs on one CPU, so that per-CPU counters are one number.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>

#include "../../include/hash.h"
#include "../../user/datapath/datapath.h"
#include "../../user/datapath/maps.h"
#include "../../user/datapath/names.h"
#include "../../user/datapath/window.h"
#include "../host/frame.h"
#include "dispatcher.h"
#include "testrun.h"
#include "world.h"

#define NS_PER_TICK (1000000000ULL / DATAPATH_VIRTUAL_HZ)

/* Programs and maps, for one world or two. */
struct kernel {
	struct datapath *datapath;
	struct dispatcher *dispatcher;
	struct testrun testrun;
	struct world_events events;
	int n_cpus, cpu;
	uint32_t n_indices;
	struct rf_totals *totals;
	struct rf_flow_table *flows; /* none, for each CPU */
};

struct world {
	struct kernel *kernel;
	bool is_xdp;
	bool is_guest; /* the kernel is another world's */
};

/* ---- one case ---- */

static int zero_percpu(struct kernel *kernel)
{
	const struct map *map = datapath_maps(kernel->datapath)->map;
	const uint32_t zero = 0;

	memset(kernel->totals, 0, (size_t)kernel->n_cpus * sizeof(*kernel->totals));
	for (uint32_t i = 0; i < RF_FLOW_TABLES; i++)
		if (bpf_map_update_elem(map[MAP_FLOWS].fd, &i, kernel->flows, BPF_EXIST) < 0)
			return -errno;
	return bpf_map_update_elem(map[MAP_TOTALS].fd, &zero, kernel->totals, BPF_EXIST) < 0 ? -errno : 0;
}

/* Test-run is synchronous and nobody else runs the programs: no frame is judged while the bank changes, so no grace is waited for. */
static int put_in_force(struct kernel *kernel, const struct ruleset *ruleset)
{
	struct rf_control *control = maps_control(datapath_maps(kernel->datapath));
	int err = datapath_stage(kernel->datapath, ruleset);

	if (!err)
		control->active = !control->active;
	return err;
}

static int kernel_judge(struct world *world, const struct world_frame *frame, struct rf_result *ret_result);

/*
 * Programs keep their scratch between frames. Before each case they see frames that fill all of it, so that what a frame of the case does not say
 * cannot be right by chance: it would be read from these.
 */
static int stir(struct world *world)
{
	static const char *const texts[] = {
		"eth src=ff:ff:ff:ff:ff:ff dst=ff:ff:ff:ff:ff:ff | vlan 4095 | vlan 4095 | ipv4 src=10.255.255.255 dst=10.255.255.254 | "
		"icmp 3 | ipv4 src=10.255.255.254 dst=10.255.255.255 | tcp 65535 65535 flags=SA",
		"eth src=fe:ff:ff:ff:ff:ff dst=fe:ff:ff:ff:ff:fe | ipv6 src=fd00:ffff::1 dst=fd00:ffff::2 | hopopts | "
		"frag id=0xffffffff mf | dstopts | udp 65535 53 len=400 | payload 300 fill=255",
		"eth src=fe:ff:ff:ff:ff:ff dst=fe:ff:ff:ff:ff:fe | ipv6 src=fd00:ffff::1 dst=fd00:ffff::2 hop=255 | "
		"na target=fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff | ndopt 2 mac=ff:ff:ff:ff:ff:fe",
	};
	char error[FRAME_ERROR_MAX];
	int err = 0;

	for (size_t i = 0; i < 2 * sizeof(texts) / sizeof(texts[0]) && !err; i++) {
		struct rf_result result;
		struct frame frame;
		struct world_frame input = {
			.direction = i % 2 ? RF_DIRECTION_FROM : RF_DIRECTION_TO,
			.bytes = frame.bytes,
			.time_ns = 1,
			.ifindex = UINT32_MAX,
		};

		err = frame_build(texts[i / 2], &frame, error);
		input.cap_len = input.wire_len = (uint32_t)frame.len;
		if (!err)
			err = kernel_judge(world, &input, &result);
	}
	return err;
}

/* Rows and tables are not mapped as a whole by those who use them; a case begins without any. */
static int zero_rows(const struct maps *maps)
{
	for (int id = 0; id < MAP_COUNT; id++) {
		const struct map *map = &maps->map[id];
		struct window window AUTO_WINDOW = {0};
		int err;

		if (map_specs[id].kind != MAP_KIND_ROWS && map_specs[id].kind != MAP_KIND_BANKS)
			continue;
		err = window_open(map, 0, map->entries, true, &window);
		if (err)
			return err;
		memset(window.base, 0, (size_t)map->entries * maps_stride(map));
	}
	return 0;
}

static int kernel_begin(struct world *world, const struct ruleset *ruleset)
{
	struct kernel *kernel = world->kernel;
	const struct maps *maps = datapath_maps(kernel->datapath);
	struct rf_control *control = maps_control(maps);
	int err = stir(world);

	if (!err)
		err = datapath_consume(kernel->datapath);
	if (err < 0)
		return err;
	kernel->events.n = 0;
	for (int id = 0; id < MAP_COUNT; id++)
		if (maps->map[id].memory)
			memset(maps->map[id].memory, 0, maps->map[id].len);
	control->abi_version = RF_ABI_VERSION;
	control->sizing = maps->sizing;
	/* As in the native engine: so the same rows share a set, and the same row gives way. */
	for (uint32_t i = 0; i < RF_SECRETS; i++)
		control->secret[i] = rf_secret_fixed(i);
	err = zero_percpu(kernel);
	if (!err)
		err = zero_rows(maps);
	return err ? err : put_in_force(kernel, ruleset);
}

static int kernel_reload(struct world *world, const struct ruleset *ruleset)
{
	return put_in_force(world->kernel, ruleset);
}

static bool runs_xdp(const struct world *world, const struct world_frame *frame)
{
	return world->is_xdp && frame->direction == RF_DIRECTION_FROM;
}

static const char *kernel_refuses(const struct world *world, const struct world_frame *frame)
{
	if (frame->cap_len < ETH_HLEN)
		return "test-run takes no frame shorter than an Ethernet header";
	if (frame->has_tag && runs_xdp(world, frame))
		return "XDP cannot see a tag in the metadata of a frame (such ports are policed at TC)";
	return NULL;
}

static int run(struct world *world, const struct world_frame *frame)
{
	const struct testrun_frame input = {
		.bytes = frame->bytes,
		.len = frame->cap_len,
		.to = frame->direction == RF_DIRECTION_TO,
		.has_tag = frame->has_tag,
		.tag = frame->tag,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes, .data_size_in = frame->cap_len, .repeat = 1);

	if (!runs_xdp(world, frame))
		return testrun_run(&world->kernel->testrun, &input);
	return bpf_prog_test_run_opts(datapath_prog_fd(world->kernel->datapath, DATAPATH_XDP_FROM), &opts) < 0 ? -errno
													       : 0;
}

static int kernel_judge(struct world *world, const struct world_frame *frame, struct rf_result *ret_result)
{
	struct rf_virtual virtual = {
		.now_ticks = frame->time_ns / NS_PER_TICK,
		.now_ns = frame->time_ns,
		.wire_len = frame->wire_len,
		.ifindex = frame->ifindex,
		.result = {.verdict = RF_DROP,
			   .reason = RF_REASON_NONE}, /* seen if the program did not run to its end */
	};
	int err = datapath_virtual_write(world->kernel->datapath, &virtual);

	if (!err)
		err = run(world, frame);
	if (!err)
		err = datapath_virtual_read(world->kernel->datapath, &virtual);
	if (!err)
		err = datapath_consume(world->kernel->datapath);
	if (err < 0)
		return err;
	*ret_result = virtual.result;
	return virtual.result.reason == RF_REASON_NONE ? -EPROTO : 0;
}

static const char *kernel_dns_name(struct world *world, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	return names_of_result(datapath_maps(world->kernel->datapath), result, buf);
}

static int kernel_counters(struct world *world, uint32_t device, struct counters *ret_counters)
{
	const struct maps *maps = datapath_maps(world->kernel->datapath);

	struct window hot AUTO_WINDOW = {0}, rest AUTO_WINDOW = {0};
	const int cpu = world->kernel->cpu;
	int err = window_open_devices(maps, MAP_HOT, device, 1, false, &hot);

	if (!err)
		err = window_open_devices(maps, MAP_COUNTERS, device, 1, false, &rest);
	if (err)
		return err;
	ret_counters->device = device;
	ret_counters->first = maps_counters_first(maps, maps_hot(&maps->map[MAP_HOT], hot.base, device))[cpu];
	ret_counters->rest = maps_counters_rest(&maps->map[MAP_COUNTERS], rest.base, device)[cpu];
	return 0;
}

static int kernel_totals(struct world *world, struct rf_totals *ret_totals)
{
	const struct maps *maps = datapath_maps(world->kernel->datapath);
	const uint32_t zero = 0;

	if (bpf_map_lookup_elem(maps->map[MAP_TOTALS].fd, &zero, world->kernel->totals) < 0)
		return -errno;
	*ret_totals = world->kernel->totals[world->kernel->cpu];
	return 0;
}

static const struct world_events *kernel_events(struct world *world)
{
	return &world->kernel->events;
}

/* ---- once ---- */

static void free_kernel(struct kernel *kernel)
{
	if (!kernel)
		return;
	dispatcher_close(kernel->dispatcher);
	testrun_free(&kernel->testrun);
	datapath_close(kernel->datapath);
	free(kernel->totals);
	free(kernel->flows);
	free(kernel->events.items);
	free(kernel);
}

static void kernel_close(struct world *world)
{
	if (!world)
		return;
	if (!world->is_guest)
		free_kernel(world->kernel);
	free(world);
}

static int stay_on_one_cpu(int *ret_cpu)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, &set))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		*ret_cpu = cpu;
		return sched_setaffinity(0, sizeof(one), &one) < 0 ? -errno : 0;
	}
	return -ENODEV;
}

static int open_datapath(struct kernel *kernel, const struct world_room *room, char why[WORLD_WHY_MAX])
{
	const struct datapath_options options = {.virtual_world = true, .sizing = room->sizing};
	struct fault fault = {0};
	int err = datapath_open(&options, &room->need, &fault, &kernel->datapath);

	if (err) {
		snprintf(why, WORLD_WHY_MAX, "%s", fault.text);
		return err;
	}
	/* Without one, each XDP test-run takes some 40 ms: slow, not wrong. */
	dispatcher_open(datapath_prog_fd(kernel->datapath, DATAPATH_XDP_FROM), &kernel->dispatcher);
	testrun_init(&kernel->testrun, datapath_prog_fd(kernel->datapath, DATAPATH_TC_FROM),
		     datapath_prog_fd(kernel->datapath, DATAPATH_TC_TO));
	return datapath_listen(kernel->datapath, world_events_add, &kernel->events);
}

static int make_kernel(const struct world_room *room, char why[WORLD_WHY_MAX], struct kernel **ret_kernel)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int err;

	if (!kernel)
		return -ENOMEM;
	testrun_init(&kernel->testrun, -1, -1);
	kernel->n_indices = room->need.indices;
	kernel->n_cpus = libbpf_num_possible_cpus();
	err = kernel->n_cpus < 0 ? kernel->n_cpus : stay_on_one_cpu(&kernel->cpu);
	if (!err) {
		kernel->totals = calloc((size_t)kernel->n_cpus, sizeof(*kernel->totals));
		kernel->flows = calloc((size_t)kernel->n_cpus, sizeof(*kernel->flows));
		err = kernel->totals && kernel->flows ? open_datapath(kernel, room, why) : -ENOMEM;
	}
	if (err) {
		free_kernel(kernel);
		return err;
	}
	*ret_kernel = kernel;
	return 0;
}

static int kernel_open(const struct world_room *room, struct world *sibling, char why[WORLD_WHY_MAX],
		       struct world **ret_world)
{
	struct world *world = calloc(1, sizeof(*world));
	int err = 0;

	if (!world)
		return -ENOMEM;
	world->is_guest = sibling;
	if (sibling)
		world->kernel = sibling->kernel;
	else
		err = make_kernel(room, why, &world->kernel);
	if (err) {
		free(world);
		return err;
	}
	*ret_world = world;
	return 0;
}

static int xdp_open(const struct world_room *room, struct world *sibling, char why[WORLD_WHY_MAX],
		    struct world **ret_world)
{
	int err = kernel_open(room, sibling, why, ret_world);

	if (!err)
		(*ret_world)->is_xdp = true;
	return err;
}

const struct world_ops world_xdp = {
	.name = "xdp",
	.open = xdp_open,
	.begin = kernel_begin,
	.reload = kernel_reload,
	.refuses = kernel_refuses,
	.judge = kernel_judge,
	.dns_name = kernel_dns_name,
	.counters = kernel_counters,
	.totals = kernel_totals,
	.events = kernel_events,
	.close = kernel_close,
};

const struct world_ops world_tc = {
	.name = "tc",
	.open = kernel_open,
	.begin = kernel_begin,
	.reload = kernel_reload,
	.refuses = kernel_refuses,
	.judge = kernel_judge,
	.dns_name = kernel_dns_name,
	.counters = kernel_counters,
	.totals = kernel_totals,
	.events = kernel_events,
	.close = kernel_close,
};
