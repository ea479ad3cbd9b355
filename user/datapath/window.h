/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - a part of a map in memory, for as long as it is looked at.
 *
 * All pages of a mapped array count as memory of whoever maps them, touched or not; the rows of all devices are most of what the datapath has. So
 * they are not mapped as a whole: whoever reads or writes a device's rows opens a window on them.
 */
#ifndef DATAPATH_WINDOW_H
#define DATAPATH_WINDOW_H

#include "maps.h"

struct window {
	void *base; /* as if the whole map stood there: only the window's entries may be touched. NULL: none */
	void *page;
	size_t len; /* 0: nothing to unmap */
};

/* n entries (>= 1) from `first` on, fewer at the end of the map. -ERANGE: first is behind it; other errors as of mmap(). */
int window_open(const struct map *map, uint32_t first, uint32_t n, bool writable, struct window *ret_window);

/* The same for all entries of devices; n: how many devices. */
int window_open_devices(const struct maps *maps, enum map_id id, uint32_t device, uint32_t n, bool writable,
			struct window *ret_window);

void window_close(struct window *window);

#define AUTO_WINDOW CLEANUP(window_close)

#endif
