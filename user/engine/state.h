/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - what an engine holds instead of maps. Private to user/engine.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "../../bpf/packet.h"
#include "engine.h"

#define ENGINE_TICKS_PER_S 1000
#define ENGINE_NS_PER_TICK (1000000000ULL / ENGINE_TICKS_PER_S)

struct engine {
	struct rf_control control;
	struct rf_control *in_force; /* that one, or somebody else's (learner.c) */
	/* Policy, two banks each; n_... counts both. */
	struct rf_device_bucket *buckets;
	struct rf_profile *profiles;
	struct rf_node *nodes;
	uint32_t *values;
	struct rf_chunk *chunks;
	struct rf_peer_bucket *peers;
	struct rf_ident *idents;
	struct rf_name_bucket *names;
	uint32_t n_buckets, n_profiles, n_nodes, n_values, n_chunks, n_peers, n_idents, n_names;
	/* State, by device index. */
	struct rf_device_info *infos;
	struct rf_conn_set *conns;
	struct rf_question_set *questions;
	struct rf_known_set *known;
	struct rf_learned_set *learned;
	struct rf_fold_set *folds;
	struct rf_fold_slots *fold_slots;
	struct rf_budget *budgets; /* budget_stride bytes from one to the next */
	size_t budget_stride;
	struct rf_counters_first *counters;
	struct rf_counters_rest *counters_rest;
	struct rf_flow_table *flows;
	uint32_t n_infos, n_conns, n_questions, n_known, n_learned, n_folds, n_fold_slots, n_budgets, n_counters,
		n_counters_rest, n_flows;

	struct rf_sizing sizing;
	struct ruleset_sizes sizes; /* of one bank */
	struct rf_totals totals;
	struct rf_judgement judgement;
	struct rf_dns dns;
	struct rf_event event;
	struct rf_evicted evicted;
	uint64_t now_ns;
	uint32_t ticks_per_s;
	bool unwatched;	    /* as live: what a row or a flow says is not held against the rules */
	bool without_flows; /* each frame is judged by itself */
	engine_event_fn on_event;
	void *on_event_data;
};

#endif
