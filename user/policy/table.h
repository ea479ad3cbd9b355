/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hash tables for the datapath: which entry stands in which slot.
 *
 * compile_devices.c and compile_peers.c bring the hashes of their keys and copy their entries to where this says;
 * include/hash.h finds them again. Knows nothing of what an entry is.
 */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

#include <stdint.h>

#include "../../include/bounds.h"

#define TABLE_FREE UINT32_MAX

struct table {
	uint32_t n_buckets; /* a power of two, at least 1 */
	uint32_t *slots;    /* n_buckets * RF_BUCKET_SLOTS: the entry's number, or TABLE_FREE */
};

/*
 * Place n entries by their hashes, at most half full, each in one of the buckets rf_place_first() and
 * rf_place_second(). -E2BIG: more than 2 * RF_BUCKET_SLOTS entries have the same hash, or too many entries; -ENOMEM.
 */
int table_build(const uint64_t *hashes, uint32_t n, struct table *ret_table);
void table_free(struct table *table);

#endif
