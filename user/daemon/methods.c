// SPDX-License-Identifier: GPL-2.0-only
/*
 * methods.c - see methods.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/event.h"
#include "../common/log.h"
#include "daemon.h"
#include "methods.h"
#include "privilege.h"

#define NSEC_PER_SEC 1000000000.0
#define SINCE_MAX_S 9e9 /* the year 2255: more does not fit in 64 bits of nanoseconds */

/* A method gives its whole reply; NULL if it subscribed the client. */
struct method {
	const char *name;
	bool writes;
	json_t *(*run)(struct daemon *daemon, struct server_client *client, const json_t *parameters);
};

static json_t *reply_of(json_t *parameters)
{
	return json_pack("{s:o}", "parameters", parameters);
}

/* ---- status ------------------------------------------------------------------------------------------------------- */

static json_t *ports_json(const struct daemon *daemon, bool *ret_enforcing)
{
	json_t *ports = json_array();

	*ret_enforcing = false;
	for (size_t i = 0; i < daemon->ports.n; i++) {
		struct report_port report = daemon->ports.items[i].report;

		/* As it is now, not as it was when we looked last. */
		datapath_hooks(daemon->datapath, report.ifindex, &report.hooks);
		report.enforced = report.hooks.from != HOOK_NONE && report.hooks.to != HOOK_NONE;
		*ret_enforcing |= report.enforced;
		json_array_append_new(ports, report_port_json(&report));
	}
	return ports;
}

static json_t *daemon_json(const struct daemon *daemon)
{
	char started[EVENT_TIME_MAX], capabilities[PRIVILEGE_TEXT_MAX];

	return json_pack("{s:i, s:s, s:s}", "pid", (int)getpid(), "started", event_time(daemon->started_ns, started),
			 "capabilities", privilege_text(capabilities));
}

static void add_policy(const struct daemon *daemon, json_t *policy)
{
	char loaded[EVENT_TIME_MAX];

	json_object_set_new(policy, "file", control_text(daemon->options.policy));
	json_object_set_new(policy, "profiles", json_integer((json_int_t)daemon->now->policy->n_profiles));
	json_object_set_new(policy, "rules", json_integer((json_int_t)policy_count_rules(daemon->now->policy)));
	json_object_set_new(policy, "loaded", json_string(event_time(daemon->now->loaded_ns, loaded)));
}

static json_t *run_status(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	json_t *status = daemon->view ? report_json(daemon->view, daemon->options.pin_dir) : NULL;
	const char *bridge = daemon->now->policy->bridge;
	json_t *events = json_object_get(status, "events");
	bool enforcing;

	(void)client;
	(void)parameters;
	if (!status)
		return server_error("failed", "cannot read the datapath's maps");
	json_object_set_new(status, "daemon", daemon_json(daemon));
	json_object_set_new(status, "bridge", control_text(bridge));
	json_object_set_new(status, "ports", ports_json(daemon, &enforcing));
	json_object_set_new(status, "enforcing", json_boolean(enforcing));
	add_policy(daemon, json_object_get(status, "policy"));
	json_object_set_new(json_object_get(status, "dns"), "by_daemon", dns_json(daemon));
	json_object_set_new(events, "history",
			    json_integer((json_int_t)(daemon->history.next - history_first(&daemon->history))));
	json_object_set_new(events, "subscribers", json_integer(server_subscribers(&daemon->server)));
	return reply_of(status);
}

/* ---- reload ------------------------------------------------------------------------------------------------------- */

static json_t *diags_json(const struct diags *diags, enum diag_severity severity)
{
	json_t *array = json_array();

	for (size_t i = 0; i < diags->n_items; i++) {
		AUTO_FREE char *text = diags->items[i].severity == severity ? diag_text(&diags->items[i]) : NULL;

		if (text)
			json_array_append_new(array, control_text(text));
	}
	return array;
}

static json_t *reload_failed(const struct daemon *daemon, const struct diags *diags, const struct fault *fault)
{
	json_t *reply;

	if (diags_ok(diags))
		return server_error("failed", "%s; the policy before stays in force", fault->text);
	reply = server_error("bad-policy", "%s: %zu error%s; the policy before stays in force", daemon->options.policy,
			     diags->n_errors, diags->n_errors == 1 ? "" : "s");
	json_object_set_new(json_object_get(reply, "parameters"), "diagnostics", diags_json(diags, DIAG_ERROR));
	return reply;
}

static json_t *run_reload(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	struct diags diags AUTO_DIAGS = {0};
	struct fault fault = {0};
	char hash[REPORT_HASH_MAX];

	(void)client;
	(void)parameters;
	if (daemon_reload(daemon, &diags, &fault))
		return reload_failed(daemon, &diags, &fault);
	return reply_of(json_pack(
		"{s:i, s:s, s:o, s:I, s:I, s:I, s:o}", "generation", (int)generation_number(daemon->now), "policy",
		report_hash(daemon->now->hash, hash), "file", control_text(daemon->options.policy), "devices",
		(json_int_t)daemon->now->policy->n_devices, "profiles", (json_int_t)daemon->now->policy->n_profiles,
		"rules", (json_int_t)policy_count_rules(daemon->now->policy), "warnings",
		diags_json(&diags, DIAG_WARNING)));
}

/* ---- events, devices, policy -------------------------------------------------------------------------------------- */

static int copy_text(char *to, size_t size, const json_t *parameters, const char *key)
{
	const json_t *value = json_object_get(parameters, key);
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return 0;
	if (!text || strlen(text) >= size)
		return -EINVAL;
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

/* Number of the event from which on at most limit ones of the history are wanted. */
static uint64_t start_of(const struct history *history, const struct history_filter *filter, json_int_t limit)
{
	uint64_t number = history->next;

	while (number > history_first(history) && limit > 0)
		if (history_wanted(history_at(history, --number), filter))
			limit--;
	return number;
}

static json_t *run_events(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	const json_t *since = json_object_get(parameters, "since"), *limit = json_object_get(parameters, "limit");
	struct history_filter filter = {0};

	if (copy_text(filter.device, sizeof(filter.device), parameters, "device") ||
	    copy_text(filter.type, sizeof(filter.type), parameters, "type"))
		return server_error("bad-request", "device and type are text");
	if (since &&
	    (!json_is_number(since) || !(json_number_value(since) >= 0 && json_number_value(since) <= SINCE_MAX_S)))
		return server_error("bad-request", "since is seconds of the epoch");
	if (limit && (!json_is_integer(limit) || json_integer_value(limit) < 0))
		return server_error("bad-request", "limit is a number of events");
	/* What folds still hold and is due belongs to what happened until now. */
	datapath_consume(daemon->datapath);
	filter.since_ns = since ? (int64_t)(json_number_value(since) * NSEC_PER_SEC) : 0;
	server_subscribe(client, &filter,
			 limit ? start_of(&daemon->history, &filter, json_integer_value(limit))
			       : history_first(&daemon->history),
			 json_is_true(json_object_get(parameters, "follow")));
	return NULL;
}

static json_t *run_devices(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	(void)client;
	(void)parameters;
	return reply_of(events_devices(daemon));
}

static json_t *run_policy(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	const struct gateways *gateways = &daemon->now->gateways;
	json_t *list = json_array();
	char hash[REPORT_HASH_MAX], text[ADDR_TEXT_MAX];

	(void)client;
	(void)parameters;
	for (size_t i = 0; i < gateways->n; i++)
		json_array_append_new(list, json_string(addr_format(&gateways->items[i], text)));
	return reply_of(json_pack("{s:o, s:s, s:i, s:o}", "file", control_text(daemon->options.policy), "policy",
				  report_hash(daemon->now->hash, hash), "generation",
				  (int)generation_number(daemon->now), "gateway", list));
}

/* Lines of rules, for whoever reads the maps: {"generation":N, "ids":[...]}. */
static json_t *run_rules(struct daemon *daemon, struct server_client *client, const json_t *parameters)
{
	const json_int_t number = json_integer_value(json_object_get(parameters, "generation"));
	const json_t *ids = json_object_get(parameters, "ids"), *id;
	const struct ruleset *ruleset = daemon->now->ruleset;
	json_t *lines = json_array();
	size_t i;

	(void)client;
	json_array_foreach(ids, i, id) {
		const json_int_t rule = json_is_integer(id) ? json_integer_value(id) : -1;
		const bool known = number == generation_number(daemon->now) && rule >= 0 && rule < ruleset->n_rules &&
				   ruleset->rules[rule].line;

		json_array_append_new(lines, known ? json_integer(ruleset->rules[rule].line) : json_null());
	}
	return reply_of(json_pack("{s:s, s:o}", "file", daemon->now->policy->file, "lines", lines));
}

static const struct method methods[] = {
	{"status", false, run_status},	 {"reload", true, run_reload},	{"events", false, run_events},
	{"devices", false, run_devices}, {"policy", false, run_policy}, {"rules", false, run_rules},
};

json_t *methods_handle(void *context, struct server_client *client, const json_t *request, bool writer)
{
	const char *name = json_string_value(json_object_get(request, "method"));
	const json_t *parameters = json_object_get(request, "parameters");

	if (!name || (parameters && !json_is_object(parameters)))
		return server_error("bad-request", "a request has a method and an object of parameters");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) != 0)
			continue;
		if (methods[i].writes && !writer)
			return server_error("permission-denied", "%s needs root or the group %s", name, CONTROL_GROUP);
		return methods[i].run(context, client, parameters);
	}
	return server_error(
		"unknown-method",
		"this ringfenced does not know the method: ringfence and ringfenced are of different versions");
}
