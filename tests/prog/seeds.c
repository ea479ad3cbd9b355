// SPDX-License-Identifier: GPL-2.0-only
/*
 * seeds.c - see seeds.h.
 */
#include "seeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../host/frame.h"
#include "case.h"
#include "run.h"

/* Of a frame that a case repeats: a fuzzer repeats by itself. */
#define REPEATS_MAX 4

static void put_record(FILE *out, const struct seed_record *record, const struct frame *frame)
{
	const uint8_t head[SEED_HEAD_BYTES] = {
		record->choice,	      (uint8_t)record->wait_ms,	   (uint8_t)(record->wait_ms >> 8),
		record->flags,	      (uint8_t)record->tag,	   (uint8_t)(record->tag >> 8),
		(uint8_t)record->len, (uint8_t)(record->len >> 8),
	};

	fwrite(head, 1, sizeof(head), out);
	fwrite(frame->bytes, 1, record->len, out);
}

/* A policy that is not in the fuzzer's set counts as the first. */
static uint8_t policy_choice(const char *path)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < SEED_POLICY_COUNT; i++)
		if (strcmp(seed_policies[i], slash ? slash + 1 : path) == 0)
			return (uint8_t)i;
	return 0;
}

/* The ports that tests/cases/packets names, in the order of its policies; any other is a wrong one. */
static uint8_t port_choice(const char *port)
{
	if (!port)
		return 0;
	return strcmp(port, "wlan0") == 0 ? 1 : strcmp(port, "wlan1") == 0 ? 2 : 3;
}

struct progress {
	FILE *out;
	const struct packet_case *packet_case;
	const char *policy;
	uint64_t before_ns;
	bool reload;
};

static int write_step(struct progress *progress, const struct step *step)
{
	for (uint64_t i = 0; i < step->times && i < REPEATS_MAX; i++) {
		uint64_t ms = (step->time_ns - progress->before_ns) / 1000000;
		struct seed_record record = {.wait_ms = (uint16_t)ms, .tag = step->tag};
		struct frame frame;

		if (run_frame(progress->packet_case, step, step->first + i, &frame))
			return -EINVAL;
		if (ms > UINT16_MAX) {
			record.flags |= SEED_LONG;
			record.wait_ms = (uint16_t)(ms / 1000 > UINT16_MAX ? UINT16_MAX : ms / 1000);
		}
		record.choice = policy_choice(progress->policy) | (uint8_t)(port_choice(step->port) << 4);
		record.flags |= (step->direction == RF_DIRECTION_TO ? SEED_TO : 0) | (step->has_tag ? SEED_TAG : 0) |
				(progress->reload ? SEED_RELOAD : 0);
		record.len = (uint16_t)frame.len;
		put_record(progress->out, &record, &frame);
		progress->before_ns = step->time_ns;
		progress->reload = false;
	}
	return 0;
}

static int write_case(const struct packet_case *packet_case, const char *dir)
{
	struct progress progress = {
		.packet_case = packet_case,
		.policy = packet_case->policy,
		.before_ns = packet_case->steps[0].time_ns,
	};
	AUTO_FREE char *path = NULL;
	AUTO_FCLOSE FILE *out = NULL;
	int err = 0;

	if (asprintf(&path, "%s/%s", dir, packet_case->name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	out = fopen(path, "we");
	if (!out)
		return -errno;
	progress.out = out;
	for (size_t i = 0; i < packet_case->n_steps && !err; i++) {
		const struct step *step = &packet_case->steps[i];

		if (step->kind == STEP_FRAME)
			err = write_step(&progress, step);
		if (step->kind == STEP_RELOAD) {
			progress.policy = step->text;
			progress.reload = true;
		}
	}
	return ferror(out) ? -EIO : err;
}

int seeds_write(const struct case_list *list, const char *dir)
{
	for (size_t i = 0; i < list->n; i++) {
		int err = write_case(&list->items[i], dir);

		if (err) {
			fprintf(stderr, "%s: %s\n", list->items[i].name, strerror(-err));
			return EXIT_FAILURE;
		}
	}
	printf("%zu seeds in %s\n", list->n, dir);
	return EXIT_SUCCESS;
}
