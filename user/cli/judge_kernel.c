// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge_kernel.c - the packet programs in the kernel, by test-run, as an engine for judge.h. Needs root.
 */
#include <errno.h>
#include <string.h>

#include "../datapath/replay.h"
#include "cli.h"
#include "judge.h"

static int kernel_run(void *state, enum rf_direction direction, const struct capture_frame *frame,
		      struct rf_result *ret_result)
{
	const struct replay_kernel_frame input = {
		.bytes = frame->bytes,
		.cap_len = frame->cap_len,
		.wire_len = frame->wire_len,
		.time_ns = frame->time_ns,
	};

	return replay_kernel_judge(state, direction, &input, ret_result);
}

static const char *kernel_name(void *state, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	return replay_kernel_name(state, result, buf);
}

static void kernel_free(void *state)
{
	replay_kernel_close(state);
}

int judge_kernel_open(const struct policy_file *file, enum rf_sizing_id sizing, struct judge_engine *ret_engine)
{
	struct replay_kernel *replay;
	struct fault fault = {0};
	int r = replay_kernel_open(file->ruleset, sizing, &fault, &replay);

	if (r)
		return cli_fail(CLI_CANNOT, "%s (`--engine native' needs no privilege)",
				*fault.text ? fault.text : strerror(-r));
	*ret_engine =
		(struct judge_engine){.run = kernel_run, .name = kernel_name, .free = kernel_free, .state = replay};
	return CLI_DONE;
}
