// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bucketised two-choice hashing with moves (cuckoo).
 *
 * The datapath reads two lines at most, so an entry must stand in one of its two buckets: when both are full, one of
 * those who stand there moves to its other bucket, and so on. At half full a walk is practically never longer than a
 * few moves; if one is, the table doubles.
 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#include "../../include/hash.h"

#define TABLE_MOVES_MAX 500 /* of one insert: far more than half full tables need, cheap enough to give up after */
#define TABLE_BUCKETS_MAX (1U << 24) /* 1 GiB: more is a mistake, not a network */
#define TABLE_DOUBLINGS_MAX 4	     /* more cannot help: then the hashes are the same */

/* A free slot of the bucket, or TABLE_FREE. */
static uint32_t bucket_slot(const struct table *table, uint32_t bucket)
{
	uint32_t first = bucket * RF_BUCKET_SLOTS;

	for (uint32_t i = 0; i < RF_BUCKET_SLOTS; i++)
		if (table->slots[first + i] == TABLE_FREE)
			return first + i;
	return TABLE_FREE;
}

/*
 * Place one entry. Which of a full bucket has to move goes round with the number of moves: no random source, same
 * table each time.
 */
static int insert(struct table *table, const uint64_t *hashes, uint32_t entry)
{
	uint32_t mask = table->n_buckets - 1;
	uint32_t bucket = rf_place_first(hashes[entry], mask);

	for (uint32_t move = 0; move < TABLE_MOVES_MAX; move++) {
		uint32_t first = rf_place_first(hashes[entry], mask);
		uint32_t second = rf_place_second(hashes[entry], mask);
		uint32_t slot = bucket_slot(table, first);
		uint32_t moved;

		if (slot == TABLE_FREE)
			slot = bucket_slot(table, second);
		if (slot != TABLE_FREE) {
			table->slots[slot] = entry;
			return 0;
		}
		/* Not back to where it was just moved out from. */
		bucket = bucket == first ? second : first;
		slot = bucket * RF_BUCKET_SLOTS + move % RF_BUCKET_SLOTS;
		moved = table->slots[slot];
		table->slots[slot] = entry;
		entry = moved;
	}
	return -EAGAIN;
}

static int fill(struct table *table, const uint64_t *hashes, uint32_t n)
{
	for (uint32_t i = 0; i < table->n_buckets * RF_BUCKET_SLOTS; i++)
		table->slots[i] = TABLE_FREE;
	for (uint32_t i = 0; i < n; i++)
		if (insert(table, hashes, i))
			return -EAGAIN;
	return 0;
}

int table_build(const uint64_t *hashes, uint32_t n, struct table *ret_table)
{
	uint32_t n_buckets = 1;

	while (n_buckets < TABLE_BUCKETS_MAX && (uint64_t)n_buckets * RF_BUCKET_SLOTS < 2 * (uint64_t)n)
		n_buckets *= 2;
	for (int i = 0; i <= TABLE_DOUBLINGS_MAX && n_buckets <= TABLE_BUCKETS_MAX; i++, n_buckets *= 2) {
		struct table table = {.n_buckets = n_buckets};

		table.slots = malloc((size_t)n_buckets * RF_BUCKET_SLOTS * sizeof(*table.slots));
		if (!table.slots)
			return -ENOMEM;
		if (fill(&table, hashes, n) == 0) {
			*ret_table = table;
			return 0;
		}
		table_free(&table);
	}
	return -E2BIG;
}

void table_free(struct table *table)
{
	free(table->slots);
	*table = (struct table){0};
}
