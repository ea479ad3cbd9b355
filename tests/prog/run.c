// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - see run.h. Stops at the first step that fails: what comes after it in the case would only follow from it.
 */
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../host/frame.h"
#include "check.h"
#include "macro.h"

struct progress {
	const struct run *run;
	struct run_record *record;
	const struct ruleset *ruleset;
	size_t generation;
	const char *why; /* skipped */
};

__attribute__((format(printf, 3, 4))) static enum run_status fail(const struct run *run, const struct step *step,
								  const char *format, ...)
{
	va_list list;

	printf("%s:%u: %s: %s: ", run->packet_case->file, step->line, run->packet_case->name, run->ops->name);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	return RUN_FAILED;
}

int run_frame(const struct packet_case *packet_case, const struct step *step, uint64_t counter, struct frame *ret_frame)
{
	AUTO_FREE char *text = macros_count(step->text, counter);
	char error[FRAME_ERROR_MAX] = "";
	int err = text ? frame_build(text, ret_frame, error) : -ENOMEM;

	if (err)
		fprintf(stderr, "%s:%u: %s\n", packet_case->file, step->line, error);
	return err;
}

static int remember(struct run_record *record, const struct rf_result *result)
{
	if (record->n == record->capacity) {
		size_t wanted = record->capacity ? record->capacity * 2 : 64;
		struct rf_result *more = reallocarray(record->results, wanted, sizeof(*more));

		if (!more)
			return -ENOMEM;
		record->results = more;
		record->capacity = wanted;
	}
	record->results[record->n++] = *result;
	return 0;
}

static enum run_status judge(struct progress *progress, const struct step *step, const struct world_frame *frame)
{
	const struct run *run = progress->run;
	struct rf_result result = {0};
	char text[CHECK_TEXT_MAX], name[KNOWN_TEXT_MAX];
	size_t n = progress->record->n;
	int err;

	progress->why = run->ops->refuses(run->world, frame);
	if (progress->why)
		return RUN_SKIPPED;
	err = run->ops->judge(run->world, frame, &result);
	if (!err)
		err = remember(progress->record, &result);
	if (err)
		return fail(run, step, "the frame could not be judged: %s", strerror(-err));
	if (!check_result(&result, run->ops->dns_name(run->world, &result, name), &step->expect, progress->ruleset,
			  text))
		return fail(run, step, "frame %zu: %s", n + 1, text);
	if (run->other_record &&
	    (n >= run->other_record->n || !check_same_result(&result, &run->other_record->results[n])))
		return fail(run, step, "frame %zu: not judged as natively (rule, device or generation)", n + 1);
	return RUN_PASSED;
}

static enum run_status step_frame(struct progress *progress, const struct step *step)
{
	enum run_status status = RUN_PASSED;

	for (uint64_t i = 0; i < step->times && status == RUN_PASSED; i++) {
		struct frame frame;
		struct world_frame input;

		if (run_frame(progress->run->packet_case, step, step->first + i, &frame))
			return fail(progress->run, step, "the frame cannot be made");
		input = (struct world_frame){
			.direction = step->direction,
			.bytes = frame.bytes,
			.cap_len = (uint32_t)(step->snap && step->snap < frame.len ? step->snap : frame.len),
			.wire_len = (uint32_t)frame.len,
			.time_ns = step->time_ns,
			.ifindex = setting_ifindex(progress->run->setting, step->port),
			.has_tag = step->has_tag,
			.tag = step->tag,
		};
		status = judge(progress, step, &input);
	}
	return status;
}

static enum run_status step_reload(struct progress *progress, const struct step *step)
{
	const struct run *run = progress->run;
	int err;

	progress->ruleset = run->setting->generations[++progress->generation].ruleset;
	err = run->ops->reload(run->world, progress->ruleset);
	return err ? fail(run, step, "reload: %s", strerror(-err)) : RUN_PASSED;
}

static enum run_status step_count(struct progress *progress, const struct step *step)
{
	const struct run *run = progress->run;
	char text[CHECK_TEXT_MAX];

	if (check_count(run->ops, run->world, progress->ruleset, step->text, text))
		return fail(run, step, "%s", text);
	return RUN_PASSED;
}

static enum run_status step_events(struct progress *progress, const struct step *step)
{
	const struct run *run = progress->run;
	size_t n = run->ops->events(run->world)->n;

	return n == step->number ? RUN_PASSED : fail(run, step, "expected %s events, got %zu", step->text, n);
}

static enum run_status run_step(struct progress *progress, const struct step *step)
{
	switch (step->kind) {
	case STEP_FRAME:
		return step_frame(progress, step);
	case STEP_RELOAD:
		return step_reload(progress, step);
	case STEP_COUNT:
		return step_count(progress, step);
	case STEP_EVENTS:
		return step_events(progress, step);
	}
	return RUN_FAILED;
}

enum run_status run_case(const struct run *run, struct run_record *ret_record, const char **ret_why)
{
	const struct packet_case *packet_case = run->packet_case;
	const struct step *last = &packet_case->steps[packet_case->n_steps - 1];
	struct progress progress = {.run = run, .record = ret_record, .ruleset = run->setting->generations[0].ruleset};
	enum run_status status = RUN_PASSED;
	char text[CHECK_TEXT_MAX];
	int err = run->ops->begin(run->world, progress.ruleset);

	ret_record->n = 0;
	if (err)
		return fail(run, packet_case->steps, "cannot begin: %s", strerror(-err));
	for (size_t i = 0; i < packet_case->n_steps && status == RUN_PASSED; i++)
		status = run_step(&progress, &packet_case->steps[i]);
	*ret_why = progress.why;
	if (status == RUN_PASSED && run->other_world &&
	    !check_same(run->ops, run->world, run->other_ops, run->other_world, progress.ruleset->n_indices, text))
		return fail(run, last, "%s", text);
	return status;
}
