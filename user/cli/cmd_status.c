// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_status.c - `ringfence status`: what is attached, which policy is in force, what was lost.
 *
 * The daemon tells, and where none runs the pins do (report.h): the same object either way.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../datapath/report.h"
#include "commands.h"
#include "daemon.h"
#include "snapshot.h"

/* Where the values of the summary stand. */
#define SUMMARY_INDENT 11

#define FILL_ALARM_PERCENT 90 /* of a map: the next larger policy needs new maps */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *ask_daemon(const struct cli *cli)
{
	struct control_client *client AUTO_CONTROL = NULL;
	json_t *reply AUTO_JSON = NULL;

	if (control_connect(cli->run_dir, &client) || control_call(client, "status", NULL, &reply) ||
	    control_error(reply, NULL))
		return NULL;
	return json_incref(json_object_get(reply, "parameters"));
}

/* What the pins tell; the object for "no fence at all" where there are none. Exit code of cli.h. */
static int ask_pins(const struct cli *cli, json_t **ret_status)
{
	struct fault fault = {0};
	struct view *view AUTO_VIEW = NULL;
	int r = view_open(cli->pin_dir, &fault, &view);

	if (r && r != -ENOENT)
		return cli_fail(CLI_CANNOT, "%s", *fault.text ? fault.text : strerror(-r));
	*ret_status = r ? json_pack("{s:n, s:b, s:n, s:n, s:[], s:[], s:n, s:s}", "daemon", "enforcing", 0, "bridge",
				    "policy", "ports", "maps", "events", "pin_dir", cli->pin_dir)
			: report_json(view, cli->pin_dir);
	return *ret_status ? CLI_DONE : cli_no_memory();
}

static void print_policy(const struct output *out, const json_t *policy)
{
	const json_t *rules = json_object_get(policy, "rules");

	if (!json_is_object(policy)) {
		output_print(out, OUTPUT_PLAIN, "policy:    none\n");
		return;
	}
	output_print(out, OUTPUT_PLAIN,
		     "policy:    %s, generation %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " devices",
		     text_of(policy, "file") ?: "(the daemon knows the file)", number_of(policy, "generation"),
		     number_of(policy, "devices"));
	if (json_is_integer(rules))
		output_print(out, OUTPUT_PLAIN, ", %" JSON_INTEGER_FORMAT " profiles, %" JSON_INTEGER_FORMAT " rules",
			     number_of(policy, "profiles"), json_integer_value(rules));
	if (text_of(policy, "loaded"))
		output_print(out, OUTPUT_PLAIN, ", since %s", text_of(policy, "loaded"));
	output_print(out, OUTPUT_PLAIN, "\n           %s\n", text_of(policy, "hash") ?: "");
}

static void print_events(const struct output *out, const json_t *events)
{
	json_int_t lost = number_of(events, "lost"), internal = number_of(events, "internal");

	if (!json_is_object(events))
		return;
	output_print(out, OUTPUT_PLAIN, "events:    %" JSON_INTEGER_FORMAT " reported, ", number_of(events, "emitted"));
	output_print(out, lost ? OUTPUT_NOTE : OUTPUT_PLAIN,
		     "%" JSON_INTEGER_FORMAT " lost (%" JSON_INTEGER_FORMAT " packets)", lost,
		     number_of(events, "packets_lost"));
	output_print(out, OUTPUT_PLAIN, ", %" JSON_INTEGER_FORMAT " packets of rules with log: false\n",
		     number_of(events, "packets_quiet"));
	if (internal)
		output_print(out, OUTPUT_BAD,
			     "           %" JSON_INTEGER_FORMAT " verdicts `internal': please report this\n", internal);
}

static void print_sizing(const struct output *out, const json_t *status)
{
	if (text_of(status, "sizing"))
		output_print(out, OUTPUT_PLAIN, "sizing:    %s\n", text_of(status, "sizing"));
}

static void print_dns(const struct output *out, const json_t *dns)
{
	if (!json_is_object(dns))
		return;
	output_print(out, OUTPUT_PLAIN,
		     "dns:       %" JSON_INTEGER_FORMAT " questions, %" JSON_INTEGER_FORMAT
		     " answers, %" JSON_INTEGER_FORMAT " addresses learned, %" JSON_INTEGER_FORMAT " not asked for",
		     number_of(dns, "questions"), number_of(dns, "answers"), number_of(dns, "learned"),
		     number_of(dns, "unasked"));
	output_print(out, number_of(dns, "unread") ? OUTPUT_NOTE : OUTPUT_PLAIN, ", %" JSON_INTEGER_FORMAT " unread",
		     number_of(dns, "unread"));
	output_print(out, number_of(dns, "evicted") ? OUTPUT_NOTE : OUTPUT_PLAIN,
		     ", %" JSON_INTEGER_FORMAT " gave way\n", number_of(dns, "evicted"));
}

static int print_ports(const struct output *out, const json_t *ports)
{
	static const struct output_column columns[] = {
		{"PORT", 0}, {"ENFORCED", 0}, {"FROM", OUTPUT_RANK(1)}, {"TO", OUTPUT_RANK(2)}, {"WHY", OUTPUT_FOLD}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *port;
	size_t i;

	if (!table)
		return -ENOMEM;
	json_array_foreach(ports, i, port) {
		bool enforced = json_is_true(json_object_get(port, "enforced"));
		const char *why = text_of(port, enforced ? "why" : "error");

		output_table_row(table);
		output_table_cell(table, OUTPUT_BOLD, "%s", text_of(port, "port") ?: "?");
		output_table_cell(table, enforced ? OUTPUT_GOOD : OUTPUT_BAD, "%s", enforced ? "yes" : "NO");
		output_table_cell(table, OUTPUT_PLAIN, "%s", text_of(port, "from") ?: "");
		output_table_cell(table, OUTPUT_PLAIN, "%s", text_of(port, "to") ?: "");
		output_table_cell(table, OUTPUT_PLAIN, "%s", why ? why : "");
	}
	return output_table_print(table);
}

/* Of numbers that somebody sent. */
static json_int_t fill_percent(json_int_t used, json_int_t max)
{
	if (used <= 0 || max <= 0)
		return 0;
	return used < max ? (json_int_t)((double)used * 100 / (double)max) : 100;
}

static int print_maps(const struct output *out, const json_t *maps)
{
	static const struct output_column columns[] = {
		{"MAP", 0}, {"USED", OUTPUT_RIGHT}, {"ROOM", OUTPUT_RIGHT}, {"FULL", OUTPUT_RIGHT}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *map;
	size_t i;

	if (!table)
		return -ENOMEM;
	json_array_foreach(maps, i, map) {
		json_int_t used = number_of(map, "used"), max = number_of(map, "max");
		json_int_t percent = fill_percent(used, max);

		output_table_row(table);
		output_table_cell(table, OUTPUT_PLAIN, "%s", text_of(map, "name") ?: "?");
		output_table_cell(table, OUTPUT_PLAIN, "%" JSON_INTEGER_FORMAT, used);
		output_table_cell(table, OUTPUT_PLAIN, "%" JSON_INTEGER_FORMAT, max);
		output_table_cell(table, percent >= FILL_ALARM_PERCENT ? OUTPUT_NOTE : OUTPUT_PLAIN,
				  "%" JSON_INTEGER_FORMAT " %%", percent);
	}
	return output_table_print(table);
}

static void print_summary(const struct output *out, const json_t *status)
{
	bool enforcing = json_is_true(json_object_get(status, "enforcing"));
	const json_t *daemon = json_object_get(status, "daemon");

	output_print(out, OUTPUT_PLAIN, "fence:     ");
	output_print(out, enforcing ? OUTPUT_GOOD : OUTPUT_BAD,
		     enforcing ? "enforcing" : "NOT enforcing: no port is attached");
	if (text_of(status, "bridge"))
		output_print(out, OUTPUT_PLAIN, " on bridge %s", text_of(status, "bridge"));
	output_print(out, OUTPUT_PLAIN, "\n");
	if (json_is_object(daemon))
		output_print(out, OUTPUT_PLAIN, "daemon:    running, pid %" JSON_INTEGER_FORMAT ", since %s\n",
			     number_of(daemon, "pid"), text_of(daemon, "started") ?: "?");
	else
		output_print(out, OUTPUT_NOTE, "daemon:    not running%s\n",
			     enforcing ? "; the fence goes on without it, but new ports are not attached" : "");
	print_policy(out, json_object_get(status, "policy"));
	print_events(out, json_object_get(status, "events"));
	print_dns(out, json_object_get(status, "dns"));
	print_sizing(out, status);
}

static int print_text(const struct output *out, const json_t *status)
{
	struct output_fold fold;
	int r;

	output_fold_begin(&fold, out);
	print_summary(&fold.out, status);
	output_fold_end(&fold, SUMMARY_INDENT);
	if (json_array_size(json_object_get(status, "ports"))) {
		output_print(out, OUTPUT_PLAIN, "\n");
		r = print_ports(out, json_object_get(status, "ports"));
		if (r)
			return r;
	}
	if (!json_array_size(json_object_get(status, "maps")))
		return 0;
	output_print(out, OUTPUT_PLAIN, "\n");
	return print_maps(out, json_object_get(status, "maps"));
}

int cmd_status(struct cli *cli, const struct cli_args *args)
{
	json_t *status AUTO_JSON = ask_daemon(cli);
	int code, r;

	if (!status) {
		code = ask_pins(cli, &status);
		if (code)
			return code;
	}
	r = args->option[STATUS_JSON] ? output_json(&cli->out, json_incref(status)) : print_text(&cli->out, status);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot write the status: %s", strerror(-r));
	return json_is_true(json_object_get(status, "enforcing")) ? CLI_DONE : CLI_NO;
}
