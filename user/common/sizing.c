// SPDX-License-Identifier: GPL-2.0-only
/*
 * sizing.c - see sizing.h.
 */
#include "sizing.h"

#include <string.h>

static const struct {
	const char *word;
	uint32_t devices;
	struct rf_sizing sizing;
} sizings[RF_SIZING_COUNT] = {[RF_SIZING_AUTO] = {.word = "auto"},
#define X(id, name, most, conns, questions, names, addresses, folds)                                                   \
	[RF_SIZING_##id] = {                                                                                           \
		.word = name,                                                                                          \
		.devices = most,                                                                                       \
		.sizing = {                                                                                            \
			.conn = conns, .question = questions, .known = names, .learned = addresses, .fold = folds}},
			      RF_SIZING_LIST(X)
#undef X
};

#define X(id, name, most, conns, questions, names, addresses, folds)                                                   \
	_Static_assert(1 << (conns) <= RF_CONN_SETS_SIDE_MAX, "conn_reaches() looks at all of them");                  \
	_Static_assert((folds) >= 1 && (folds) <= RF_FOLD_HOME_BITS, "a set of folds has one beside it");              \
	_Static_assert((RF_KNOWN_WAYS << (names)) <= UINT16_MAX, "an index fits in rf_learned.known");
RF_SIZING_LIST(X)
#undef X

static bool is_one(enum rf_sizing_id id)
{
	return (unsigned int)id < RF_SIZING_COUNT;
}

const struct rf_sizing *sizing_of(enum rf_sizing_id id)
{
	return &sizings[is_one(id) ? id : RF_SIZING_AUTO].sizing;
}

const char *sizing_text(enum rf_sizing_id id)
{
	return is_one(id) ? sizings[id].word : "?";
}

bool sizing_parse(const char *word, enum rf_sizing_id *ret_id)
{
	for (unsigned int id = 0; id < RF_SIZING_COUNT; id++) {
		if (strcmp(sizings[id].word, word) != 0)
			continue;
		*ret_id = (enum rf_sizing_id)id;
		return true;
	}
	return false;
}

enum rf_sizing_id sizing_choose(uint32_t indices)
{
	const uint32_t devices = indices > RF_UNKNOWN_DEVICES ? indices - RF_UNKNOWN_DEVICES : 0;
	unsigned int id = RF_SIZING_AUTO + 1;

	while (id < RF_SIZING_COUNT - 1 && devices > sizings[id].devices)
		id++;
	return (enum rf_sizing_id)id;
}

uint32_t sizing_bytes(enum rf_sizing_id id)
{
	const struct rf_sizing *sizing = sizing_of(id);

	return 2 * (uint32_t)(sizeof(struct rf_conn_set) << sizing->conn) +
	       (uint32_t)(sizeof(struct rf_question_set) << sizing->question) +
	       (uint32_t)(sizeof(struct rf_known_set) << sizing->known) +
	       (uint32_t)(sizeof(struct rf_learned_set) << sizing->learned) +
	       (uint32_t)((sizeof(struct rf_fold_set) + sizeof(struct rf_fold_slots)) << sizing->fold);
}
