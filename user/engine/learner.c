// SPDX-License-Identifier: GPL-2.0-only
/*
 * learner.c - see learner.h.
 *
 * The core is compiled a second time here, with room for messages as long as TCP carries them. struct engine of this file is its own: it holds
 * pointers into the caller's tables, and nothing but the DNS stages runs on it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/bounds.h"

#undef RF_DNS_MESSAGE_MAX
#define RF_DNS_MESSAGE_MAX 65536 /* above RFC 1035 4.2.2's two bytes of length */
#undef RF_DNS_RECORDS_MAX
#define RF_DNS_RECORDS_MAX 2048 /* far more than a device has room for: the rest need not be read */

#include "../common/sizing.h"
#include "learner.h"
#include "seam_native.h"

#include "../../bpf/dns_record.h"

struct learner {
	struct engine engine;
};

int learner_new(struct learner **ret_learner)
{
	struct learner *learner = calloc(1, sizeof(*learner));

	if (!learner)
		return -ENOMEM;
	*ret_learner = learner;
	return 0;
}

void learner_free(struct learner *learner)
{
	free(learner);
}

void learner_use(struct learner *learner, const struct learner_tables *tables)
{
	struct engine *engine = &learner->engine;

	engine->in_force = tables->control;
	engine->sizing = *sizing_of(tables->sizing);
	engine->profiles = tables->profiles;
	engine->n_profiles = tables->n_profiles;
	engine->names = tables->names;
	engine->n_names = tables->n_names;
	engine->known = tables->known;
	engine->n_known = tables->n_known;
	engine->learned = tables->learned;
	engine->n_learned = tables->n_learned;
	engine->budgets = tables->budgets;
	engine->n_budgets = tables->n_budgets;
	engine->budget_stride = tables->budget_stride;
	engine->ticks_per_s = tables->hz;
}

void learner_on_event(struct learner *learner, engine_event_fn fn, void *data)
{
	learner->engine.on_event = fn;
	learner->engine.on_event_data = data;
}

/* The judgement that the datapath had of the frames that the message came in, as far as DNS asks. */
static int begin(struct learner *learner, const struct rf_segment *who, const uint8_t *message, size_t len)
{
	struct engine *engine = &learner->engine;
	struct rf_judgement *j = &engine->judgement;

	if (len >= RF_DNS_MESSAGE_MAX)
		return -EBADMSG;
	*j = (struct rf_judgement){
		.home = (uintptr_t)engine,
		.ifindex = who->ifindex,
		.direction = who->direction,
		.bank = who->bank & 1,
		.dns_len = (uint16_t)len,
		.packet = {.src = who->remote, .dst = who->local, .proto = who->proto, .vlan = who->vlan},
		.outcome = {.reason = RF_REASON_ESTABLISHED},
		.subject = {.mac = who->mac,
			    .device = who->device,
			    .state = who->state,
			    .profile = who->profile,
			    .mode = who->mode,
			    .flags = who->flags},
	};
	if ((__atomic_load_n(&engine->in_force->active, __ATOMIC_ACQUIRE) & 1) != j->bank ||
	    engine->in_force->bank[j->bank].generation != who->generation)
		return -ESTALE;
	memcpy(engine->dns.message, message, len);
	return 0;
}

int learner_read(struct learner *learner, const struct rf_segment *who, const uint8_t *message, size_t len, bool answer,
		 struct learner_question *ret_question)
{
	struct rf_judgement *j = &learner->engine.judgement;
	struct rf_dns *dns = &learner->engine.dns;
	int r = begin(learner, who, message, len);

	if (r)
		return r;
	if (dns_read_question(j, world_bank(j), dns, answer ? RF_DNS_QR : 0) != RF_PARSE_OK)
		return -EBADMSG;
	*ret_question = (struct learner_question){dns->id, dns->hash};
	return 0;
}

int learner_learn(struct learner *learner, const struct rf_segment *who, const uint8_t *message, size_t len,
		  uint64_t now)
{
	struct rf_judgement *j = &learner->engine.judgement;
	struct rf_totals *totals = &learner->engine.totals;
	struct rf_dns *dns = &learner->engine.dns;
	const uint64_t before = totals->dns_learned;
	int r = begin(learner, who, message, len);

	if (r)
		return r;
	learner->engine.now_ns = now * ENGINE_NS_PER_TICK; /* the seam makes the same ticks of it */
	if (dns_read_question(j, world_bank(j), dns, RF_DNS_QR) != RF_PARSE_OK ||
	    dns_learn_records(j, dns) != RF_PARSE_OK)
		return -EBADMSG;
	return (int)(totals->dns_learned - before);
}
