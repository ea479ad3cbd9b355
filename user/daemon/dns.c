// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns.c - see dns.h.
 */
#include <errno.h>
#include <netinet/in.h>

#include "../datapath/window.h"
#include "daemon.h"
#include "dns.h"

/* The rows of the device that a segment is of, and what of the policy is asked about it. Start as {0}. */
struct rows {
	struct window known, learned, hot, profiles, names;
};

static void rows_close(struct rows *rows)
{
	window_close(&rows->known);
	window_close(&rows->learned);
	window_close(&rows->hot);
	window_close(&rows->profiles);
	window_close(&rows->names);
}

/* All that a message of this device may need. Unknown devices have the first one's budget in common. */
static int rows_open(const struct maps *maps, const struct rf_segment *segment, struct rows *rows)
{
	const bool unknown = segment->state < RF_UNKNOWN_DEVICES;
	const uint32_t bank = maps->map[MAP_NAMES].entries / 2;
	int err = window_open_devices(maps, MAP_KNOWN, segment->state, 1, true, &rows->known);

	if (!err)
		err = window_open_devices(maps, MAP_LEARNED, segment->state, 1, true, &rows->learned);
	if (!err)
		err = window_open_devices(maps, MAP_HOT, unknown ? 0 : segment->state, unknown ? RF_UNKNOWN_DEVICES : 1,
					  true, &rows->hot);
	if (!err)
		err = window_open(&maps->map[MAP_PROFILES], segment->profile, 1, false, &rows->profiles);
	if (!err)
		err = window_open(&maps->map[MAP_NAMES], (segment->bank & 1) * bank, bank, false, &rows->names);
	return err;
}

/* Where the tables are: they move when a policy outgrows them. Of the rows only the device's own are there. */
static int use_tables(struct daemon *daemon, const struct rf_segment *segment, struct rows *rows)
{
	const struct maps *maps = datapath_maps(daemon->datapath);
	const struct map *map = maps->map;
	int err = rows_open(maps, segment, rows);

	if (err)
		return err;
	learner_use(daemon->dns.learner, &(struct learner_tables){
						 .control = map[MAP_CONTROL].memory,
						 .profiles = rows->profiles.base,
						 .names = rows->names.base,
						 .known = rows->known.base,
						 .learned = rows->learned.base,
						 .budgets = &maps_hot(&map[MAP_HOT], rows->hot.base, 0)->budget,
						 .budget_stride = maps_stride(&map[MAP_HOT]),
						 .n_profiles = map[MAP_PROFILES].entries,
						 .n_names = map[MAP_NAMES].entries,
						 .n_known = map[MAP_KNOWN].entries,
						 .n_learned = map[MAP_LEARNED].entries,
						 .n_budgets = map[MAP_HOT].entries,
						 .sizing = maps->sizing,
						 .hz = view_hz(),
					 });
	return 0;
}

static void learn(struct daemon *daemon, const struct rf_segment *segment, const uint8_t *message, size_t len)
{
	const int r = learner_learn(daemon->dns.learner, segment, message, len, view_ticks());

	if (r < 0) {
		daemon->dns.unread++;
		return;
	}
	daemon->dns.answers++;
	daemon->dns.learned += (uint64_t)r;
}

/* A message that was put together from a connection. */
static int take_message(void *context, struct dns_stream *stream, const struct rf_segment *segment,
			const uint8_t *message, size_t len)
{
	const bool answer = segment->direction == RF_DIRECTION_TO;
	struct daemon *daemon = context;
	struct learner_question question;
	const int r = learner_read(daemon->dns.learner, segment, message, len, answer, &question);

	if (r)
		return r;
	if (!answer) {
		daemon->dns.questions++;
		dns_stream_ask(stream, question.id, question.name);
	} else if (dns_stream_answer(stream, question.id, question.name)) {
		learn(daemon, segment, message, len);
	} else {
		daemon->dns.unasked++;
	}
	return 0;
}

/* A message that was put together from fragments: the datapath met its question with the first. */
static void take_datagram(void *context, const struct rf_segment *first, const uint8_t *message, size_t len)
{
	struct daemon *daemon = context;
	struct rows rows CLEANUP(rows_close) = {0};

	if (use_tables(daemon, first, &rows))
		daemon->dns.unread++;
	else
		learn(daemon, first, message, len);
}

void dns_segment(void *context, const struct rf_segment *segment, const uint8_t *bytes)
{
	struct daemon *daemon = context;
	struct rows rows CLEANUP(rows_close) = {0};

	if (segment->fragment) {
		dns_fragments_take(&daemon->dns.fragments, segment, bytes);
		return;
	}
	if (use_tables(daemon, segment, &rows)) {
		daemon->dns.unread++;
		return;
	}
	if (segment->proto == IPPROTO_TCP)
		dns_streams_take(&daemon->dns.streams, segment, bytes);
	else if (segment->proto == IPPROTO_UDP && segment->direction == RF_DIRECTION_TO &&
		 segment->len == segment->total)
		learn(daemon, segment, bytes, segment->len); /* the datapath met its question */
}

/* What was learned here, and what gave way to it, is told as what the programs learned: the record's clock is that of the ring. */
static void tell(void *context, const struct rf_event *learned)
{
	struct rf_evicted record = {0};

	if (learned->type == RF_EVENT_EVICTED)
		record = *(const struct rf_evicted *)learned;
	else
		record.event = *learned;
	record.event.time_ns = view_boot_ns();
	record.event.now_ticks = record.event.first_ticks = record.event.last_ticks = view_ticks();
	events_record(context, &record.event);
}

int dns_init(struct daemon *daemon)
{
	int err = dns_streams_init(&daemon->dns.streams, take_message, daemon);

	if (!err)
		err = dns_fragments_init(&daemon->dns.fragments, take_datagram, daemon);
	if (!err)
		err = learner_new(&daemon->dns.learner);
	if (!err)
		learner_on_event(daemon->dns.learner, tell, daemon);
	return err;
}

void dns_free(struct dns *dns)
{
	dns_streams_free(&dns->streams);
	dns_fragments_free(&dns->fragments);
	learner_free(dns->learner);
	*dns = (struct dns){0};
}

void dns_tick(struct daemon *daemon)
{
	dns_streams_expire(&daemon->dns.streams, view_ticks(), view_hz());
	dns_fragments_expire(&daemon->dns.fragments, view_ticks(), view_hz());
}

json_t *dns_json(const struct daemon *daemon)
{
	const struct dns *dns = &daemon->dns;

	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "questions", (json_int_t)dns->questions, "answers",
			 (json_int_t)dns->answers, "unasked", (json_int_t)dns->unasked, "unread",
			 (json_int_t)(dns->unread + dns->streams.broken + dns->fragments.broken), "learned",
			 (json_int_t)dns->learned);
}
