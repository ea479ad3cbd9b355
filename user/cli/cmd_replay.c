// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_replay.c - `ringfence replay`: run a capture through a policy.
 *
 * capture.c gives frames, judge.c their verdicts, tally.c counts; this file only joins them and prints the frames as JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../common/sizing.h"
#include "../common/text.h"
#include "commands.h"
#include "judge.h"
#include "reason_text.h"
#include "tally.h"

#define KINDS_DEFAULT 10     /* fits a screen below the table of reasons */
#define KINDS_MAX 1000	     /* they are searched one by one */
#define PROGRESS_FRAMES 4096 /* between two looks at the clock */
#define PROGRESS_S 1

#define TIME_MAX 32

struct replay {
	struct cli *cli;
	const char *path;
	struct policy_file *file;
	struct capture *capture;
	struct judge judge;
	struct tally tally;
	bool json;
	time_t told; /* when progress was last shown */
	bool shown;
};

/* Seconds of the epoch; six digits as the format says, nine where the capture has them. */
static const char *time_text(int64_t wall_ns, char buf[TIME_MAX])
{
	int64_t seconds = wall_ns / 1000000000, rest = wall_ns % 1000000000;

	if (rest % 1000)
		snprintf(buf, TIME_MAX, "%" PRId64 ".%09" PRId64, seconds, rest);
	else
		snprintf(buf, TIME_MAX, "%" PRId64 ".%06" PRId64, seconds, rest / 1000);
	return buf;
}

static int print_frame(struct replay *replay, const struct capture_frame *frame, const struct facts *facts,
		       const struct judge_verdict *verdict, const char *name)
{
	const struct rf_result *result = &verdict->result;
	char when[TIME_MAX], mac[MAC_TEXT_MAX], rule[POLICY_FILE_RULE_MAX];
	json_t *object =
		json_pack("{s:I, s:s, s:o, s:o, s:o, s:s, s:s, s:o}", "frame", (json_int_t)frame->number, "time",
			  time_text(frame->wall_ns, when), "direction",
			  output_json_text(verdict->policed ? direction_text(verdict->direction) : NULL), "device",
			  output_json_text(verdict->device ? verdict->device->name : NULL), "mac",
			  output_json_text(verdict->policed ? mac_format(&verdict->mac, mac) : NULL), "verdict",
			  result->verdict == RF_PASS ? "pass" : "drop", "reason", reason_text(result->reason), "rule",
			  output_json_text(policy_file_rule(replay->file, result->rule, rule)));

	if (!object)
		return -ENOMEM;
	if (result->reason == RF_REASON_WOULD_DROP)
		json_object_set_new(object, "would", json_string(reason_text(result->would)));
	if (facts_add_json(facts, object) || json_object_set_new(object, "name", output_json_text(name))) {
		json_decref(object);
		return -ENOMEM;
	}
	return output_json_line(&replay->cli->out, object);
}

static void show_progress(struct replay *replay, bool last)
{
	uint64_t size, at;
	time_t now = time(NULL);

	if (last) {
		if (replay->shown)
			fputs("\r\033[K", stderr);
		return;
	}
	if (now < replay->told + PROGRESS_S)
		return;
	replay->told = now;
	replay->shown = true;
	at = capture_position(replay->capture, &size);
	fprintf(stderr, "\r\033[K%" PRIu64 " frames", replay->tally.frames);
	if (size)
		fprintf(stderr, ", %" PRIu64 " %%", at * 100 / size);
}

static int judge_one(struct replay *replay, const struct capture_frame *frame)
{
	struct judge_verdict verdict;
	char buf[KNOWN_TEXT_MAX];
	struct facts facts;
	const char *name;
	int r = judge_frame(&replay->judge, frame, &verdict);

	if (r)
		return cli_fail(CLI_CANNOT, "frame %" PRIu64 ": the engine failed: %s", frame->number, strerror(-r));
	facts_read(frame, &facts);
	name = judge_name(&replay->judge, &verdict, buf);
	if (tally_add(&replay->tally, frame, &facts, &verdict, name))
		return cli_no_memory();
	if (!replay->json)
		return CLI_DONE;
	r = print_frame(replay, frame, &facts, &verdict, name);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot write the result: %s", strerror(-r));
	return CLI_DONE;
}

/* CLI_NO: the file is damaged; what came before was judged. */
static int judge_all(struct replay *replay)
{
	/* Only where nobody else writes: JSON or text on the same terminal would be torn apart. */
	bool progress = isatty(STDERR_FILENO) == 1 && !(replay->json && replay->cli->out.terminal);
	char error[CAPTURE_ERROR_MAX];
	struct capture_frame frame;
	int r, code = CLI_DONE;

	replay->told = time(NULL);
	while ((r = capture_next(replay->capture, &frame, error)) == 1) {
		code = judge_one(replay, &frame);
		if (code)
			break;
		if (progress && frame.number % PROGRESS_FRAMES == 0)
			show_progress(replay, false);
	}
	show_progress(replay, true);
	if (!code && r < 0)
		code = cli_fail(CLI_NO, "%s: %s; the frames before it were judged", replay->path, error);
	return code;
}

static int print_result(struct replay *replay)
{
	const struct output *out = &replay->cli->out;
	int r = replay->json ? output_json(out, tally_json(&replay->tally)) : tally_print(&replay->tally, out);

	return r ? cli_fail(CLI_CANNOT, "cannot write the result: %s", strerror(-r)) : CLI_DONE;
}

static int open_engine(const struct cli_args *args, const struct policy_file *file, struct judge_engine *ret_engine)
{
	const char *name = args->option[REPLAY_ENGINE], *word = args->option[REPLAY_SIZING];
	enum rf_sizing_id sizing = RF_SIZING_AUTO;

	if (word && !sizing_parse(word, &sizing))
		return cli_fail(CLI_MISUSE, "replay: no sizing `%s'; there are auto, home, campus and provider", word);
	if (!name || strcmp(name, "native") == 0)
		return judge_native_open(file, sizing, ret_engine);
	if (strcmp(name, "kernel") == 0)
		return judge_kernel_open(file, sizing, ret_engine);
	return cli_fail(CLI_MISUSE, "replay: no engine `%s'; there are native and kernel", name);
}

static int replay_run(struct replay *replay, const struct cli_args *args, size_t kinds)
{
	struct judge_engine engine = {0};
	char error[CAPTURE_ERROR_MAX];
	int r = capture_open(replay->path, &replay->capture, error), code;

	if (r)
		return r == -ENOMEM ? cli_no_memory() : cli_fail(CLI_NO, "%s", error);
	code = open_engine(args, replay->file, &engine);
	if (code)
		return code;
	if (judge_init(&replay->judge, replay->file, &engine, args->option[REPLAY_UNKNOWN] != NULL) ||
	    tally_init(&replay->tally, replay->file, kinds))
		return cli_no_memory();
	code = judge_all(replay);
	if (code && code != CLI_NO)
		return code;
	r = print_result(replay);
	return r ? r : code;
}

int cmd_replay(struct cli *cli, const struct cli_args *args)
{
	struct policy_file file AUTO_POLICY_FILE = {0};
	struct replay replay = {
		.cli = cli, .path = args->arg[0], .file = &file, .json = args->option[REPLAY_JSON] != NULL};
	uint64_t kinds = KINDS_DEFAULT;
	int code;

	if (!args->option[REPLAY_POLICY])
		return cli_fail(CLI_MISUSE, "replay: by which policy? --policy FILE is missing");
	if (args->option[REPLAY_DROPS] && !text_to_u64(args->option[REPLAY_DROPS], KINDS_MAX, &kinds))
		return cli_fail(CLI_MISUSE, "replay: --drops takes a number up to %d", KINDS_MAX);
	code = policy_file_open(args->option[REPLAY_POLICY], NULL, &file);
	if (code)
		return code;
	code = replay_run(&replay, args, (size_t)kinds);
	judge_free(&replay.judge);
	tally_free(&replay.tally);
	capture_close(replay.capture);
	return code;
}
