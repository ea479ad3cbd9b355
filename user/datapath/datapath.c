// SPDX-License-Identifier: GPL-2.0-only
/*
 * datapath.c - a loaded datapath: opened, pins exchanged, room made. See datapath.h.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "object.h"
#include "state.h"

/* Their words go to stderr, and they are of retries and probes that are none of the user's business. */
static void quiet_libraries(void)
{
	libbpf_set_print(NULL);
	libxdp_set_print(NULL);
}

/* NULL: no memory, or a path that is too long; fault says which. */
static struct datapath *new_datapath(const char *pin_dir, struct fault *fault)
{
	struct datapath *datapath;

	/* Room for "/links/4294967295-from-next". */
	if (pin_dir && strlen(pin_dir) >= STATE_PATH_MAX - 64) {
		fault_set(fault, -ENAMETOOLONG, "the path of the pin directory is too long");
		return NULL;
	}
	datapath = calloc(1, sizeof(*datapath));
	if (!datapath) {
		fault_errno(fault, -ENOMEM, "cannot load the datapath");
		return NULL;
	}
	maps_init(&datapath->maps);
	maps_init(&datapath->before);
	snprintf(datapath->pin_dir, sizeof(datapath->pin_dir), "%s", pin_dir ? pin_dir : "");
	return datapath;
}

/* What is pinned; another version's maps are left alone until ours take their place. */
static int open_before(struct datapath *datapath, struct fault *fault)
{
	char dir[STATE_PATH_MAX + 8];
	int err = pins_prepare(datapath->pin_dir, fault);

	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/maps", datapath->pin_dir);
	err = maps_open(dir, true, &datapath->before, fault);
	if (!err || err == -ENOENT || err == -EPROTO) {
		*fault = (struct fault){0};
		return 0;
	}
	return err;
}

int datapath_open(const struct datapath_options *options, const struct ruleset_sizes *need, struct fault *fault,
		  struct datapath **ret_datapath)
{
	AUTO_DATAPATH struct datapath *datapath = new_datapath(options->pin_dir, fault);
	int err = 0;

	if (!datapath)
		return -ENOMEM;
	quiet_libraries();
	if (options->pin_dir)
		err = open_before(datapath, fault);
	if (!err)
		err = load_object(datapath, options, need, &datapath->before, fault);
	if (err)
		return err;
	if (datapath->reused) {
		datapath->published = true;
		/* Of its own maps only those by device may be new: see policy_fits in load.c, which asks for them, too. */
		maps_close(&datapath->before);
	}
	*ret_datapath = TAKE_PTR(datapath);
	return 0;
}

void datapath_close(struct datapath *datapath)
{
	if (!datapath)
		return;
	ring_buffer__free(datapath->ring);
	bpf_object__close(datapath->xdp_object);
	bpf_object__close(datapath->object);
	maps_close(&datapath->maps);
	maps_close(&datapath->before);
	free(datapath->changed);
	free(datapath);
}

bool datapath_reused(const struct datapath *datapath)
{
	return datapath->reused;
}

enum rf_sizing_id datapath_sizing(const struct datapath *datapath)
{
	return datapath->maps.sizing;
}

uint64_t datapath_bytes(const struct datapath *datapath)
{
	const int n_cpus = libbpf_num_possible_cpus();
	uint64_t bytes = 0;

	for (int id = 0; id < MAP_COUNT; id++)
		bytes += maps_bytes((enum map_id)id, &datapath->maps.map[id], n_cpus > 0 ? n_cpus : 1);
	return bytes;
}

void datapath_trim(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t start = ((uintptr_t)object_start + page - 1) & ~(page - 1);
	const uintptr_t end = (uintptr_t)object_end & ~(page - 1);

	/* Read-only pages of the program's file: they come back when they are read. */
	if (start < end)
		madvise((void *)start, end - start, MADV_DONTNEED);
	malloc_trim(0);
}

uint32_t datapath_devices(const struct datapath *datapath)
{
	const uint32_t infos = datapath->maps.map[MAP_INFO].entries;
	const uint32_t idents = maps_bank(MAP_IDENTS, &datapath->maps.map[MAP_IDENTS]);

	return infos < idents ? infos : idents;
}

int datapath_publish(struct datapath *datapath, struct fault *fault)
{
	int err;

	if (datapath->published)
		return 0;
	err = pins_exchange(datapath->pin_dir, &datapath->maps, fault);
	if (err)
		return err;
	stage_forget_changed(datapath); /* no port has programs of before any more */
	datapath->published = true;
	err = carry_counters(&datapath->maps, &datapath->before);
	if (err)
		return fault_errno(fault, err, "the counters before this start could not be taken over");
	return 0;
}

bool datapath_pinned(const struct datapath *datapath)
{
	char path[STATE_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/maps/%s", datapath->pin_dir, map_specs[MAP_CONTROL].name);
	return !access(path, F_OK) || errno != ENOENT;
}

/* Programs on all ports, or those of `old` again on all. */
static int exchange_ports(struct datapath *datapath, struct datapath *old, const struct datapath_port *ports,
			  size_t n_ports, struct fault *fault)
{
	struct report_port report;

	/* Each knows the other's programs for ours: this one when it comes, that one when it must come back. */
	for (int prog = 0; prog < HOOK_PROG_COUNT; prog++) {
		datapath->own.id[prog][1] = old->own.id[prog][0];
		old->own.id[prog][1] = datapath->own.id[prog][0];
	}
	for (size_t i = 0; i < n_ports; i++) {
		int err = datapath_attach(datapath, &ports[i], &report);

		if (!err)
			continue;
		fault_set(fault, err, "port %s: %s", report.name, report.error);
		for (size_t j = 0; j <= i; j++)
			datapath_attach(old, &ports[j], &report);
		return err;
	}
	return 0;
}

/* The new one's insides into the old one's place, whose ring and listener stay. */
static void take_place(struct datapath *datapath, struct datapath *next)
{
	struct bpf_object *object = datapath->object, *xdp_object = datapath->xdp_object;

	maps_close(&datapath->before);
	datapath->before = datapath->maps;
	datapath->maps = next->maps;
	datapath->object = next->object;
	datapath->xdp_object = next->xdp_object;
	memcpy(datapath->prog_fd, next->prog_fd, sizeof(datapath->prog_fd));
	datapath->own = next->own;
	datapath->staged = next->staged;
	free(datapath->changed);
	datapath->changed = TAKE_PTR(next->changed);
	datapath->n_changed = next->n_changed;
	datapath->wrapped = next->wrapped;
	maps_init(&next->maps);
	next->object = object;
	next->xdp_object = xdp_object;
}

int datapath_grow(struct datapath *datapath, const struct ruleset *ruleset, const struct datapath_port *ports,
		  size_t n_ports, struct fault *fault)
{
	const struct datapath_options options = {.pin_dir = datapath->pin_dir, .sizing = datapath->maps.sizing};
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	AUTO_DATAPATH struct datapath *next = new_datapath(datapath->pin_dir, fault);
	int err;

	if (!next)
		return -ENOMEM;
	next->wrapped = stage_wraps(&datapath->maps, ruleset);
	err = stage_note_changed(next, &datapath->maps.map[MAP_INFO], ruleset);
	if (!err)
		err = load_object(next, &options, &need, &datapath->maps, fault);
	if (err)
		return err;
	err = datapath_stage(next, ruleset);
	if (err)
		return fault_errno(fault, err, "the policy does not fit in maps made for it: a bug, please report it");
	datapath_flip(next);
	err = exchange_ports(next, datapath, ports, n_ports, fault);
	if (err)
		return err;
	take_place(datapath, next);
	datapath->published = false;
	return datapath_publish(datapath, fault);
}

int datapath_prog_fd(const struct datapath *datapath, enum datapath_prog prog)
{
	return datapath->prog_fd[prog];
}

int datapath_virtual_write(struct datapath *datapath, const struct rf_virtual *virtual)
{
	const uint32_t zero = 0;

	return bpf_map_update_elem(datapath->maps.map[MAP_VIRTUAL].fd, &zero, virtual, BPF_ANY) < 0 ? -errno : 0;
}

int datapath_virtual_read(struct datapath *datapath, struct rf_virtual *ret_virtual)
{
	const uint32_t zero = 0;

	return bpf_map_lookup_elem(datapath->maps.map[MAP_VIRTUAL].fd, &zero, ret_virtual) < 0 ? -errno : 0;
}

const struct maps *datapath_maps(const struct datapath *datapath)
{
	return &datapath->maps;
}
