// SPDX-License-Identifier: GPL-2.0-only
/*
 * case_expect.c - reads what a frame must come to: verdict, reason, rule, device, name. Refuses what cannot come together.
 */
#include "case_reader.h"

#include <errno.h>
#include <string.h>

static const struct word {
	const char *text;
	uint8_t verdict;
} reason_words[RF_REASON_COUNT] = {
#define X(name, word, verdict, sentence) [RF_REASON_##name] = {word, verdict},
	RF_REASON_LIST(X)
#undef X
};

static int find_reason(const struct case_reader *reader, const char *text, enum rf_reason *ret_reason)
{
	for (int i = RF_REASON_NONE + 1; i < RF_REASON_COUNT; i++)
		if (strcmp(reason_words[i].text, text) == 0) {
			*ret_reason = (enum rf_reason)i;
			return 0;
		}
	return case_fail(reader, "no reason is called \"%s\"", text);
}

static int read_expect_word(struct case_reader *reader, char *word, struct expectation *expect)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (value && strcmp(word, "would") == 0)
		return find_reason(reader, value, &expect->would);
	if (value && strcmp(word, "rule") == 0)
		return (expect->rule = case_keep(reader, value)) ? 0 : -ENOMEM;
	if (value && strcmp(word, "device") == 0)
		return (expect->device = case_keep(reader, value)) ? 0 : -ENOMEM;
	if (value && strcmp(word, "name") == 0)
		return (expect->name = case_keep(reader, value)) ? 0 : -ENOMEM;
	return case_fail(reader, "an expectation has no \"%s\"", word);
}

int case_read_expect(struct case_reader *reader, char *text)
{
	struct packet_case *packet_case = case_current(reader);
	struct step *step = packet_case && packet_case->n_steps ? &packet_case->steps[packet_case->n_steps - 1] : NULL;
	struct expectation expect = {.given = true};
	const char *verdict = case_take_word(&text);
	int err;

	if (!step || step->kind != STEP_FRAME || step->expect.given)
		return case_fail(reader, "an expectation must follow one frame");
	if (strcmp(verdict, "pass") != 0 && strcmp(verdict, "drop") != 0)
		return case_fail(reader, "a verdict is pass or drop, not \"%s\"", verdict);
	expect.verdict = verdict[0] == 'p' ? RF_PASS : RF_DROP;
	err = find_reason(reader, case_take_word(&text), &expect.reason);
	if (!err && reason_words[expect.reason].verdict != expect.verdict)
		err = case_fail(reader, "the reason %s is not one to %s", reason_words[expect.reason].text, verdict);
	while (!err && *text)
		err = read_expect_word(reader, case_take_word(&text), &expect);
	if (!err && (expect.would != RF_REASON_NONE) != (expect.reason == RF_REASON_WOULD_DROP))
		err = case_fail(reader, "would-drop says what it would have had, other reasons do not");
	if (!err)
		step->expect = expect;
	return err;
}

int case_check_expects(struct case_reader *reader)
{
	const struct packet_case *packet_case = case_current(reader);

	if (!packet_case)
		return 0;
	for (size_t i = 0; i < packet_case->n_steps; i++)
		if (packet_case->steps[i].kind == STEP_FRAME && !packet_case->steps[i].expect.given) {
			reader->line = packet_case->steps[i].line;
			return case_fail(reader, "this frame has no expectation");
		}
	if (!packet_case->n_steps)
		return case_fail(reader, "the case before has no frame");
	return 0;
}
