// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge_native.c - the core compiled natively as an engine for judge.h. Needs no privilege.
 */
#include <errno.h>
#include <string.h>

#include "../engine/engine.h"
#include "cli.h"
#include "judge.h"

static int native_run(void *state, enum rf_direction direction, const struct capture_frame *frame,
		      struct rf_result *ret_result)
{
	const struct engine_frame input = {
		.bytes = frame->bytes,
		.cap_len = frame->cap_len,
		.wire_len = frame->wire_len,
		.time_ns = frame->time_ns,
	};

	return engine_judge(state, direction, &input, ret_result);
}

static const char *native_name(void *state, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	return engine_name(state, result, buf);
}

static void native_free(void *state)
{
	engine_free(state);
}

int judge_native_open(const struct policy_file *file, enum rf_sizing_id sizing, struct judge_engine *ret_engine)
{
	struct engine *engine;
	int r = engine_new(file->ruleset, sizing, &engine);

	if (r == -ENOMEM)
		return cli_no_memory();
	if (r)
		return cli_fail(CLI_CANNOT, "the native engine does not take this policy: %s", strerror(-r));
	*ret_engine =
		(struct judge_engine){.run = native_run, .name = native_name, .free = native_free, .state = engine};
	return CLI_DONE;
}
