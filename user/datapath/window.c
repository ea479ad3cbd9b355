// SPDX-License-Identifier: GPL-2.0-only
/*
 * window.c - see window.h.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "window.h"

int window_open(const struct map *map, uint32_t first, uint32_t n, bool writable, struct window *ret_window)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t stride = maps_stride(map);
	size_t start, len;
	void *memory;

	if (map->memory) {
		*ret_window = (struct window){.base = map->memory};
		return 0;
	}
	if (first >= map->entries)
		return -ERANGE;
	if (n > map->entries - first)
		n = map->entries - first;
	start = first * stride & ~(page - 1);
	len = ((first + (size_t)n) * stride - start + page - 1) & ~(page - 1);
	memory = mmap(NULL, len, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, map->fd, (off_t)start);
	if (memory == MAP_FAILED)
		return -errno;
	/* Integers: there need be nothing at the base itself. */
	*ret_window = (struct window){.base = (void *)((uintptr_t)memory - start), .page = memory, .len = len};
	return 0;
}

int window_open_devices(const struct maps *maps, enum map_id id, uint32_t device, uint32_t n, bool writable,
			struct window *ret_window)
{
	const uint32_t each = maps_each(id, maps->sizing);

	if (device > UINT32_MAX / each || n > UINT32_MAX / each)
		return -ERANGE;
	return window_open(&maps->map[id], device * each, n * each, writable, ret_window);
}

void window_close(struct window *window)
{
	if (window->len)
		munmap(window->page, window->len);
	*window = (struct window){0};
}
