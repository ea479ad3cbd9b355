/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * learner.h - the core's DNS stages over tables that the packet programs use at the same time: for answers that those cannot read.
 *
 * The daemon takes messages out of TCP streams, or from the ring as they are, and gives them here. What is learned is what the datapath would have
 * learned: the same text (bpf/dns_record.h, bpf/known.h, bpf/names.h), the same floors, ceilings and bounds; only messages may be longer and carry more records.
 */
#ifndef ENGINE_LEARNER_H
#define ENGINE_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../common/cleanup.h"
#include "engine.h"

struct learner;

/* Where the tables are now; borrowed. n_...: elements of both banks, or of all devices. */
struct learner_tables {
	struct rf_control *control;
	struct rf_profile *profiles;
	struct rf_name_bucket *names;
	struct rf_known_set *known;
	struct rf_learned_set *learned;
	struct rf_budget *budgets; /* budget_stride bytes from one to the next */
	size_t budget_stride;
	uint32_t n_profiles, n_names, n_known, n_learned, n_budgets;
	enum rf_sizing_id sizing;
	uint32_t hz; /* of the ticks in them */
};

/* What an answer must repeat of a question. */
struct learner_question {
	uint16_t id;
	uint64_t name; /* hash */
};

int learner_new(struct learner **ret_learner);
void learner_free(struct learner *learner);

/* Before the first message, and whenever the tables moved. */
void learner_use(struct learner *learner, const struct learner_tables *tables);

/* Who gets RF_EVENT_LEARNED and RF_EVENT_EVICTED. */
void learner_on_event(struct learner *learner, engine_event_fn fn, void *data);

/* `who` says whose message it is. -ESTALE: the policy changed meanwhile; -EBADMSG: it is no question (or no answer) with one name. */
int learner_read(struct learner *learner, const struct rf_segment *who, const uint8_t *message, size_t len, bool answer,
		 struct learner_question *ret_question);

/*
 * Learn from an answer that the caller knows to be one to a question of this device. now: ticks. How many addresses were learned, new or not; -EBADMSG: it
 * could not be read to its end (what stood before is learned); -ESTALE.
 */
int learner_learn(struct learner *learner, const struct rf_segment *who, const uint8_t *message, size_t len,
		  uint64_t now);

static inline void learner_cleanup(struct learner **learner)
{
	learner_free(*learner);
}

#define AUTO_LEARNER CLEANUP(learner_cleanup)

#endif
