// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats_json.c - see stats_json.h.
 */
#include "stats_json.h"

#include <errno.h>

#include "../datapath/report.h"
#include "reason_text.h"

static json_t *count_json(const struct rf_count *count)
{
	return json_pack("{s:I, s:I}", "packets", (json_int_t)count->packets, "bytes", (json_int_t)count->bytes);
}

static json_t *way_json(const struct rf_count *passed, const struct rf_count *dropped,
			const struct rf_count *would_drop)
{
	return json_pack("{s:o, s:o, s:o}", "passed", count_json(passed), "dropped", count_json(dropped), "would_drop",
			 count_json(would_drop));
}

static json_t *reasons_json(const struct counters *counters)
{
	json_t *object = json_object();

	for (int r = 0; object && r < RF_REASON_COUNT; r++)
		if (counters_reason(counters, r))
			json_object_set_new(object, reason_text(r),
					    json_integer((json_int_t)counters_reason(counters, r)));
	return object;
}

static int add_counters(json_t *object, const struct counters *c)
{
	if (!object ||
	    json_object_set_new(object, "from",
				way_json(&c->first.from_passed, &c->first.from_dropped, &c->rest.from_would_drop)) ||
	    json_object_set_new(object, "to",
				way_json(&c->rest.to_passed, &c->rest.to_dropped, &c->rest.to_would_drop)) ||
	    json_object_set_new(object, "by_reason", reasons_json(c)))
		return -ENOMEM;
	return 0;
}

static json_t *device_json(const struct snapshot_device *device)
{
	const struct counters *c = &device->counters;
	char port[SNAPSHOT_PORT_MAX];
	json_t *object =
		json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "name", output_json_text(device->info->name), "mac",
			  snapshot_macs_json(device), "profile", output_json_text(device->info->profile), "mode",
			  mode_text(device->info->mode), "port", output_json_text(snapshot_port(c, port)), "last_seen",
			  snapshot_seen_json(c));

	if (add_counters(object, c)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* What is told beside the devices. */
static json_t *rest_json(const struct view *view, const struct snapshot *snapshot)
{
	const struct rf_bank *bank = view_bank(view);
	json_t *unknown = json_object();
	char hash[REPORT_HASH_MAX];

	if (add_counters(unknown, &snapshot->unknown)) {
		json_decref(unknown);
		return NULL;
	}
	return json_pack("{s:o, s:{s:I, s:I, s:I, s:I}, s:I, s:s}", "unknown", unknown, "events", "emitted",
			 (json_int_t)snapshot->totals.events_emitted, "lost", (json_int_t)snapshot->totals.events_lost,
			 "packets_lost", (json_int_t)snapshot->totals.packets_lost, "packets_quiet",
			 (json_int_t)snapshot->totals.packets_quiet, "generation", (json_int_t)bank->generation,
			 "policy", report_hash(bank->policy_hash, hash));
}

/* One object, device by device: a million of them as one tree would take gigabytes. */
int stats_json(const struct output *out, const struct view *view, const struct snapshot *snapshot,
	       const struct snapshot_device *only)
{
	const char *before = "{\"devices\":[";
	int r = 0;

	for (size_t i = 0; !r && i < snapshot->n_devices; i++) {
		if (only && only != &snapshot->devices[i])
			continue;
		fputs(before, out->file);
		before = ",";
		r = output_json_part(out, device_json(&snapshot->devices[i]));
	}
	if (r)
		return r;
	fputs(before[0] == '{' ? before : "", out->file);
	fputs("],", out->file);
	return output_json_members(out, rest_json(view, snapshot));
}
