// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - the embedded object: sizes and constants set, maps taken over or made, programs loaded. See state.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../common/sizing.h"
#include "object.h"
#include "state.h"

/* What the verifier says of one large program; untouched pages cost nothing. */
#define LOG_BYTES (16 * 1024 * 1024)
#define LOG_TAIL 600 /* its last lines, where the reason stands */

_Static_assert((int)DATAPATH_XDP_FROM == (int)HOOK_PROG_IS_XDP_FROM &&
		       (int)DATAPATH_TC_FROM == (int)HOOK_PROG_IS_TC_FROM &&
		       (int)DATAPATH_TC_TO == (int)HOOK_PROG_IS_TC_TO,
	       "struct hook_own is filled by the one and read by the other");

static const char *const prog_names[DATAPATH_PROG_COUNT] = {
	[DATAPATH_XDP_FROM] = HOOK_PROG_XDP_FROM,
	[DATAPATH_TC_FROM] = HOOK_PROG_TC_FROM,
	[DATAPATH_TC_TO] = HOOK_PROG_TC_TO,
};

static int open_object(struct fault *fault, char *log, size_t log_len, struct bpf_object **ret_object)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "ringfence", .kernel_log_buf = log,
		    .kernel_log_size = log_len);
	struct bpf_object *object = bpf_object__open_mem(object_start, (size_t)(object_end - object_start), &opts);

	if (!object)
		return fault_errno(fault, -errno, "the embedded packet programs cannot be read: this build is broken");
	*ret_object = object;
	return 0;
}

/* Place of a constant in the program's read-only data. */
static int constant_find(const struct btf *btf, const char *name, struct btf_var_secinfo *ret_var)
{
	const int id = btf ? btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC) : -ENOENT;
	const struct btf_type *section;

	if (id < 0)
		return -ENOENT;
	section = btf__type_by_id(btf, (uint32_t)id);
	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *var = btf_var_secinfos(section) + i;
		const char *have = btf__name_by_offset(btf, btf__type_by_id(btf, var->type)->name_off);

		if (!have || strcmp(have, name) != 0)
			continue;
		*ret_var = *var;
		return 0;
	}
	return -ENOENT;
}

/* Write a constant before the object is loaded. */
static int constant_set(struct bpf_object *object, const char *name, const void *value, size_t size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	AUTO_FREE uint8_t *data = NULL;
	struct btf_var_secinfo var = {0};
	const void *old;
	size_t len = 0;
	int err = constant_find(bpf_object__btf(object), name, &var);

	old = map ? bpf_map__initial_value(map, &len) : NULL;
	if (err || !old)
		return -ENOENT;
	if (var.size != size || var.offset + size > len)
		return -ERANGE;
	data = malloc(len);
	if (!data)
		return -ENOMEM;
	memcpy(data, old, len);
	memcpy(data + var.offset, value, size);
	return bpf_map__set_initial_value(map, data, len);
}

/* All policy maps and the control come from one object: a bank of one must never meet a table of another. */
static bool policy_fits(const struct maps *old, enum rf_sizing_id sizing, const struct ruleset_sizes *need)
{
	if (old->sizing != sizing)
		return false; /* the control says it of the rows, to programs of before, too */
	for (int id = 0; id < MAP_COUNT; id++) {
		const struct map *map = &old->map[id];

		if (map->fd < 0)
			return false;
		if (map_specs[id].kind == MAP_KIND_BANKS && !maps_fit((enum map_id)id, old, sizing, need))
			return false;
	}
	return maps_fit(MAP_INFO, old, sizing, need);
}

static bool is_policy(enum map_id id)
{
	return map_specs[id].kind == MAP_KIND_BANKS || id == MAP_CONTROL;
}

static int prepare_map(struct bpf_object *object, enum map_id id, const struct maps *old, bool reuse_policy,
		       enum rf_sizing_id sizing, const struct ruleset_sizes *room)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, map_specs[id].name);
	const uint32_t size = maps_value_size(id, sizing);
	const struct map *have = &old->map[id];

	if (!map)
		return -ENOENT;
	if (have->fd >= 0 && (is_policy(id) ? reuse_policy : maps_fit(id, old, sizing, room)))
		return bpf_map__reuse_fd(map, have->fd);
	if (size && bpf_map__set_value_size(map, size))
		return -EINVAL;
	return bpf_map__set_max_entries(map, maps_entries(id, sizing, room));
}

/* The last lines of the verifier's log, on one line. */
static void log_tail(const char *log, char ret_tail[LOG_TAIL + 1])
{
	const size_t len = strlen(log);

	snprintf(ret_tail, LOG_TAIL + 1, "%s", len > LOG_TAIL ? log + len - LOG_TAIL : log);
	for (char *c = ret_tail; *c; c++)
		if (*c == '\n')
			*c = *c && c[1] ? '|' : '\0';
}

static int load_fault(int err, const char *log, struct fault *fault)
{
	char tail[LOG_TAIL + 1];

	log_tail(log, tail);
	if (err == -EPERM && !tail[0])
		return fault_set(
			fault, err,
			"the kernel does not let us load packet programs: run this as root (needs CAP_BPF and CAP_NET_ADMIN%s)",
			geteuid() ? "" : "; in a container the host must allow bpf()");
	if (err == -ENOMEM)
		return fault_errno(fault, err, "no memory for the maps of the datapath");
	if (err == -ENOSYS)
		return fault_set(
			fault, err,
			"this kernel has no bpf(): it must be built with CONFIG_BPF_SYSCALL (Linux 5.15 or later)");
	return fault_errno(fault, err, "the kernel refuses the packet programs (Linux 5.15 or later is needed)%s%s",
			   tail[0] ? ": " : "", tail);
}

/* Own descriptors of the loaded maps, so that they outlive the object. */
static int take_maps(struct datapath *datapath, struct fault *fault)
{
	for (int id = 0; id < MAP_COUNT; id++) {
		struct map *map = &datapath->maps.map[id];
		const int fd = bpf_object__find_map_fd_by_name(datapath->object, map_specs[id].name);
		int err;

		map->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (map->fd < 0)
			return fault_errno(fault, fd < 0 ? fd : -errno, "cannot keep map %s", map_specs[id].name);
		err = maps_inspect((enum map_id)id, map, fault);
		if (err)
			return err;
	}
	return maps_mmap(&datapath->maps, true, fault);
}

static uint32_t prog_id(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) < 0 ? 0 : info.id;
}

static int take_progs(struct datapath *datapath, struct fault *fault)
{
	for (int i = 0; i < DATAPATH_PROG_COUNT; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(datapath->object, prog_names[i]);

		if (!prog)
			return fault_set(fault, -ENOENT, "the embedded object has no program %s: this build is broken",
					 prog_names[i]);
		datapath->prog_fd[i] = -1;
		if (!bpf_program__autoload(prog))
			continue;
		datapath->prog_fd[i] = bpf_program__fd(prog);
		datapath->own.id[i][0] = prog_id(datapath->prog_fd[i]);
	}
	return 0;
}

/* What the packet programs call now, on both clocks. */
static int set_anchor(const struct bpf_object *object)
{
	const struct bpf_program *prog = bpf_object__find_program_by_name(object, "rf_clock");
	uint8_t frame[64] = {0}; /* any: test-run wants at least an Ethernet header */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame), .repeat = 1);

	if (!prog)
		return -ENOENT;
	return bpf_prog_test_run_opts(bpf_program__fd(prog), &opts) < 0 ? -errno : 0;
}

/* The secret stays with the rows that were tagged with it. */
static int init_control(const struct maps *maps, const struct maps *old, struct fault *fault)
{
	struct rf_control *control = maps_control(maps);

	control->abi_version = RF_ABI_VERSION;
	control->sizing = maps->sizing;
	if (old->map[MAP_CONTROL].memory) {
		memcpy(control->secret, maps_control(old)->secret, sizeof(control->secret));
		return 0;
	}
	if (getrandom(control->secret, sizeof(control->secret), 0) != (ssize_t)sizeof(control->secret))
		return fault_errno(fault, -errno, "cannot get random numbers");
	for (uint32_t i = 0; i < RF_SECRETS; i++)
		control->secret[i] |= 1; /* they multiply: see rf_keyed_addr() */
	return 0;
}

/* What the programs must know before the verifier sees them. */
static int set_constants(struct bpf_object *object, const struct datapath_options *options, enum rf_sizing_id sizing)
{
	const uint32_t hz = options->virtual_world ? DATAPATH_VIRTUAL_HZ : view_hz();
	const uint32_t virtual_on = options->virtual_world, cpus = maps_cpus(), flows_on = !options->without_flows;
	int err = constant_set(object, "rf_hz", &hz, sizeof(hz));

	if (!err)
		err = constant_set(object, "rf_cpus", &cpus, sizeof(cpus));
	if (!err)
		err = constant_set(object, "rf_virtual_on", &virtual_on, sizeof(virtual_on));
	if (!err)
		err = constant_set(object, "rf_flows_on", &flows_on, sizeof(flows_on));
	if (!err)
		err = constant_set(object, "rf_sizing", sizing_of(sizing), sizeof(struct rf_sizing));
	return err;
}

/* What is pinned keeps its sizing unless another is asked for. */
static enum rf_sizing_id choose_sizing(enum rf_sizing_id wanted, const struct maps *old,
				       const struct ruleset_sizes *need)
{
	if (wanted != RF_SIZING_AUTO)
		return wanted;
	return old->sizing != RF_SIZING_AUTO ? old->sizing : sizing_choose(need->indices);
}

static int prepare(struct bpf_object *object, const struct datapath_options *options, const struct maps *old,
		   const struct ruleset_sizes *need, enum rf_sizing_id sizing, bool *ret_reuse)
{
	const bool reuse = policy_fits(old, sizing, need);
	struct ruleset_sizes room = maps_room(need);
	int err = 0;

	/* Devices that fit need no more room than they have, though the policy maps around them are made anew. */
	if (old->map[MAP_INFO].fd >= 0 && maps_fit(MAP_INFO, old, sizing, need))
		room.indices = old->map[MAP_INFO].entries;
	for (int id = 0; id < MAP_COUNT && !err; id++)
		err = prepare_map(object, (enum map_id)id, old, reuse, sizing, &room);
	if (!err)
		err = set_constants(object, options, sizing);
	if (!err && !options->virtual_world)
		err = bpf_program__set_autoload(bpf_object__find_program_by_name(object, HOOK_PROG_XDP_FROM), false);
	*ret_reuse = reuse;
	return err;
}

int load_object(struct datapath *datapath, const struct datapath_options *options, const struct ruleset_sizes *need,
		const struct maps *old, struct fault *fault)
{
	AUTO_FREE char *log = malloc(LOG_BYTES);
	int err;

	if (!log)
		return fault_errno(fault, -ENOMEM, "cannot load the packet programs");
	log[0] = '\0';
	err = open_object(fault, log, LOG_BYTES, &datapath->object);
	if (err)
		return err;
	datapath->maps.sizing = choose_sizing(options->sizing, old, need);
	err = prepare(datapath->object, options, old, need, datapath->maps.sizing, &datapath->reused);
	if (err)
		return fault_errno(fault, err,
				   "the embedded packet programs do not fit this program: this build is broken");
	err = bpf_object__load(datapath->object);
	if (err)
		return load_fault(err, log, fault);
	err = take_maps(datapath, fault);
	if (!err)
		err = take_progs(datapath, fault);
	if (!err)
		err = set_anchor(datapath->object);
	if (err)
		return fault->text[0] ? err
				      : fault_errno(fault, err, "the kernel does not test-run the packet programs");
	if (datapath->reused)
		return 0;
	carry_rows(&datapath->maps, old);
	return init_control(&datapath->maps, old, fault);
}

/* ---- XDP, later --------------------------------------------------------------------------------------------------- */

static int reuse_maps(const struct datapath *datapath, struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const int fd = bpf_object__find_map_fd_by_name(datapath->object, bpf_map__name(map));
		int err = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);

		if (err)
			return err;
	}
	return 0;
}

int load_open_xdp(const struct datapath *datapath, struct bpf_object **ret_object)
{
	struct bpf_object *object = NULL;
	struct bpf_program *prog;
	struct fault fault = {0};
	int err = open_object(&fault, NULL, 0, &object);

	if (err)
		return err;
	bpf_object__for_each_program(prog, object)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), HOOK_PROG_XDP_FROM));
	err = reuse_maps(datapath, object);
	if (err) {
		bpf_object__close(object);
		return err;
	}
	*ret_object = object;
	return 0;
}

int load_xdp(struct datapath *datapath)
{
	struct bpf_object *object = NULL;
	int err;

	if (datapath->prog_fd[DATAPATH_XDP_FROM] >= 0)
		return 0;
	err = load_open_xdp(datapath, &object);
	if (err)
		return err;
	err = bpf_object__load(object);
	if (err) {
		bpf_object__close(object);
		return err;
	}
	datapath->xdp_object = object;
	datapath->prog_fd[DATAPATH_XDP_FROM] =
		bpf_program__fd(bpf_object__find_program_by_name(object, HOOK_PROG_XDP_FROM));
	datapath->own.id[DATAPATH_XDP_FROM][0] = prog_id(datapath->prog_fd[DATAPATH_XDP_FROM]);
	return 0;
}
