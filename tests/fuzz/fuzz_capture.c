// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any bytes as a capture file, through libpcap and all that `ringfence replay` does with a frame: whose it is, the native engine, what it is
 * for people, the sums and what is printed of them.
 *
 * Frames are numbered, time does not go back, no frame is longer there than it was on the wire; a damaged file is said to be one; sums add up.
 * Room: user/cli/capture.c user/cli/judge.c user/cli/judge_native.c user/cli/facts.c user/cli/tally.c user/cli/tally_names.c
 */
#include "fuzz.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/cli/cli.h"
#include "../../user/cli/tally.h"
#include "../../user/common/control.h"

#define POLICY "tests/cases/packets/lan.yaml"
#define KINDS 10
#define FRAMES_MAX 2000 /* of one input: libFuzzer needs speed */

static struct policy_file file;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (policy_file_open(POLICY, NULL, &file) != CLI_DONE)
		exit(EXIT_FAILURE);
	return 0;
}

struct replay {
	struct judge judge;
	struct tally tally;
	uint64_t frames, time_ns;
};

static void take_frame(struct replay *replay, const struct capture_frame *frame)
{
	char name_buf[KNOWN_TEXT_MAX], text[FACTS_TEXT_MAX];
	struct judge_verdict verdict;
	AUTO_JSON json_t *object = json_object();
	struct facts facts;

	REQUIRE(frame->number == ++replay->frames);
	REQUIRE(frame->time_ns >= replay->time_ns && frame->time_ns >= CAPTURE_START_NS);
	REQUIRE(frame->cap_len <= frame->wire_len);
	replay->time_ns = frame->time_ns;
	REQUIRE(!judge_frame(&replay->judge, frame, &verdict));
	REQUIRE(verdict.policed || verdict.result.reason == RF_REASON_UNPOLICED);
	facts_read(frame, &facts);
	REQUIRE(object && !facts_add_json(&facts, object));
	facts_text(&facts, text);
	REQUIRE(text_is_printable(text, strlen(text)));
	REQUIRE(!tally_add(&replay->tally, frame, &facts, &verdict, judge_name(&replay->judge, &verdict, name_buf)));
}

static void check_sums(const struct replay *replay)
{
	const struct tally *tally = &replay->tally;
	uint64_t by_reason = 0, by_direction = tally->unpoliced;
	struct printed said;

	for (int i = 0; i < RF_REASON_COUNT; i++)
		by_reason += tally->by_reason[i];
	for (int i = 0; i < RF_DIRECTION_COUNT; i++)
		by_direction += tally->direction[i].pass + tally->direction[i].drop;
	REQUIRE(tally->frames == replay->frames && by_reason == replay->frames && by_direction == replay->frames);
	printed_begin(&said);
	{
		const struct output out = {.file = said.out};

		REQUIRE(!tally_print(tally, &out));
		REQUIRE(!output_json(&out, tally_json(tally)));
	}
	printed_end(&said);
}

static void replay_all(struct capture *capture, bool unknown)
{
	struct judge_engine engine = {0};
	struct replay replay = {0};
	char error[CAPTURE_ERROR_MAX] = "";
	struct capture_frame frame;
	int r;

	REQUIRE(judge_native_open(&file, RF_SIZING_AUTO, &engine) == CLI_DONE);
	REQUIRE(!judge_init(&replay.judge, &file, &engine, unknown));
	REQUIRE(!tally_init(&replay.tally, &file, KINDS));
	while ((r = capture_next(capture, &frame, error)) == 1 && replay.frames < FRAMES_MAX)
		take_frame(&replay, &frame);
	REQUIRE(r == 0 || r == 1 || (r == -EIO && *error));
	check_sums(&replay);
	tally_free(&replay.tally);
	judge_free(&replay.judge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[64], error[CAPTURE_ERROR_MAX] = "";
	struct capture *capture = NULL;
	int r;

	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = capture_open(path, &capture, error);
	REQUIRE((r == 0) == (capture != NULL) && (r == 0) == !*error);
	if (capture)
		replay_all(capture, size & 1);
	capture_close(capture);
	close(fd);
	return 0;
}
