// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory.c - see memory.h. Every map that this process holds is the datapath's; /proc/self/fdinfo says what the kernel charged for it.
 */
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "scene.h"

#define IDS_MAX 128
#define PREFIXES 100 /* as a home's policy has */

struct map_charge {
	uint64_t bytes;
	uint32_t id; /* 0: not a map */
};

static int read_charge(const char *fd, struct map_charge *ret_charge)
{
	struct map_charge charge = {0};
	char path[300], line[256];
	AUTO_FCLOSE FILE *in = NULL;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd);
	in = fopen(path, "re");
	if (!in)
		return -errno;
	while (fgets(line, sizeof(line), in)) {
		if (strncmp(line, "memlock:", 8) == 0)
			charge.bytes = strtoull(line + 8, NULL, 10);
		else if (strncmp(line, "map_id:", 7) == 0)
			charge.id = (uint32_t)strtoul(line + 7, NULL, 10);
	}
	*ret_charge = charge;
	return 0;
}

/* One map has several descriptors: libbpf's and the datapath's. */
static bool is_new(uint32_t ids[IDS_MAX], size_t *n, uint32_t id)
{
	for (size_t i = 0; i < *n; i++)
		if (ids[i] == id)
			return false;
	if (*n < IDS_MAX)
		ids[(*n)++] = id;
	return true;
}

static int sum_charges(uint64_t *ret_bytes)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	const struct dirent *entry;
	uint32_t ids[IDS_MAX];
	uint64_t bytes = 0;
	size_t n = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct map_charge charge = {0};

		if (entry->d_name[0] == '.' || read_charge(entry->d_name, &charge) < 0 || !charge.id)
			continue; /* readdir's own descriptor, and what is no map */
		if (is_new(ids, &n, charge.id))
			bytes += charge.bytes;
	}
	closedir(dir);
	if (!n)
		return -ENOENT;
	*ret_bytes = bytes;
	return 0;
}

int memory_measure(uint32_t devices, uint64_t *ret_bytes)
{
	const struct scene_size size = {.devices = devices, .prefixes = PREFIXES, .plain = true};
	struct scene scene = {.size = size};
	int err = scene_open(&size, &scene);

	if (err)
		return err;
	err = sum_charges(ret_bytes);
	if (err)
		fprintf(stderr, "bench: cannot read what maps cost from /proc/self/fdinfo: %s\n", strerror(-err));
	scene_close(&scene);
	return err;
}
