// SPDX-License-Identifier: GPL-2.0-only
/*
 * reach.c - see reach.h.
 */
#include "reach.h"

#include "question.h"

int reach_open(const struct policy_file *file, struct reach *reach)
{
	struct judge_engine engine = {0};
	int code = judge_native_open(file, RF_SIZING_AUTO, &engine);

	if (code)
		return code;
	return judge_init(&reach->judge, file, &engine, true) ? cli_no_memory() : CLI_DONE;
}

void reach_close(struct reach *reach)
{
	judge_free(&reach->judge);
}

int reach_ask(void *context, const struct policy_device *device, const struct addr *addr, uint8_t proto, uint16_t port)
{
	struct reach *reach = context;
	struct judge_verdict verdict;
	struct capture_frame frame;
	struct question question;
	uint8_t bytes[QUESTION_FRAME_MAX];
	int r;

	question_to(reach->judge.file->policy, device, addr, &question);
	question.proto = proto;
	question.port = port;
	question_frame(&question, bytes, &frame);
	r = judge_side(&reach->judge, RF_DIRECTION_FROM, POLICY_NONE, &frame, &verdict);
	return r ? r : verdict.result.verdict == RF_PASS;
}
