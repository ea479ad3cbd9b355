/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * twin.h - a watched engine beside one that nobody watches, as it is in the kernel: what must be the same in both.
 *
 * Where somebody watches, the rules are asked of every frame; where nobody does, rows and flows answer for them. Both must say the same and leave the same
 * behind, byte by byte.
 */
#ifndef TESTS_HOST_TWIN_H
#define TESTS_HOST_TWIN_H

#include <string.h>

#include "../../user/engine/state.h"

/* Which of the two engines' tables of the device states from `first` on, n of them, differs; NULL: none. Flows do: only one of the two goes by them. */
static inline const char *twin_differs(const struct engine *a, const struct engine *b, uint32_t first, uint32_t n)
{
#define TWIN(array)                                                                                                    \
	do {                                                                                                           \
		const size_t each = a->n_##array / a->n_counters;                                                      \
                                                                                                                       \
		if (a->n_##array != b->n_##array ||                                                                    \
		    memcmp(a->array + first * each, b->array + first * each, n * each * sizeof(*a->array)) != 0)       \
			return #array;                                                                                 \
	} while (0)
	TWIN(conns);
	TWIN(questions);
	TWIN(known);
	TWIN(learned);
	TWIN(folds);
	TWIN(fold_slots);
	TWIN(budgets);
	TWIN(counters);
	TWIN(counters_rest);
#undef TWIN
	return memcmp(&a->totals, &b->totals, sizeof(a->totals)) == 0 ? NULL : "totals";
}

#endif
