// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_explain.c - `ringfence explain`: the verdict on one connection, its reason, and the rule that decides.
 *
 * The frame that opens the connection is given to the native engine, so the answer is the datapath's own. For a DNS name, the device's
 * question and a resolver's answer go before it, as on the wire.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "daemon.h"
#include "decider.h"
#include "judge.h"
#include "name_listed.h"
#include "policy_file.h"
#include "question.h"
#include "reason_text.h"

#define GATEWAYS_MAX RF_GATEWAYS_MAX

/* Which policy, and what the machine adds to it. */
struct source {
	const char *path;
	struct addr gateways[GATEWAYS_MAX];
	size_t n_gateways;
	json_t *reply; /* of the daemon; NULL with --policy */
};

struct answer {
	struct judge_verdict verdict;
	const struct policy_device *by; /* the other device, when its rules decided; NULL: the asked one's */
	const struct policy_rule *rule; /* NULL: none of the file's */
	struct decider decider;
	enum name_listed listed;
	bool changed; /* the file is not the one that is in force */
};

static int ask_source(const struct cli *cli, struct source *source)
{
	const json_t *parameters, *gateway;
	size_t i;
	int code = daemon_call(cli, "policy", NULL, &source->reply);

	if (code)
		return code;
	parameters = json_object_get(source->reply, "parameters");
	source->path = json_string_value(json_object_get(parameters, "file"));
	if (!source->path)
		return cli_fail(CLI_CANNOT, "the daemon does not say which policy file it uses: give it with --policy");
	json_array_foreach(json_object_get(parameters, "gateway"), i, gateway)
		if (source->n_gateways < GATEWAYS_MAX && json_string_value(gateway) &&
		    addr_parse(json_string_value(gateway), &source->gateways[source->n_gateways]) == ADDR_OK)
			source->n_gateways++;
	return CLI_DONE;
}

/* The device asks its resolver, and gets an address. */
static int look_up(struct judge *judge, const struct question *question, struct judge_verdict *ret_asked)
{
	uint32_t local = judge_owner(judge, question->local.mac.bytes);
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct judge_verdict answered;
	struct capture_frame frame;
	int r;

	question_ask_frame(question, bytes, &frame);
	r = judge_side(judge, RF_DIRECTION_FROM, local, &frame, ret_asked);
	if (r || ret_asked->result.verdict == RF_DROP)
		return r;
	question_answer_frame(question, bytes, &frame);
	return judge_side(judge, RF_DIRECTION_TO, local, &frame, &answered);
}

/*
 * Between two devices both have a say: the sender's first. What is shown is the verdict of the device that was asked about, unless
 * the other one stops the frame.
 */
static int judge_both(struct judge *judge, const struct question *question, struct answer *answer)
{
	enum rf_direction own = question->inbound ? RF_DIRECTION_TO : RF_DIRECTION_FROM;
	uint32_t local = judge_owner(judge, question->local.mac.bytes),
		 remote = judge_owner(judge, question->remote.mac.bytes);
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct judge_verdict other = {0};
	struct capture_frame frame;
	int r = 0;

	question_frame(question, bytes, &frame);
	if (question->inbound && remote != POLICY_NONE)
		r = judge_side(judge, RF_DIRECTION_FROM, remote, &frame, &other);
	if (!r)
		r = judge_side(judge, own, local, &frame, &answer->verdict);
	if (!r && !question->inbound && remote != POLICY_NONE)
		r = judge_side(judge, RF_DIRECTION_TO, remote, &frame, &other);
	if (!r && other.policed && other.result.verdict == RF_DROP && answer->verdict.result.verdict == RF_PASS) {
		answer->verdict = other;
		answer->by = other.device;
	}
	return r;
}

static int judge_question(const struct policy_file *file, const struct question *question, struct answer *answer)
{
	struct judge judge __attribute__((cleanup(judge_free))) = {0};
	struct judge_verdict asked = {0};
	struct judge_engine engine = {0};
	char name[KNOWN_TEXT_MAX];
	uint32_t id;
	int code = judge_native_open(file, RF_SIZING_AUTO, &engine), r = 0;

	if (code)
		return code;
	if (judge_init(&judge, file, &engine, question->device == NULL))
		return cli_no_memory();
	if (*question->name)
		r = look_up(&judge, question, &asked);
	if (!r)
		r = judge_both(&judge, question, answer);
	if (r)
		return cli_fail(CLI_CANNOT, "the engine failed; please report this");
	answer->listed = name_listed_of(&asked.result, judge_name(&judge, &answer->verdict, name) != NULL);
	id = answer->verdict.result.rule;
	if (id < file->ruleset->n_rules)
		answer->rule = file->ruleset->rules[id].rule;
	return decider_find(file, &answer->verdict, answer->rule, &answer->decider) ? cli_no_memory() : CLI_DONE;
}

/* FILE:LINE, or NULL. */
static const char *decider_place(const struct policy_file *file, const struct decider *decider,
				 char buf[POLICY_FILE_RULE_MAX])
{
	if (!decider->line)
		return NULL;
	snprintf(buf, POLICY_FILE_RULE_MAX, "%s:%u", file->policy->file, decider->line);
	return buf;
}

static int print_json(const struct output *out, const struct policy_file *file, const struct question *question,
		      const struct answer *answer)
{
	const struct rf_result *result = &answer->verdict.result;
	char place[POLICY_FILE_RULE_MAX], mac[MAC_TEXT_MAX], local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX], number[8];
	const char *proto = policy_proto_text(question->proto);
	json_t *object;

	snprintf(number, sizeof(number), "%u", question->proto);
	object = json_pack("{s:o, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:s, s:s, s:o, s:o}", "device",
			   output_json_text(question->device ? question->device->name : NULL), "mac",
			   mac_format(&question->local.mac, mac), "direction", question->inbound ? "to" : "from",
			   "proto", proto ? proto : number, "port",
			   question_has_port(question) ? json_integer(question->port) : json_null(), "local",
			   addr_format(&question->local.addr, local), "remote",
			   addr_format(&question->remote.addr, remote), "name",
			   output_json_text(*question->name ? question->name : NULL), "verdict",
			   result->verdict == RF_PASS ? "pass" : "drop", "reason", reason_text(result->reason), "rule",
			   output_json_text(decider_place(file, &answer->decider, place)), "text",
			   output_json_text(answer->decider.text));
	if (object && result->reason == RF_REASON_WOULD_DROP)
		json_object_set_new(object, "would", json_string(reason_text(result->would)));
	if (object && *question->name)
		json_object_set_new(object, "question", json_string(name_listed_text(answer->listed)));
	if (object)
		json_object_set_new(object, "decided_by", output_json_text(answer->by ? answer->by->name : NULL));
	if (object)
		json_object_set_new(object, "changed", json_boolean(answer->changed));
	return output_json(out, object);
}

static void print_ends(const struct output *out, const struct question *question)
{
	char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], number[8];
	const char *proto = policy_proto_text(question->proto);

	snprintf(number, sizeof(number), "%u", question->proto);
	output_print(out, OUTPUT_PLAIN, "  asked    %s (%s, %s) %s %s",
		     question->device ? question->device->name : "unknown device",
		     mac_format(&question->local.mac, mac), addr_format(&question->local.addr, local),
		     question->inbound ? "from" : "to",
		     *question->name ? question->name : addr_format(&question->remote.addr, remote));
	output_print(out, OUTPUT_PLAIN, ", %s", proto ? proto : number);
	if (question_has_port(question))
		output_print(out, OUTPUT_PLAIN, "/%u", question->port);
	output_print(out, OUTPUT_PLAIN, "\n");
}

static void print_text(const struct output *out, const struct policy_file *file, const struct question *question,
		       const struct answer *answer)
{
	const struct rf_result *result = &answer->verdict.result;
	char place[POLICY_FILE_RULE_MAX];
	bool pass = result->verdict == RF_PASS;
	const char *where = decider_place(file, &answer->decider, place);

	output_print(out, pass ? OUTPUT_GOOD : OUTPUT_BAD, "%s", pass ? "pass" : "drop");
	output_print(out, OUTPUT_BOLD, " %s", reason_text(result->reason));
	output_print(out, OUTPUT_PLAIN, ": %s", reason_sentence(result->reason));
	if (result->reason == RF_REASON_WOULD_DROP)
		output_print(out, OUTPUT_PLAIN, " (%s)", reason_text(result->would));
	output_print(out, OUTPUT_PLAIN, "\n");
	print_ends(out, question);
	if (answer->by)
		output_print(out, OUTPUT_PLAIN, "  decided  by what %s may do\n", answer->by->name);
	if (answer->decider.text)
		output_print(out, OUTPUT_PLAIN, "  rule     %s%s%s\n", where ? where : "", where ? ": " : "",
			     answer->decider.text);
	if (*question->name)
		output_print(out, OUTPUT_PLAIN, "  name     %s\n", name_listed_sentence(answer->listed));
}

static int explain(struct cli *cli, const struct cli_args *args, const struct source *source)
{
	const struct policy_file_machine machine = {source->gateways, source->n_gateways};
	const struct question_machine question_machine = {source->gateways, source->n_gateways};
	const struct question_text text = {args->arg[0], args->arg[1], args->arg[2], args->option[EXPLAIN_FROM],
					   args->option[EXPLAIN_INBOUND] != NULL};
	struct policy_file file AUTO_POLICY_FILE = {0};
	struct answer answer = {0};
	struct question question;
	int code = policy_file_open(source->path, &machine, &file);

	if (!code)
		code = question_read(&text, file.policy, &question_machine, &question);
	if (!code)
		code = judge_question(&file, &question, &answer);
	if (code)
		return code;
	if (source->reply)
		answer.changed = policy_file_changed(
			&file,
			json_string_value(json_object_get(json_object_get(source->reply, "parameters"), "policy")));
	if (!args->option[EXPLAIN_JSON])
		print_text(&cli->out, &file, &question, &answer);
	else if (print_json(&cli->out, &file, &question, &answer))
		code = cli_no_memory();
	free(answer.decider.text);
	return code;
}

int cmd_explain(struct cli *cli, const struct cli_args *args)
{
	struct source source = {.path = args->option[EXPLAIN_POLICY]};
	int code = source.path ? CLI_DONE : ask_source(cli, &source);

	/* Used only where the policy itself names no gateway. */
	if (!source.n_gateways && addr_parse(QUESTION_GATEWAY, &source.gateways[0]) == ADDR_OK)
		source.n_gateways = 1;

	if (!code)
		code = explain(cli, args, &source);
	json_decref(source.reply);
	return code;
}
