// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_doctor.c - `ringfence doctor': every known way around the fence on this machine, and how to close it.
 *
 * Here: what the daemon and the pins know of the fence, and which policy is meant. The machine is read and judged by user/doctor. Must not
 * change anything, and must work where no daemon and no fence is.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../datapath/report.h"
#include "../doctor/doctor.h"
#include "commands.h"
#include "daemon.h"
#include "doctor_text.h"
#include "policy_file.h"
#include "reach.h"

/* What is asked of others before the machine is read; the survey borrows from it. */
struct known {
	json_t *status, *policy;    /* parameters of the daemon's replies; NULL */
	struct fault fault;	    /* why the pins cannot be read */
	char hash[REPORT_HASH_MAX]; /* of the policy in force; "": not known */
	struct policy_file file;
};

static void known_free(struct known *known)
{
	json_decref(known->status);
	json_decref(known->policy);
	policy_file_close(&known->file);
}

/* Parameters of the reply; NULL: none. */
static json_t *ask(struct control_client *client, const char *method)
{
	json_t *reply AUTO_JSON = NULL;

	if (control_call(client, method, NULL, &reply) || control_error(reply, NULL))
		return NULL;
	return json_incref(json_object_get(reply, "parameters"));
}

static void ask_daemon(const struct cli *cli, struct known *known, struct survey *survey)
{
	struct control_client *client AUTO_CONTROL = NULL;

	if (control_connect(cli->run_dir, &client))
		return;
	known->status = ask(client, "status");
	known->policy = known->status ? ask(client, "policy") : NULL;
	survey->daemon = known->status != NULL;
	survey->bridge = json_string_value(json_object_get(known->status, "bridge"));
}

static void ask_pins(const struct cli *cli, struct known *known, struct survey *survey)
{
	struct view *view AUTO_VIEW = NULL;

	survey->pin_dir = cli->pin_dir;
	survey->pins = view_open(cli->pin_dir, &known->fault, &view);
	if (survey->pins)
		survey->pins_text = *known->fault.text ? known->fault.text : strerror(-survey->pins);
	else
		report_hash(view_bank(view)->policy_hash, known->hash);
}

/* The one that was given, that the daemon has, or that it would start with. */
static const char *policy_path(const char *given, const struct known *known)
{
	const char *path = given ?: json_string_value(json_object_get(known->policy, "file"));

	if (path)
		return path;
	return access(POLICY_FILE_DEFAULT, R_OK) == 0 ? POLICY_FILE_DEFAULT : NULL;
}

/* Exit code of cli.h; only a policy that was given has to be good. */
static int read_policy(const char *given, struct known *known, struct survey *survey)
{
	int r;

	survey->policy_path = policy_path(given, known);
	if (!survey->policy_path)
		return CLI_DONE;
	r = policy_read_file(survey->policy_path, &known->file.diags, &known->file.policy);
	if (r == -ENOMEM)
		return cli_no_memory();
	if (r && given) {
		diags_print(&known->file.diags, stderr);
		return cli_fail(CLI_NO, "%s: this policy cannot be used; `ringfence check' tells the same", given);
	}
	if (!r) {
		survey->policy = known->file.policy;
		survey->policy_changed = policy_file_differs(survey->policy_path, known->hash);
	}
	return CLI_DONE;
}

/* What the policy leaves to the machine: the addresses of the bridges. */
static int compile(struct known *known, const struct survey *survey)
{
	struct addr gateways[RF_GATEWAYS_MAX];
	struct ruleset_input input = {.generation = 1, .gateways = gateways};
	int r;

	for (size_t i = 0; i < survey->addresses.n && input.n_gateways < RF_GATEWAYS_MAX; i++)
		if (survey_is_bridge(survey, survey->addresses.items[i].ifindex))
			gateways[input.n_gateways++] = survey->addresses.items[i].addr;
	r = ruleset_compile(known->file.policy, &input, &known->file.diags, &known->file.ruleset);
	if (!r)
		return CLI_DONE;
	diags_print(&known->file.diags, stderr);
	return r == -ENOMEM ? cli_no_memory() : cli_fail(CLI_NO, "%s: this policy cannot be used", survey->policy_path);
}

/* ---- output ------------------------------------------------------------------------------------------------------- */

static json_t *about_json(const struct finding *finding)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < finding->n_about; i++)
		json_array_append_new(list, output_json_text(finding->about[i]));
	return list;
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "key", way_key(finding->way), "severity",
			 severity_text(finding->severity), "asks", way_asks(finding->way), "about", about_json(finding),
			 "count", (json_int_t)finding->count, "seen", output_json_text(finding->seen), "close",
			 output_json_text(finding->close), "command", output_json_text(finding->command), "see",
			 output_json_text(way_see(finding->way)));
}

static json_t *findings_json(const struct survey *survey, const struct findings *findings)
{
	const struct link *bridge = links_by_index(&survey->links, survey->bridges[0]);
	json_t *object = json_pack("{s:o, s:o}", "bridge", output_json_text(bridge ? bridge->name : NULL), "policy",
				   output_json_text(survey->policy_path)),
	       *list = json_array();

	for (int severity = 0; object && severity < SEVERITY_COUNT; severity++)
		json_object_set_new(object, severity_text((enum severity)severity),
				    json_integer((json_int_t)findings_count(findings, (enum severity)severity)));
	for (size_t i = 0; list && i < findings->n; i++)
		json_array_append_new(list, finding_json(&findings->items[i]));
	if (object)
		json_object_set_new(object, "findings", list);
	return object;
}

static int exit_code(const struct findings *findings)
{
	if (findings_count(findings, SEVERITY_OPEN))
		return CLI_NO;
	return findings_count(findings, SEVERITY_UNKNOWN) ? CLI_CANNOT : CLI_DONE;
}

static int examine(struct cli *cli, const struct cli_args *args, const struct survey *survey)
{
	struct findings findings AUTO_FINDINGS = {0};
	int r;

	if (doctor_run(survey, &findings))
		return cli_no_memory();
	r = args->option[DOCTOR_JSON] ? output_json(&cli->out, findings_json(survey, &findings))
				      : doctor_text(&cli->out, &findings);
	return r ? cli_fail(CLI_CANNOT, "cannot write the findings: %s", strerror(-r)) : exit_code(&findings);
}

int cmd_doctor(struct cli *cli, const struct cli_args *args)
{
	struct known known CLEANUP(known_free) = {0};
	struct survey survey AUTO_SURVEY = {0};
	struct reach reach AUTO_REACH = {0};
	int code, r;

	if (geteuid() != 0)
		return cli_fail(CLI_CANNOT, "doctor needs root: try `sudo ringfence doctor'");
	ask_daemon(cli, &known, &survey);
	ask_pins(cli, &known, &survey);
	code = read_policy(args->option[DOCTOR_POLICY], &known, &survey);
	if (code)
		return code;
	r = survey_take(&survey);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot read the interfaces of this machine: %s", strerror(-r));
	if (survey.policy) {
		code = compile(&known, &survey);
		if (!code)
			code = reach_open(&known.file, &reach);
		survey.reach = reach_ask;
		survey.reach_context = &reach;
	}
	return code ? code : examine(cli, args, &survey);
}
