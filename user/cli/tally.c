// SPDX-License-Identifier: GPL-2.0-only
/*
 * tally.c - count replayed frames and print the sum: see tally.h.
 */
#include "tally.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reason_text.h"

#define PLACE_UNKNOWN(policy) ((policy)->n_devices)

int tally_init(struct tally *tally, const struct policy_file *file, size_t max_kinds)
{
	*tally = (struct tally){.file = file, .max_kinds = max_kinds};
	tally->devices = calloc(PLACE_UNKNOWN(file->policy) + 1, sizeof(*tally->devices));
	tally->kinds = calloc(max_kinds ? max_kinds : 1, sizeof(*tally->kinds));
	return tally->devices && tally->kinds ? tally_names_init(&tally->names, max_kinds) : -ENOMEM;
}

void tally_free(struct tally *tally)
{
	free(tally->devices);
	free(tally->kinds);
	tally_names_free(&tally->names);
	*tally = (struct tally){0};
}

/* The far end: what the device wanted, or who wanted the device. */
static bool same_kind(const struct tally_kind *kind, const struct facts *facts, const struct judge_verdict *verdict)
{
	const struct facts *old = &kind->facts;
	bool from = verdict->direction == RF_DIRECTION_FROM;

	return kind->place == verdict->place && kind->direction == verdict->direction &&
	       kind->reason == verdict->result.reason && old->l3 == facts->l3 && old->proto == facts->proto &&
	       old->ethertype == facts->ethertype && old->dport == facts->dport &&
	       memcmp(from ? &old->dst : &old->src, from ? &facts->dst : &facts->src, sizeof(old->dst)) == 0;
}

static void note_drop(struct tally *tally, const struct capture_frame *frame, const struct facts *facts,
		      const struct judge_verdict *verdict)
{
	for (size_t i = 0; i < tally->n_kinds; i++) {
		if (same_kind(&tally->kinds[i], facts, verdict)) {
			tally->kinds[i].count++;
			return;
		}
	}
	if (tally->n_kinds == tally->max_kinds) {
		tally->other_drops++;
		return;
	}
	tally->kinds[tally->n_kinds++] = (struct tally_kind){
		.place = verdict->place,
		.direction = verdict->direction,
		.reason = verdict->result.reason,
		.rule = verdict->result.rule,
		.facts = *facts,
		.frame = frame->number,
		.wall_ns = frame->wall_ns,
		.count = 1,
	};
}

int tally_add(struct tally *tally, const struct capture_frame *frame, const struct facts *facts,
	      const struct judge_verdict *verdict, const char *name)
{
	const struct rf_result *result = &verdict->result;
	uint32_t place = verdict->place == POLICY_NONE ? PLACE_UNKNOWN(tally->file->policy) : verdict->place;

	if (!tally->frames++)
		tally->first_ns = frame->wall_ns;
	tally->last_ns = frame->wall_ns;
	tally->by_reason[result->reason]++;
	if (!verdict->policed) {
		tally->unpoliced++;
		return 0;
	}
	if (result->verdict == RF_PASS)
		tally->direction[verdict->direction].pass++;
	else
		tally->direction[verdict->direction].drop++;
	tally->devices[place].by_reason[verdict->direction][result->reason]++;
	tally->devices[place].bytes[verdict->direction][result->reason] += frame->wire_len;
	if (result->verdict == RF_DROP)
		note_drop(tally, frame, facts, verdict);
	return name ? tally_names_add(&tally->names, verdict->place, result, name) : 0;
}

static struct tally_pair device_pair(const struct tally_device *device)
{
	struct tally_pair pair = {0};

	for (int d = 0; d < RF_DIRECTION_COUNT; d++)
		for (int r = 0; r < RF_REASON_COUNT; r++)
			*(reason_verdict(r) == RF_PASS ? &pair.pass : &pair.drop) += device->by_reason[d][r];
	return pair;
}

static json_t *pair_json(const struct tally_pair *pair)
{
	return json_pack("{s:I, s:I}", "pass", (json_int_t)pair->pass, "drop", (json_int_t)pair->drop);
}

static json_t *devices_json(const struct tally *tally)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < tally->file->policy->n_devices; i++) {
		struct tally_pair pair = device_pair(&tally->devices[i]);

		if (pair.pass || pair.drop)
			json_object_set_new(object, tally->file->policy->devices[i].name, pair_json(&pair));
	}
	return object;
}

static json_t *reasons_json(const struct tally *tally)
{
	json_t *object = json_object();

	for (int r = 0; object && r < RF_REASON_COUNT; r++)
		if (tally->by_reason[r])
			json_object_set_new(object, reason_text(r), json_integer((json_int_t)tally->by_reason[r]));
	return object;
}

json_t *tally_json(const struct tally *tally)
{
	struct tally_pair unknown = device_pair(&tally->devices[PLACE_UNKNOWN(tally->file->policy)]);
	json_t *summary =
		json_pack("{s:I, s:o, s:o, s:I, s:o, s:o}", "frames", (json_int_t)tally->frames, "from",
			  pair_json(&tally->direction[RF_DIRECTION_FROM]), "to",
			  pair_json(&tally->direction[RF_DIRECTION_TO]), "unpoliced", (json_int_t)tally->unpoliced,
			  "by_reason", reasons_json(tally), "devices", devices_json(tally));

	if (summary && (unknown.pass || unknown.drop))
		json_object_set_new(summary, "unknown", pair_json(&unknown));
	return summary ? json_pack("{s:o}", "summary", summary) : NULL;
}

static const char *place_name(const struct tally *tally, uint32_t place)
{
	return place < tally->file->policy->n_devices ? tally->file->policy->devices[place].name : "(unknown)";
}

static enum output_colour verdict_colour(enum rf_reason reason)
{
	if (reason == RF_REASON_WOULD_DROP)
		return OUTPUT_NOTE;
	return reason_verdict(reason) == RF_PASS ? OUTPUT_GOOD : OUTPUT_BAD;
}

static void add_reason_rows(const struct tally *tally, const struct output *out, uint32_t place,
			    struct output_table *table)
{
	const struct tally_device *device = &tally->devices[place];

	for (int d = 0; d < RF_DIRECTION_COUNT; d++) {
		for (int r = 0; r < RF_REASON_COUNT; r++) {
			char bytes[OUTPUT_NUMBER_MAX];

			if (!device->by_reason[d][r])
				continue;
			output_table_row(table);
			output_table_cell(table, OUTPUT_PLAIN, "%s", place_name(tally, place));
			output_table_cell(table, OUTPUT_PLAIN, "%s", direction_text(d));
			output_table_cell(table, verdict_colour(r), "%s",
					  reason_verdict(r) == RF_PASS ? "pass" : "drop");
			output_table_cell(table, OUTPUT_PLAIN, "%s", reason_text(r));
			output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, device->by_reason[d][r]);
			output_table_cell(table, OUTPUT_PLAIN, "%s", output_bytes(out, device->bytes[d][r], bytes));
		}
	}
}

static int print_reasons(const struct tally *tally, const struct output *out)
{
	static const struct output_column columns[] = {
		{"DEVICE", OUTPUT_CUT}, {"DIRECTION", 0},	  {"VERDICT", OUTPUT_RANK(1)},
		{"REASON", OUTPUT_CUT}, {"FRAMES", OUTPUT_RIGHT}, {"BYTES", OUTPUT_RIGHT | OUTPUT_RANK(2)}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));

	if (!table)
		return -ENOMEM;
	for (uint32_t i = 0; i <= PLACE_UNKNOWN(tally->file->policy); i++)
		add_reason_rows(tally, out, i, table);
	return output_table_print(table);
}

static int print_kinds(const struct tally *tally, const struct output *out)
{
	static const struct output_column columns[] = {{"FRAME", OUTPUT_RIGHT | OUTPUT_RANK(1)},
						       {"AFTER", OUTPUT_RIGHT | OUTPUT_RANK(5)},
						       {"TIMES", OUTPUT_RIGHT | OUTPUT_RANK(3)},
						       {"DEVICE", OUTPUT_CUT},
						       {"DIRECTION", OUTPUT_RANK(2)},
						       {"REASON", OUTPUT_CUT},
						       {"WHAT", OUTPUT_FOLD},
						       {"LINE", OUTPUT_RIGHT | OUTPUT_RANK(4)}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < tally->n_kinds; i++) {
		const struct tally_kind *kind = &tally->kinds[i];
		const struct ruleset *ruleset = tally->file->ruleset;
		uint32_t line = kind->rule < ruleset->n_rules ? ruleset->rules[kind->rule].line : 0;
		char what[FACTS_TEXT_MAX];

		output_table_row(table);
		output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, kind->frame);
		output_table_cell(table, OUTPUT_PLAIN, "%.3f s", (double)(kind->wall_ns - tally->first_ns) / 1e9);
		output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, kind->count);
		output_table_cell(table, OUTPUT_PLAIN, "%s", place_name(tally, kind->place));
		output_table_cell(table, OUTPUT_PLAIN, "%s", direction_text(kind->direction));
		output_table_cell(table, OUTPUT_BAD, "%s", reason_text(kind->reason));
		output_table_cell(table, OUTPUT_PLAIN, "%s", facts_text(&kind->facts, what));
		output_table_cell(table, OUTPUT_PLAIN, line ? "%" PRIu32 : "-", line);
	}
	return output_table_print(table);
}

int tally_print(const struct tally *tally, const struct output *out)
{
	const struct tally_pair *from = &tally->direction[RF_DIRECTION_FROM], *to = &tally->direction[RF_DIRECTION_TO];
	int r;

	output_print(out, OUTPUT_BOLD,
		     "%" PRIu64 " frames in %.1f s: %" PRIu64 " passed, %" PRIu64 " dropped, %" PRIu64
		     " of no device\n",
		     tally->frames, (double)(tally->last_ns - tally->first_ns) / 1e9, from->pass + to->pass,
		     from->drop + to->drop, tally->unpoliced);
	if (tally->frames > tally->unpoliced) {
		output_print(out, OUTPUT_PLAIN, "\n");
		r = print_reasons(tally, out);
		if (!r)
			r = tally_names_print(&tally->names, tally->file, out);
		if (r)
			return r;
	}
	if (!tally->n_kinds)
		return 0;
	output_print(out, OUTPUT_PLAIN, "\nDrops, the first %zu kinds:\n", tally->n_kinds);
	r = print_kinds(tally, out);
	if (!r && tally->other_drops)
		output_print(out, OUTPUT_FAINT,
			     "and %" PRIu64 " more drops of other kinds; --drops N shows more, --json all\n",
			     tally->other_drops);
	return r;
}
