/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owning locals that free themselves when their scope ends.
 *
 * Every user-space file may use these.  An owner starts as NULL or -1, is
 * released by its scope, and leaves the scope alive only by TAKE_PTR or
 * TAKE_FD.  Types of other rooms declare their own attribute next to their
 * own free function; this file must not know them.
 */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(func) __attribute__((cleanup(func)))

/* Hand the pointer on to the caller and leave NULL for the scope to free. */
#define TAKE_PTR(ptr)                                                                                                  \
	({                                                                                                             \
		__typeof__(&(ptr)) take_addr = &(ptr);                                                                 \
		__typeof__(ptr) take_val = *take_addr;                                                                 \
		*take_addr = NULL;                                                                                     \
		take_val;                                                                                              \
	})

/* The same for a file descriptor, whose empty value is -1. */
#define TAKE_FD(fd)                                                                                                    \
	({                                                                                                             \
		int *take_addr = &(fd);                                                                                \
		int take_val = *take_addr;                                                                             \
		*take_addr = -1;                                                                                       \
		take_val;                                                                                              \
	})

static inline void cleanup_free(void *ptr)
{
	free(*(void **)ptr);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define AUTO_FREE CLEANUP(cleanup_free)
#define AUTO_CLOSE CLEANUP(cleanup_close)
#define AUTO_FCLOSE CLEANUP(cleanup_fclose)

#endif
