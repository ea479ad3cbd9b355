// SPDX-License-Identifier: GPL-2.0-only
/*
 * case.c - reads a file of packet cases, line by line. See case.h. Refuses what it does not understand: a case that says less than its author thinks
 * tests nothing.
 */
#include "case.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/sizing.h"
#include "../../user/common/text.h"
#include "case_reader.h"

#define NS_PER_MS 1000000ULL
#define SECONDS_MAX 1000000ULL
#define CLOCK_SECONDS_MAX (UINT64_MAX / 1000 / NS_PER_MS - SECONDS_MAX) /* that any wait after it can be told in ns */

/*
 * Cases begin an hour into the clock: a row that is free has ended at 0, and idle time counts back from now.
 */
#define TIME_FIRST_NS (3600ULL * 1000 * NS_PER_MS)

static int read_seconds(struct case_reader *reader, const char *text, uint64_t max, uint64_t *ret_ns)
{
	char whole[32];
	const char *point = strchr(text, '.');
	size_t n = point ? (size_t)(point - text) : strlen(text);
	uint64_t seconds = 0, ms = 0;
	char fraction[4] = "000";

	if (n >= sizeof(whole) || (point && strlen(point + 1) > 3))
		return case_fail(reader, "\"%s\" is no time in seconds with at most three decimals", text);
	memcpy(whole, text, n);
	whole[n] = '\0';
	if (point)
		memcpy(fraction, point + 1, strlen(point + 1));
	if (!text_to_u64(whole, max, &seconds) || !text_to_u64(fraction, 999, &ms))
		return case_fail(reader, "\"%s\" is no time in seconds with at most three decimals", text);
	*ret_ns = (seconds * 1000 + ms) * NS_PER_MS;
	return 0;
}

static int line_at(struct case_reader *reader, char *text)
{
	uint64_t ns = 0;
	int err = read_seconds(reader, text, SECONDS_MAX, &ns);

	if (!err && reader->begin_ns + ns < reader->now_ns)
		return case_fail(reader, "time does not go back");
	reader->now_ns = reader->begin_ns + ns;
	return err;
}

static int line_wait(struct case_reader *reader, char *text)
{
	uint64_t ns = 0;
	int err = read_seconds(reader, text, SECONDS_MAX, &ns);

	reader->now_ns += ns;
	return err;
}

static int line_clock(struct case_reader *reader, char *text)
{
	const struct packet_case *packet_case = case_current(reader);
	uint64_t ns = 0;
	int err = read_seconds(reader, text, CLOCK_SECONDS_MAX, &ns);

	if (!err && (!packet_case || packet_case->n_steps || ns < TIME_FIRST_NS))
		return case_fail(reader, "clock SECONDS, at least an hour, before the first frame of a case");
	reader->now_ns = reader->begin_ns = ns;
	return err;
}

static int line_generation(struct case_reader *reader, char *text)
{
	struct packet_case *packet_case = case_current(reader);
	uint64_t number = 0;

	if (!packet_case || !text_to_u64(text, UINT32_MAX, &number) || !number)
		return case_fail(reader, "generation N, in a case");
	if (packet_case->n_steps)
		reader->generation = (uint32_t)number;
	else
		packet_case->generation = (uint32_t)number;
	return 0;
}

static int line_policy(struct case_reader *reader, char *text)
{
	reader->policy = case_keep_path(reader, text);
	return reader->policy ? 0 : -ENOMEM;
}

static int line_define(struct case_reader *reader, char *text)
{
	const char *name = case_take_word(&text);

	return macros_define(&reader->macros, reader->list->arena, name, text);
}

static int line_case(struct case_reader *reader, char *text)
{
	struct case_list *list = reader->list;
	int err = reader->now_ns ? case_check_expects(reader) : 0;

	if (err)
		return err;
	if (!reader->policy)
		return case_fail(reader, "a case needs a policy before it");
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].name, text) == 0)
			return case_fail(reader, "the case %s is there already (%s:%u)", text, list->items[i].file,
					 list->items[i].line);
	if (case_grow(&list->items, list->n, &list->capacity, sizeof(*list->items)))
		return -ENOMEM;
	list->items[list->n++] = (struct packet_case){
		.name = case_keep(reader, text),
		.file = case_keep(reader, reader->path),
		.policy = reader->policy,
		.line = reader->line,
	};
	reader->now_ns = reader->begin_ns = TIME_FIRST_NS;
	reader->generation = 0;
	reader->next = (struct step){.times = 1};
	return 0;
}

static int line_sizing(struct case_reader *reader, char *text)
{
	struct case_list *list = reader->list;

	if (!reader->now_ns || list->items[list->n - 1].n_steps)
		return case_fail(reader, "sizing stands before the frames of a case");
	return sizing_parse(text, &list->items[list->n - 1].sizing) ? 0
								    : case_fail(reader, "sizing home|campus|provider");
}

static int line_frame(struct case_reader *reader, char *text, enum rf_direction direction)
{
	char *layers = strchr(text, '|'), *expect = strstr(text, "=>");
	struct step *step;
	char *port;

	if (!layers)
		return case_fail(reader, "a frame is written as \"from [PORT] | LAYERS\"");
	*layers++ = '\0';
	if (expect) {
		*expect = '\0';
		expect += 2;
	}
	port = case_trim(text);
	step = case_add_step(reader, STEP_FRAME, case_trim(layers));
	if (!step)
		return case_fail(reader, "a frame outside of a case");
	step->direction = direction;
	step->port = *port ? case_keep(reader, port) : NULL;
	reader->next = (struct step){.times = 1};
	return expect ? case_read_expect(reader, case_trim(expect)) : 0;
}

static int line_from(struct case_reader *reader, char *text)
{
	return line_frame(reader, text, RF_DIRECTION_FROM);
}

static int line_to(struct case_reader *reader, char *text)
{
	return line_frame(reader, text, RF_DIRECTION_TO);
}

static int line_times(struct case_reader *reader, char *text)
{
	const char *times = case_take_word(&text);

	if (!text_to_u64(times, 100000, &reader->next.times) ||
	    (*text && !text_to_u64(text, 65535, &reader->next.first)))
		return case_fail(reader, "times N [FIRST]");
	return 0;
}

static int line_tag_meta(struct case_reader *reader, char *text)
{
	uint64_t tag = 0;

	if (!text_to_u64_hex(text, 65535, &tag))
		return case_fail(reader, "tag-meta TCI");
	reader->next.has_tag = true;
	reader->next.tag = (uint16_t)tag;
	return 0;
}

static int line_snap(struct case_reader *reader, char *text)
{
	return text_to_u64(text, 65535, &reader->next.snap) ? 0 : case_fail(reader, "snap BYTES");
}

static int line_reload(struct case_reader *reader, char *text)
{
	const char *path = case_keep_path(reader, text);
	struct step *step = path ? case_add_step(reader, STEP_RELOAD, path) : NULL;

	if (!step)
		return case_fail(reader, "reload outside of a case");
	step->number = reader->generation;
	reader->generation = 0;
	return 0;
}

static int line_count(struct case_reader *reader, char *text)
{
	return case_add_step(reader, STEP_COUNT, text) ? 0 : case_fail(reader, "count outside of a case");
}

static int line_events(struct case_reader *reader, char *text)
{
	struct step *step = case_add_step(reader, STEP_EVENTS, text);

	return step && text_to_u64(text, UINT32_MAX, &step->number) ? 0 : case_fail(reader, "events N, in a case");
}

static const struct line_word {
	const char *word;
	int (*read)(struct case_reader *reader, char *text);
} line_words[] = {
	{"policy", line_policy},
	{"sizing", line_sizing},
	{"define", line_define},
	{"case", line_case},
	{"at", line_at},
	{"wait", line_wait},
	{"from", line_from},
	{"to", line_to},
	{"expect", case_read_expect},
	{"times", line_times},
	{"snap", line_snap},
	{"tag-meta", line_tag_meta},
	{"reload", line_reload},
	{"count", line_count},
	{"events", line_events},
	{"clock", line_clock},
	{"generation", line_generation},
};

static int read_line(struct case_reader *reader, char *text)
{
	char *word;

	text = case_trim(text);
	if (!*text || *text == '#')
		return 0;
	word = case_take_word(&text);
	for (size_t i = 0; i < sizeof(line_words) / sizeof(line_words[0]); i++)
		if (strcmp(line_words[i].word, word) == 0)
			return line_words[i].read(reader, text);
	return case_fail(reader, "a line does not begin with \"%s\"", word);
}

static int expand_and_read(struct case_reader *reader, const char *raw)
{
	AUTO_FREE char *text = NULL;
	const char *unknown = NULL;
	int err = macros_expand(&reader->macros, raw, &text, &unknown);

	if (err == -ENOENT)
		return case_fail(reader, "$%s is not defined", unknown);
	return err ? err : read_line(reader, text);
}

int case_read(const char *path, struct case_list *list)
{
	struct case_reader reader = {.path = path, .list = list, .next = {.times = 1}};
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *raw = NULL;
	size_t room = 0;
	int err = 0;

	if (!list->arena)
		list->arena = arena_new();
	if (!file || !list->arena)
		return file ? -ENOMEM : -errno;
	while (!err && getline(&raw, &room, file) >= 0) {
		reader.line++;
		err = expand_and_read(&reader, raw);
	}
	if (!err && reader.now_ns)
		err = case_check_expects(&reader);
	return err;
}

void case_list_free(struct case_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i].steps);
	free(list->items);
	arena_free(list->arena);
	*list = (struct case_list){0};
}
