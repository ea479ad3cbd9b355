// SPDX-License-Identifier: GPL-2.0-only
/*
 * peers.c - see peers.h.
 */
#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "turn.h"

static const char *const filter_paths[] = {
	"/usr/lib/x86_64-linux-gnu/bpf/xdpfilt_dny_all.o",
	"/usr/lib/aarch64-linux-gnu/bpf/xdpfilt_dny_all.o",
	"/usr/lib64/bpf/xdpfilt_dny_all.o",
	"/usr/lib/bpf/xdpfilt_dny_all.o",
};

#define FILTER_PROGRAM "xdpfilt_dny_all"
/* Values of its tables: which side must match (lib/util/xdp_filter.h of xdp-tools: MAP_FLAG_SRC, MAP_FLAG_DST). */
#define FILTER_SRC 1
#define FILTER_DST 2

/* ---- pieces ---- */

static int set_entries(struct bpf_object *object, const char *name, uint32_t n)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__set_max_entries(map, n) : -ENOENT;
}

static int size_hash(struct bpf_object *object, void *context)
{
	return set_entries(object, "device_hash", ((const struct scene *)context)->size.devices);
}

static int size_lpm(struct bpf_object *object, void *context)
{
	return set_entries(object, "prefix_lpm", ((const struct scene *)context)->size.prefixes);
}

/* As piece_hash reads it from the frame: two bytes and four, in network byte order. */
static uint64_t hash_key(uint64_t mac)
{
	return (uint64_t)htons((uint16_t)(mac >> 32)) << 32 | htonl((uint32_t)mac);
}

static int said(int err, const char *what)
{
	if (err)
		fprintf(stderr, "bench: %s: %s\n", what, strerror(-err));
	return err;
}

static int fill_hash(int fd, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct bench_device device = {.words = {i + 1}};
		const uint64_t key = hash_key(scene_mac(SCENE_FENCED, i));

		if (bpf_map_update_elem(fd, &key, &device, BPF_ANY) < 0)
			return said(-errno, "cannot fill the hash map of devices");
	}
	return 0;
}

static int fill_lpm(int fd, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t bits = scene_prefix_bits(i), addr = htonl(scene_prefix_addr(i)), value = i + 1;
		struct bench_lpm_key key = {.prefix_len = 32 + 96 + bits, .profile = BENCH_LPM_PROFILE};

		key.addr[10] = key.addr[11] = 0xff;
		memcpy(key.addr + 12, &addr, 4);
		if (bpf_map_update_elem(fd, &key, &value, BPF_ANY) < 0)
			return said(-errno, "cannot fill the LPM trie of prefixes");
	}
	return 0;
}

int piece_hash_load(const struct scene *scene, struct bpf_object **ret_object)
{
	struct scene copy = *scene;
	struct bpf_object *object = NULL;
	int err = turn_load("piece_hash", size_hash, &copy, &object);

	if (!err)
		err = fill_hash(bpf_object__find_map_fd_by_name(object, "device_hash"), scene->size.devices);
	if (err)
		bpf_object__close(object);
	else
		*ret_object = object;
	return err;
}

int piece_lpm_load(const struct scene *scene, struct bpf_object **ret_object)
{
	struct scene copy = *scene;
	struct bpf_object *object = NULL;
	int err = turn_load("piece_lpm", size_lpm, &copy, &object);

	if (!err)
		err = fill_lpm(bpf_object__find_map_fd_by_name(object, "prefix_lpm"), scene->size.prefixes);
	if (err)
		bpf_object__close(object);
	else
		*ret_object = object;
	return err;
}

/* ---- xdp-filter ---- */

static const char *filter_path(void)
{
	for (size_t i = 0; i < sizeof(filter_paths) / sizeof(filter_paths[0]); i++)
		if (access(filter_paths[i], R_OK) == 0)
			return filter_paths[i];
	return NULL;
}

/* Its own maps, not those that a running xdp-filter has pinned. */
static void forget_pins(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, NULL);
}

static int filter_put(const struct bpf_object *object, const char *name, const void *key, uint64_t flags)
{
	const int fd = bpf_object__find_map_fd_by_name(object, name), n_cpus = libbpf_num_possible_cpus();
	AUTO_FREE uint64_t *values = calloc(n_cpus > 0 ? (size_t)n_cpus : 1, sizeof(*values));

	if (fd < 0 || n_cpus < 0 || !values)
		return -ENOENT;
	for (int i = 0; i < n_cpus; i++)
		values[i] = flags;
	return bpf_map_update_elem(fd, key, values, BPF_ANY) < 0 ? -errno : 0;
}

/*
 * What passes, passes by its destination address. MACs are listed too, as destinations, so that their table is as full as the policy has devices and the
 * sender's MAC still decides nothing: else every frame of a listed device would pass at the first look-up.
 */
static int fill_filter(const struct bpf_object *object, const struct scene *scene)
{
	const uint32_t flow = inet_addr(SCENE_FLOW_ADDR);
	int err = scene->size.prefixes < PEERS_FILTER_MAX ? filter_put(object, "filter_ipv4", &flow, FILTER_DST) : 0;

	for (uint32_t i = 0; i < scene->size.prefixes && !err; i++) {
		const uint32_t addr = htonl(scene_prefix_addr(i));

		err = filter_put(object, "filter_ipv4", &addr, FILTER_DST);
	}
	for (uint32_t i = 0; i < scene->size.devices && !err; i++) {
		const uint64_t mac = scene_mac(SCENE_FENCED, i);
		uint8_t key[6];

		for (int k = 0; k < 6; k++)
			key[k] = (uint8_t)(mac >> (40 - 8 * k));
		err = filter_put(object, "filter_ethernet", key, FILTER_DST);
	}
	return err;
}

int peer_filter_load(const struct scene *scene, struct bpf_object **ret_object)
{
	const char *path = filter_path();
	struct bpf_object *object;
	int err;

	if (!path)
		return -ENOENT;
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return said(-errno, path);
	forget_pins(object);
	err = bpf_object__load(object);
	if (!err)
		err = fill_filter(object, scene);
	if (err) {
		bpf_object__close(object);
		return said(err, path);
	}
	*ret_object = object;
	return 0;
}
