// SPDX-License-Identifier: GPL-2.0-only
/*
 * dump.c - see dump.h.
 */
#include "dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../host/frame.h"
#include "case.h"
#include "run.h"

static const char *const reason_texts[RF_REASON_COUNT] = {
#define X(name, text, verdict, sentence) [RF_REASON_##name] = text,
	RF_REASON_LIST(X)
#undef X
};

static void put_frame(const struct step *step, const struct frame *frame)
{
	const struct expectation *expect = &step->expect;
	const size_t len = step->snap && step->snap < frame->len ? step->snap : frame->len;
	char tag[8] = "-";

	if (step->has_tag)
		snprintf(tag, sizeof(tag), "%04x", step->tag);
	printf("frame %u %s %" PRIu64 " %s %s %zu %s %s %s ", step->line,
	       step->direction == RF_DIRECTION_FROM ? "from" : "to", step->time_ns, step->port ? step->port : "-", tag,
	       frame->len, expect->verdict == RF_PASS ? "pass" : "drop", reason_texts[expect->reason],
	       expect->would ? reason_texts[expect->would] : "-");
	for (size_t i = 0; i < len; i++)
		printf("%02x", frame->bytes[i]);
	puts(len ? "" : "-");
}

static int put_step(const struct packet_case *packet_case, const struct step *step)
{
	struct frame frame;

	if (step->kind == STEP_RELOAD)
		printf("reload %s\n", step->text);
	if (step->kind != STEP_FRAME)
		return 0;
	for (uint64_t i = 0; i < step->times; i++) {
		int err = run_frame(packet_case, step, step->first + i, &frame);

		if (err)
			return err;
		put_frame(step, &frame);
	}
	return 0;
}

int dump_write(const struct case_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct packet_case *packet_case = &list->items[i];

		printf("case %s\npolicy %s\n", packet_case->name, packet_case->policy);
		for (size_t k = 0; k < packet_case->n_steps; k++)
			if (put_step(packet_case, &packet_case->steps[k]))
				return EXIT_FAILURE;
	}
	return ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
