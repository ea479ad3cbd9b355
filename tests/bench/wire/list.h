/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list.h - what a scene's policy says, for who writes the same in another language.
 */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

#include "../scene.h"

/* Prints the "macs", one a line, the "prefixes", or the whole "policy". -EINVAL: no such thing. */
int list_print(const struct scene_size *size, const char *what);

#endif
