// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_devices.c - `ringfence devices`: who is known from the pinned maps, who is unknown from the daemon's memory.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "daemon.h"
#include "reason_text.h"
#include "snapshot.h"

#define ADDRESSES_MAX (2 * ADDR_TEXT_MAX + 4)

static bool last_v4(const struct counters *counters, char buf[ADDR_TEXT_MAX])
{
	const struct addr addr = addr_from_wire((struct rf_addr){.lo = RF_ADDR_V4_MAPPED | counters->first.last_v4});

	addr_format(&addr, buf);
	return counters->first.last_v4 != 0;
}

static bool last_v6(const struct counters *counters, char buf[ADDR_TEXT_MAX])
{
	const struct addr addr = addr_from_wire(counters->rest.last_v6);

	addr_format(&addr, buf);
	return counters->rest.last_v6.hi || counters->rest.last_v6.lo;
}

static json_t *addresses_json(const struct counters *counters)
{
	json_t *list = json_array();
	char text[ADDR_TEXT_MAX];

	if (last_v4(counters, text))
		json_array_append_new(list, json_string(text));
	if (last_v6(counters, text))
		json_array_append_new(list, json_string(text));
	return list;
}

static json_t *known_json(const struct snapshot_device *device)
{
	const struct counters *c = &device->counters;
	char port[SNAPSHOT_PORT_MAX];

	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b}", "name", output_json_text(device->info->name),
			 "mac", snapshot_macs_json(device), "profile", output_json_text(device->info->profile), "mode",
			 mode_text(device->info->mode), "port", output_json_text(snapshot_port(c, port)), "addresses",
			 addresses_json(c), "last_seen", snapshot_seen_json(c), "known", 1);
}

static json_t *unknown_json(const json_t *unknown, const char *mode)
{
	return json_pack("{s:n, s:[O], s:n, s:s, s:O*, s:[], s:O*, s:O*, s:b}", "name", "mac",
			 json_object_get(unknown, "mac"), "profile", "mode", mode, "port",
			 json_object_get(unknown, "port"), "addresses", "last_seen",
			 json_object_get(unknown, "last_seen"), "first_seen", json_object_get(unknown, "first_seen"),
			 "known", 0);
}

static int print_json(const struct output *out, const struct snapshot *snapshot, const json_t *unknowns,
		      const char *mode)
{
	const json_t *unknown;
	size_t i;
	int r = 0;

	for (i = 0; !r && i < snapshot->n_devices; i++)
		r = output_json(out, known_json(&snapshot->devices[i]));
	json_array_foreach(unknowns, i, unknown)
		if (!r)
			r = output_json(out, unknown_json(unknown, mode));
	return r;
}

static void known_row(struct output_table *table, const struct snapshot_device *device)
{
	const struct counters *c = &device->counters;
	char port[SNAPSHOT_PORT_MAX], seen[OUTPUT_NUMBER_MAX], v4[ADDR_TEXT_MAX], v6[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	bool has_v4 = last_v4(c, v4), has_v6 = last_v6(c, v6);
	const char *on = snapshot_port(c, port);
	uint8_t mode = device->info->mode;

	output_table_row(table);
	output_table_cell(table, OUTPUT_BOLD, "%s", device->info->name);
	output_table_cell(table, OUTPUT_PLAIN, device->n_macs > 1 ? "%s +%zu" : "%s",
			  device->n_macs ? mac_format(&device->macs[0], mac) : "", device->n_macs - 1);
	output_table_cell(table, OUTPUT_PLAIN, "%s", device->info->profile);
	output_table_cell(table, mode == RF_MODE_ENFORCE ? OUTPUT_PLAIN : OUTPUT_NOTE, "%s", mode_text(mode));
	output_table_cell(table, OUTPUT_PLAIN, "%s", on ? on : "");
	output_table_cell(table, OUTPUT_PLAIN, "%s", snapshot_seen(c, seen));
	output_table_cell(table, OUTPUT_PLAIN, "%s%s%s", has_v4 ? v4 : "", has_v4 && has_v6 ? " " : "",
			  has_v6 ? v6 : "");
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void unknown_row(struct output_table *table, const json_t *unknown, const char *mode)
{
	const double last = daemon_seconds(unknown, "last_seen"), age_s = (double)time(NULL) - last;
	char seen[OUTPUT_NUMBER_MAX];

	output_table_row(table);
	output_table_cell(table, OUTPUT_BAD, "(unknown)");
	output_table_cell(table, OUTPUT_PLAIN, "%s", text_of(unknown, "mac"));
	output_table_cell(table, OUTPUT_PLAIN, "-");
	output_table_cell(table, OUTPUT_NOTE, "%s", mode);
	output_table_cell(table, OUTPUT_PLAIN, "%s", text_of(unknown, "port"));
	output_table_cell(table, OUTPUT_PLAIN, "%s",
			  last > 0 ? output_age(age_s > 0 ? (uint64_t)age_s : 0, seen) : "-");
	output_table_cell(table, OUTPUT_PLAIN, "-");
}

static int print_table(const struct output *out, const struct snapshot *snapshot, const json_t *unknowns,
		       const char *mode)
{
	static const struct output_column columns[] = {
		{"DEVICE", OUTPUT_CUT},
		{"MAC", 0},
		{"PROFILE", OUTPUT_CUT | OUTPUT_RANK(5)},
		{"MODE", OUTPUT_RANK(2)},
		{"PORT", OUTPUT_RANK(3)},
		{"SEEN", OUTPUT_RIGHT | OUTPUT_RANK(1)},
		{"ADDRESSES", OUTPUT_CUT | OUTPUT_RANK(4)},
	};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *unknown;
	size_t i;

	if (!table)
		return -ENOMEM;
	for (i = 0; i < snapshot->n_devices; i++)
		known_row(table, &snapshot->devices[i]);
	json_array_foreach(unknowns, i, unknown)
		unknown_row(table, unknown, mode);
	return output_table_print(table);
}

/* NULL: the daemon is not there to tell; that is not worth failing for what the maps know. */
static json_t *ask_unknowns(const struct cli *cli)
{
	struct control_client *client AUTO_CONTROL = NULL;
	json_t *reply AUTO_JSON = NULL;

	if (control_connect(cli->run_dir, &client) || control_call(client, "devices", NULL, &reply) ||
	    control_error(reply, NULL))
		return NULL;
	return json_incref(json_object_get(json_object_get(reply, "parameters"), "unknown"));
}

int cmd_devices(struct cli *cli, const struct cli_args *args)
{
	struct snapshot snapshot AUTO_SNAPSHOT = {0};
	struct view *view AUTO_VIEW = NULL;
	json_t *unknowns AUTO_JSON = NULL;
	const char *mode;
	int code = snapshot_view(cli, &view), r;

	if (code)
		return code;
	r = snapshot_take(view, NULL, &snapshot);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot read the devices: %s", strerror(-r));
	unknowns = ask_unknowns(cli);
	mode = mode_text(view_bank(view)->unknown_mode);
	if (!unknowns)
		cli_warn("unknown devices are not listed: the daemon, which remembers them, does not answer");
	r = args->option[DEVICES_JSON] ? print_json(&cli->out, &snapshot, unknowns, mode)
				       : print_table(&cli->out, &snapshot, unknowns, mode);
	return r ? cli_fail(CLI_CANNOT, "cannot write the devices: %s", strerror(-r)) : CLI_DONE;
}
