/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * macro.h - $NAME in the lines of a case file.
 */
#ifndef TESTS_PROG_MACRO_H
#define TESTS_PROG_MACRO_H

#include <stddef.h>
#include <stdint.h>

#include "../../user/common/arena.h"

#define MACROS_MAX 128

struct macros {
	struct macro {
		const char *name;
		const char *text;
	} items[MACROS_MAX];
	size_t n;
};

/* The text may hold others that are defined already. A name that is there takes the new text. */
int macros_define(struct macros *macros, struct arena *arena, const char *name, const char *text);

/* Allocated. -ENOENT: *ret_unknown (in raw, not ended) is not defined. "$n" stays: it is counted when the frame is made. */
int macros_expand(const struct macros *macros, const char *raw, char **ret_text, const char **ret_unknown);

/* "$n" becomes the number. Allocated; NULL: no memory. */
char *macros_count(const char *text, uint64_t n);

#endif
