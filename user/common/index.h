/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hash table from a key of bytes to a number.
 *
 * For "is this name (MAC, address) known, and which one is it" over arrays that
 * stay where they are: keys are borrowed.  Not for untrusted key floods: the
 * hash is plain, the keys come from the administrator's own files.
 */
#ifndef COMMON_INDEX_H
#define COMMON_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cleanup.h"

struct index_slot;

/* Start as {0}; end with index_free or AUTO_INDEX. */
struct index {
	struct index_slot *slots;
	size_t n_slots; /* power of two */
	size_t n_used;
};

/*
 * 0: added; -EEXIST: the key is there already and *ret_old is its value;
 * -ENOMEM.  The key must outlive the index.
 */
int index_add(struct index *index, const void *key, size_t len, uint32_t value, uint32_t *ret_old);

bool index_find(const struct index *index, const void *key, size_t len, uint32_t *ret_value);

void index_free(struct index *index);

#define AUTO_INDEX CLEANUP(index_free)

#endif
