// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: what a person may type behind `ringfence explain`: DEVICE, PROTO/PORT, DEST and --from, a line each; the first byte says whether --inbound.
 *
 * What is refused says why in one line of printable text; of what is understood the frames are whole, as the core reads them, and are those that the
 * question is about.
 * Room: user/cli/question.c user/cli/question_frame.c
 */
#include "fuzz.h"

#include <netinet/in.h>

#include "../../user/cli/facts.h"
#include "../../user/cli/question.h"

#define POLICY "tests/cases/policy/good-all.yaml"

static struct policy *policy;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	AUTO_DIAGS struct diags diags = {0};

	(void)argc;
	(void)argv;
	if (policy_read_file(POLICY, &diags, &policy)) {
		diags_print(&diags, stderr);
		exit(EXIT_FAILURE);
	}
	return 0;
}

static bool same_addr(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Addresses that no packet can have are asked about all the same, and the answer is `malformed`. */
static void check_frame(const struct question *question, const struct question_end *from, const struct question_end *to)
{
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct capture_frame frame;
	struct facts facts;

	question_frame(question, bytes, &frame);
	REQUIRE(frame.cap_len <= sizeof(bytes) && frame.wire_len >= frame.cap_len);
	REQUIRE(memcmp(frame.bytes, to->mac.bytes, 6) == 0 && memcmp(frame.bytes + 6, from->mac.bytes, 6) == 0);
	facts_read(&frame, &facts);
	if (!facts.whole)
		return;
	REQUIRE(facts.proto == question->proto);
	REQUIRE(same_addr(&facts.src, &from->addr) && same_addr(&facts.dst, &to->addr));
	if (question_has_port(question))
		REQUIRE(facts.ports && facts.dport == question->port);
}

static void check_look_up(const struct question *question)
{
	uint8_t bytes[QUESTION_FRAME_MAX];
	struct capture_frame frame;

	question_ask_frame(question, bytes, &frame);
	REQUIRE(frame.cap_len <= sizeof(bytes));
	question_answer_frame(question, bytes, &frame);
	REQUIRE(frame.cap_len <= sizeof(bytes));
}

static void check(const struct question *question)
{
	const struct question_end *local = &question->local, *remote = &question->remote;

	check_frame(question, question->inbound ? remote : local, question->inbound ? local : remote);
	if (*question->name)
		check_look_up(question);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct food food = {data, size};
	const uint8_t flags = food_8(&food);
	const struct addr gateways[] = {{{[10] = 0xff, 0xff, 192, 168, 1, 1}}};
	const struct question_machine machine = {gateways, flags & 2 ? 1 : 0};
	AUTO_FREE char *device = food_line(&food), *service = food_line(&food), *dest = food_line(&food),
		       *from = food_line(&food);
	const struct question_text text = {device, service, dest, from, flags & 1};
	FILE *before = stderr;
	struct question question;
	struct printed said;
	int code;

	if (!dest)
		return 0;
	printed_begin(&said);
	stderr = said.out;
	code = question_read(&text, policy, &machine, &question);
	stderr = before;
	fflush(said.out);
	REQUIRE((code == CLI_DONE) == (said.len == 0));
	printed_end(&said);
	if (code == CLI_DONE)
		check(&question);
	return 0;
}
