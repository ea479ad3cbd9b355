// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_events.c - `ringfence events`: what the daemon remembers and, with --follow, what happens from now on.
 *
 * Asks the daemon; as JSON its objects go through unchanged, as text each is one line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/text.h"
#include "commands.h"
#include "daemon.h"
#include "signals.h"

/* The daemon's history is shorter. */
#define LINES_MAX 1000000

/* Events tell milliseconds. */
#define TIME_RESOLUTION_S 0.001

/* How far the rest of an event stands in for which its line has no room. */
#define EVENT_INDENT 4

/* How long to wait before a daemon that is gone is looked for again. */
#define RETRY_US 500000

static const char *text_of(const json_t *event, const char *key)
{
	return json_string_value(json_object_get(event, key));
}

/* "10m", "2h", "1d", "30s" ago. */
static bool since_ago(const char *text, double *ret_seconds)
{
	static const struct {
		char unit;
		double seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	size_t len = strlen(text);
	char number[16];
	uint64_t value;

	if (len < 2 || len > sizeof(number))
		return false;
	memcpy(number, text, len - 1);
	number[len - 1] = '\0';
	if (!text_to_u64(number, UINT32_MAX, &value))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[len - 1] == units[i].unit) {
			*ret_seconds = (double)time(NULL) - (double)value * units[i].seconds;
			return true;
		}
	}
	return false;
}

/* A date, or a date and time, of this machine's zone; with Z at the end of UTC. */
static bool since_date(const char *text, double *ret_seconds)
{
	static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
					      "%Y-%m-%d %H:%M", "%Y-%m-%d"};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *end = strptime(text, formats[i], &tm);

		if (end && (!*end || strcmp(end, "Z") == 0)) {
			time_t when = *end ? timegm(&tm) : mktime(&tm);

			*ret_seconds = (double)when;
			return when != (time_t)-1;
		}
	}
	return false;
}

static int add_since(const char *text, json_t *parameters)
{
	uint64_t epoch;
	double seconds;

	if (text_to_u64(text, INT64_MAX, &epoch))
		seconds = (double)epoch;
	else if (!since_ago(text, &seconds) && !since_date(text, &seconds))
		return cli_fail(CLI_MISUSE,
				"events: --since %s: say 10m, 2h or 1d (ago), 2026-11-22, or 2026-11-22T10:00", text);
	json_object_set_new(parameters, "since", json_real(seconds));
	return CLI_DONE;
}

static int add_type(const char *text, json_t *parameters)
{
	const char *like = NULL;
	unsigned int best = text_tolerance(text) + 1;

	for (const char *const *type = cli_words[CLI_COMPLETE_EVENT]; *type; type++) {
		unsigned int distance = text_distance(text, *type, best);

		if (distance < best) {
			best = distance;
			like = *type;
		}
	}
	if (!like)
		return cli_fail(CLI_MISUSE, "events: no type %s; ringfence(8) lists them", text);
	if (best)
		return cli_fail(CLI_MISUSE, "events: no type %s; did you mean %s?", text, like);
	json_object_set_new(parameters, "type", output_json_text(text));
	return CLI_DONE;
}

static int make_parameters(const struct cli_args *args, json_t *parameters)
{
	uint64_t lines;

	json_object_set_new(parameters, "follow", json_boolean(args->option[EVENTS_FOLLOW] != NULL));
	if (args->option[EVENTS_DEVICE])
		json_object_set_new(parameters, "device", output_json_text(args->option[EVENTS_DEVICE]));
	if (args->option[EVENTS_TYPE] && add_type(args->option[EVENTS_TYPE], parameters))
		return CLI_MISUSE;
	if (args->option[EVENTS_LINES]) {
		if (!text_to_u64(args->option[EVENTS_LINES], LINES_MAX, &lines))
			return cli_fail(CLI_MISUSE, "events: --lines takes a number");
		json_object_set_new(parameters, "limit", json_integer((json_int_t)lines));
	}
	return args->option[EVENTS_SINCE] ? add_since(args->option[EVENTS_SINCE], parameters) : CLI_DONE;
}

static enum output_colour type_colour(const char *type)
{
	if (strcmp(type, "drop") == 0)
		return OUTPUT_BAD;
	if (strcmp(type, "would-drop") == 0 || strcmp(type, "lost") == 0 || strcmp(type, "evicted") == 0)
		return OUTPUT_NOTE;
	return OUTPUT_FAINT;
}

static void print_end(const struct output *out, const json_t *event, const char *address, const char *port)
{
	const char *text = text_of(event, address);
	const json_t *number = json_object_get(event, port);
	bool v6 = text && strchr(text, ':');

	if (json_is_integer(number))
		output_print(out, OUTPUT_PLAIN, v6 ? "[%s]:%" JSON_INTEGER_FORMAT : "%s:%" JSON_INTEGER_FORMAT,
			     text ? text : "?", json_integer_value(number));
	else
		output_print(out, OUTPUT_PLAIN, "%s", text ? text : "?");
}

/* Who talked to whom, as far as the event says. */
static void print_flow(const struct output *out, const json_t *event)
{
	if (text_of(event, "proto"))
		output_print(out, OUTPUT_PLAIN, " %s", text_of(event, "proto"));
	if (text_of(event, "src") || text_of(event, "dst")) {
		output_print(out, OUTPUT_PLAIN, " ");
		print_end(out, event, "src", "sport");
		output_print(out, OUTPUT_PLAIN, " > ");
		print_end(out, event, "dst", "dport");
	}
	if (text_of(event, "name"))
		output_print(out, OUTPUT_BOLD, " (%s)", text_of(event, "name"));
}

static void print_line(const struct output *out, const json_t *event)
{
	const char *type = text_of(event, "type") ?: "?", *device = text_of(event, "device"),
		   *time = text_of(event, "time");
	json_int_t packets = json_integer_value(json_object_get(event, "packets"));
	json_int_t bytes = json_integer_value(json_object_get(event, "bytes"));

	output_print(out, OUTPUT_FAINT, "%s ", time ? time : "?");
	output_print(out, type_colour(type), "%s", type);
	if (device || text_of(event, "mac"))
		output_print(out, OUTPUT_BOLD, " %s", device ? device : text_of(event, "mac"));
	if (text_of(event, "direction"))
		output_print(out, OUTPUT_PLAIN, " %s", text_of(event, "direction"));
	if (text_of(event, "reason"))
		output_print(out, type_colour(type), " %s", text_of(event, "reason"));
	print_flow(out, event);
	if (text_of(event, "port"))
		output_print(out, OUTPUT_PLAIN, " on %s", text_of(event, "port"));
	if (text_of(event, "rule"))
		output_print(out, OUTPUT_FAINT, " by %s", text_of(event, "rule"));
	if (packets > 1)
		output_print(out, OUTPUT_PLAIN, ", %" JSON_INTEGER_FORMAT " packets, %" JSON_INTEGER_FORMAT " bytes",
			     packets, bytes);
	if (text_of(event, "message"))
		output_print(out, OUTPUT_PLAIN, ": %s", text_of(event, "message"));
	output_print(out, OUTPUT_PLAIN, "\n");
}

static void print_event(const struct output *out, const json_t *event)
{
	struct output_fold fold;

	output_fold_begin(&fold, out);
	print_line(&fold.out, event);
	output_fold_end(&fold, EVENT_INDENT);
	fflush(out->file);
}

/* -1: go on; else the exit code. */
static int take_reply(const struct cli *cli, json_t *reply, bool as_json)
{
	json_t *event = json_object_get(reply, "parameters");
	int r;

	if (control_error(reply, NULL))
		return daemon_refused(reply);
	if (json_object_size(event) && as_json) {
		r = output_json(&cli->out, json_incref(event));
		if (r)
			return cli_fail(CLI_CANNOT, "cannot write the events: %s", strerror(-r));
	} else if (json_object_size(event)) {
		print_event(&cli->out, event);
	}
	return json_is_true(json_object_get(reply, "continues")) ? -1 : CLI_DONE;
}

/* One connection: -EPIPE when the daemon ended it, else an exit code. *last: the time of the last event shown. */
static int show_events(const struct cli *cli, struct control_client *client, bool as_json, double *last)
{
	double seconds;
	int code = -1;

	while (code < 0) {
		json_t *reply AUTO_JSON = NULL;
		int r = control_next(client, -1, &reply);

		if (signals_seen())
			return CLI_DONE;
		if (r == -EINTR)
			continue;
		if (r == 0 || r == -ECONNRESET)
			return -EPIPE;
		if (r < 0)
			return daemon_unreachable(cli, r);
		seconds = daemon_seconds(json_object_get(reply, "parameters"), "time");
		if (seconds > *last)
			*last = seconds;
		code = take_reply(cli, reply, as_json);
	}
	return code;
}

/* Until a daemon is there again, which may take as long as it likes. -EINTR: the user would not wait. */
static int wait_for_daemon(const struct cli *cli, struct control_client **ret_client)
{
	for (;;) {
		int r = control_connect(cli->run_dir, ret_client);

		if (r != -ENOENT && r != -ECONNREFUSED)
			return r;
		usleep(RETRY_US);
		if (signals_seen())
			return -EINTR;
	}
}

/* What a new daemon took out of the kernel's buffer when it came is newer than all that was shown. */
static void ask_for_the_rest(json_t *parameters, double last)
{
	if (last > 0)
		json_object_set_new(parameters, "since", json_real(last + TIME_RESOLUTION_S));
	json_object_set_new(parameters, "limit", json_integer(LINES_MAX));
}

int cmd_events(struct cli *cli, const struct cli_args *args)
{
	struct control_client *client AUTO_CONTROL = NULL;
	json_t *parameters AUTO_JSON = json_object();
	double last = 0;
	int code, r;

	if (!parameters)
		return cli_no_memory();
	code = make_parameters(args, parameters);
	if (code)
		return code;
	code = daemon_connect(cli, &client);
	if (code)
		return code;
	signals_catch();
	for (;;) {
		r = control_send(client, "events", json_incref(parameters), true);
		if (r && r != -EPIPE)
			return daemon_unreachable(cli, r);
		code = r ? r : show_events(cli, client, args->option[EVENTS_JSON] != NULL, &last);
		if (code != -EPIPE)
			return code;
		if (!args->option[EVENTS_FOLLOW])
			return cli_fail(CLI_CANNOT, "the daemon went away; what is attached is enforced without it");
		cli_warn("the daemon went away; what is attached is enforced without it; waiting for the daemon");
		control_close(TAKE_PTR(client));
		r = wait_for_daemon(cli, &client);
		if (r == -EINTR)
			return CLI_DONE;
		if (r)
			return daemon_unreachable(cli, r);
		ask_for_the_rest(parameters, last);
	}
}
