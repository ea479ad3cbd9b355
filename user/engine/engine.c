// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine.c - the core over plain arrays: makes and fills the arrays, gives frames to the core.
 *
 * Must not decide anything itself: what differs from the kernel belongs into the seam.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "seam_native.h"

#include "../../bpf/core.h"

/*
 * Secrets of the rows' tags. Fixed, so that the same capture gives the same verdicts each time; nobody attacks a replay's own hash.
 */
static const uint64_t engine_secret[2] = {0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};

/* The last bank and every state array end here: a policy that grows on reload gets new arrays. */
static void free_policy(struct engine *engine)
{
	free(engine->buckets);
	free(engine->profiles);
	free(engine->nodes);
	free(engine->values);
	free(engine->chunks);
	free(engine->peers);
	free(engine->idents);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	free_policy(engine);
	free(engine->infos);
	free(engine->conns);
	free(engine->folds);
	free(engine->budgets);
	free(engine->counters);
	free(engine);
}

/* A zeroed array of n elements; n 0 gives one that nobody may index. */
static int make(void *ret_array, uint32_t *ret_n, uint32_t n, size_t size)
{
	void *array = calloc(n ? n : 1, size);

	if (!array)
		return -ENOMEM;
	memcpy(ret_array, &array, sizeof(array));
	*ret_n = n;
	return 0;
}

#define MAKE(field, n) make(&engine->field, &engine->n_##field, (n), sizeof(*engine->field))

static int make_policy(struct engine *engine, const struct ruleset_sizes *one)
{
	engine->sizes = *one;
	if (MAKE(buckets, 2 * one->buckets) || MAKE(profiles, 2 * one->profiles) || MAKE(nodes, 2 * one->nodes) ||
	    MAKE(values, 2 * one->values) || MAKE(chunks, 2 * one->chunks) || MAKE(peers, 2 * one->peers) ||
	    MAKE(idents, 2 * one->indices))
		return -ENOMEM;
	return 0;
}

static int make_state(struct engine *engine, uint32_t indices)
{
	if (MAKE(infos, indices) || MAKE(conns, indices * RF_CONN_SETS) || MAKE(folds, indices * RF_FOLD_SETS) ||
	    MAKE(budgets, indices) || MAKE(counters, indices))
		return -ENOMEM;
	return 0;
}

static int place(struct engine *engine, const struct ruleset *ruleset, uint32_t bank)
{
	const struct ruleset_place where = {
		.bank = bank,
		.control = &engine->control,
		.buckets = engine->buckets,
		.profiles = engine->profiles,
		.nodes = engine->nodes,
		.values = engine->values,
		.chunks = engine->chunks,
		.peers = engine->peers,
		.idents = engine->idents,
		.infos = engine->infos,
		.sizes = engine->sizes,
	};
	int r = ruleset_place(ruleset, &where);

	if (r)
		return r;
	engine->control.active = bank;
	return 0;
}

int engine_new(const struct ruleset *ruleset, struct engine **ret_engine)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	struct ruleset_sizes sizes = ruleset_sizes(ruleset);
	int r;

	if (!engine)
		return -ENOMEM;
	engine->control.abi_version = RF_ABI_VERSION;
	memcpy(engine->control.secret, engine_secret, sizeof(engine_secret));
	r = make_policy(engine, &sizes);
	if (!r)
		r = make_state(engine, sizes.indices);
	if (!r)
		r = place(engine, ruleset, 0);
	if (r) {
		engine_free(engine);
		return r;
	}
	*ret_engine = engine;
	return 0;
}

/* State arrays keep what they hold when there are more devices than before. */
static int grow_state(struct engine *engine, uint32_t indices)
{
	struct engine grown = {};
	int r;

	if (indices <= engine->n_counters)
		return 0;
	r = make_state(&grown, indices);
	if (!r) {
		memcpy(grown.conns, engine->conns, engine->n_conns * sizeof(*engine->conns));
		memcpy(grown.folds, engine->folds, engine->n_folds * sizeof(*engine->folds));
		memcpy(grown.budgets, engine->budgets, engine->n_budgets * sizeof(*engine->budgets));
		memcpy(grown.counters, engine->counters, engine->n_counters * sizeof(*engine->counters));
	}
#define TAKE_OR_DROP(field)                                                                                            \
	do {                                                                                                           \
		free(r ? grown.field : engine->field);                                                                 \
		if (!r) {                                                                                              \
			engine->field = grown.field;                                                                   \
			engine->n_##field = grown.n_##field;                                                           \
		}                                                                                                      \
	} while (0)
	TAKE_OR_DROP(infos);
	TAKE_OR_DROP(conns);
	TAKE_OR_DROP(folds);
	TAKE_OR_DROP(budgets);
	TAKE_OR_DROP(counters);
#undef TAKE_OR_DROP
	return r;
}

int engine_reload(struct engine *engine, const struct ruleset *ruleset)
{
	struct ruleset_sizes sizes = ruleset_sizes(ruleset);
	struct engine old = *engine;
	int r;

	r = grow_state(engine, sizes.indices);
	if (r)
		return r;
	sizes.indices = engine->n_counters; /* an index that was given up keeps its row */
	old.infos = engine->infos;
	engine->buckets = NULL;
	engine->profiles = NULL;
	engine->nodes = NULL;
	engine->values = NULL;
	engine->chunks = NULL;
	engine->peers = NULL;
	engine->idents = NULL;
	r = make_policy(engine, &sizes);
	if (!r)
		r = place(engine, ruleset, !engine->control.active);
	if (r) {
		free_policy(engine);
		old.conns = engine->conns;
		old.folds = engine->folds;
		old.budgets = engine->budgets;
		old.counters = engine->counters;
		old.n_infos = engine->n_infos;
		old.n_conns = engine->n_conns;
		old.n_folds = engine->n_folds;
		old.n_budgets = engine->n_budgets;
		old.n_counters = engine->n_counters;
		*engine = old;
		return r;
	}
	free_policy(&old);
	return 0;
}

void engine_on_event(struct engine *engine, engine_event_fn fn, void *data)
{
	engine->on_event = fn;
	engine->on_event_data = data;
}

static void frame_fill(struct rf_frame *frame, const struct engine_frame *input)
{
	*frame = (struct rf_frame){
		.data = input->bytes,
		.end = input->bytes + input->cap_len,
		.len = (uint32_t)input->wire_len,
		.ifindex = input->ifindex,
		.vlan_tci = input->vlan_tci,
		.has_vlan_tci = input->has_vlan_tci,
	};
}

int engine_judge(struct engine *engine, enum rf_direction direction, const struct engine_frame *input,
		 struct rf_result *ret_result)
{
	struct rf_judgement *j = &engine->judgement;
	struct rf_frame frame;
	enum rf_verdict verdict;

	if (input->wire_len < input->cap_len || input->wire_len > UINT32_MAX)
		return -EINVAL;
	frame_fill(&frame, input);
	engine->now_ns = input->time_ns;
	j->home = (uintptr_t)engine;
	verdict = direction == RF_DIRECTION_FROM ? judge_from(&frame, j) : judge_to(&frame, j);
	result_fill(j, world_bank(j), verdict, ret_result);
	return 0;
}

const struct rf_counters *engine_counters(const struct engine *engine, uint32_t device)
{
	return device < engine->n_counters ? &engine->counters[device] : NULL;
}

const struct rf_totals *engine_totals(const struct engine *engine)
{
	return &engine->totals;
}

void engine_read(const struct engine_frame *input, struct engine_facts *ret_facts)
{
	struct rf_judgement j = {};
	const struct rf_packet *packet = &j.packet;
	struct rf_frame frame;

	frame_fill(&frame, input);
	j.status = frame_parse(&frame, &j);
	*ret_facts = (struct engine_facts){
		.malformed = j.status != RF_PARSE_OK,
		.l3 = packet->l3,
		.proto = packet->proto,
		.has_ports = packet->fragment != RF_FRAGMENT_LATER && (packet->proto == IPPROTO_TCP || packet->proto == IPPROTO_UDP ||
								      packet->proto == IPPROTO_SCTP),
		.ethertype = packet->ethertype,
		.vlan = packet->vlan,
		.sport = packet->sport,
		.dport = packet->dport,
		.src = packet->src,
		.dst = packet->dst,
		.src_mac = packet->src_mac,
		.dst_mac = packet->dst_mac,
	};
}
