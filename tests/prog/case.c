// SPDX-License-Identifier: GPL-2.0-only
/*
 * case.c - reads a file of packet cases. See case.h. Refuses what it does not understand: a case that says less than its author thinks
 * tests nothing.
 */
#include "case.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "../../user/common/sizing.h"
#include "../../user/common/text.h"
#include "macro.h"

#define NS_PER_MS 1000000ULL
#define SECONDS_MAX 1000000ULL
#define CLOCK_SECONDS_MAX (UINT64_MAX / 1000 / NS_PER_MS - SECONDS_MAX) /* that any wait after it can be told in ns */

/*
 * Cases begin an hour into the clock: a row that is free has ended at 0, and idle time counts back from now.
 */
#define TIME_FIRST_NS (3600ULL * 1000 * NS_PER_MS)

struct reader {
	const char *path;
	unsigned int line;
	struct case_list *list;
	struct macros macros;
	const char *policy;
	uint64_t now_ns, begin_ns;
	uint32_t generation; /* what `generation` said of the next policy; 0: nothing */
	struct step next;    /* what times, tag-meta and snap said of the next frame */
};

__attribute__((format(printf, 2, 3))) static int fail(const struct reader *reader, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%u: ", reader->path, reader->line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	return -EINVAL;
}

static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* The first word; *text is moved behind it and the space after. */
static char *take_word(char **text)
{
	char *word = trim(*text), *end = word + strcspn(word, " \t");

	*text = *end ? trim(end + 1) : end;
	*end = '\0';
	return word;
}

static const char *keep(struct reader *reader, const char *text)
{
	return arena_text(reader->list->arena, text, strlen(text));
}

/* A path beside the case file. */
static const char *keep_path(struct reader *reader, const char *name)
{
	const char *slash = strrchr(reader->path, '/');
	AUTO_FREE char *path = NULL;

	if (asprintf(&path, "%.*s%s", slash ? (int)(slash - reader->path + 1) : 0, reader->path, name) < 0) {
		path = NULL;
		return NULL;
	}
	return keep(reader, path);
}

static struct packet_case *current(struct reader *reader)
{
	return reader->list->n ? &reader->list->items[reader->list->n - 1] : NULL;
}

static int grow(void *ret_items, size_t n, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 16;
	void *items, *more;

	if (n < *capacity)
		return 0;
	memcpy(&items, ret_items, sizeof(items));
	more = reallocarray(items, wanted, size);
	if (!more)
		return -ENOMEM;
	memcpy(ret_items, &more, sizeof(more));
	*capacity = wanted;
	return 0;
}

static struct step *add_step(struct reader *reader, enum step_kind kind, const char *text)
{
	struct packet_case *packet_case = current(reader);
	struct step *step;

	if (!packet_case || grow(&packet_case->steps, packet_case->n_steps, &packet_case->capacity, sizeof(*step)))
		return NULL;
	step = &packet_case->steps[packet_case->n_steps++];
	*step = kind == STEP_FRAME ? reader->next : (struct step){0};
	step->kind = kind;
	step->line = reader->line;
	step->time_ns = reader->now_ns;
	step->text = keep(reader, text);
	return step->text ? step : NULL;
}

/* ---- expectations ---- */

static const struct word {
	const char *text;
	uint8_t verdict;
} reason_words[RF_REASON_COUNT] = {
#define X(name, word, verdict, sentence) [RF_REASON_##name] = {word, verdict},
	RF_REASON_LIST(X)
#undef X
};

static int find_reason(const struct reader *reader, const char *text, enum rf_reason *ret_reason)
{
	for (int i = RF_REASON_NONE + 1; i < RF_REASON_COUNT; i++)
		if (strcmp(reason_words[i].text, text) == 0) {
			*ret_reason = (enum rf_reason)i;
			return 0;
		}
	return fail(reader, "no reason is called \"%s\"", text);
}

static int read_expect_word(struct reader *reader, char *word, struct expectation *expect)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (value && strcmp(word, "would") == 0)
		return find_reason(reader, value, &expect->would);
	if (value && strcmp(word, "rule") == 0)
		return (expect->rule = keep(reader, value)) ? 0 : -ENOMEM;
	if (value && strcmp(word, "device") == 0)
		return (expect->device = keep(reader, value)) ? 0 : -ENOMEM;
	if (value && strcmp(word, "name") == 0)
		return (expect->name = keep(reader, value)) ? 0 : -ENOMEM;
	return fail(reader, "an expectation has no \"%s\"", word);
}

static int read_expect(struct reader *reader, char *text)
{
	struct packet_case *packet_case = current(reader);
	struct step *step = packet_case && packet_case->n_steps ? &packet_case->steps[packet_case->n_steps - 1] : NULL;
	struct expectation expect = {.given = true};
	const char *verdict = take_word(&text);
	int err;

	if (!step || step->kind != STEP_FRAME || step->expect.given)
		return fail(reader, "an expectation must follow one frame");
	if (strcmp(verdict, "pass") != 0 && strcmp(verdict, "drop") != 0)
		return fail(reader, "a verdict is pass or drop, not \"%s\"", verdict);
	expect.verdict = verdict[0] == 'p' ? RF_PASS : RF_DROP;
	err = find_reason(reader, take_word(&text), &expect.reason);
	if (!err && reason_words[expect.reason].verdict != expect.verdict)
		err = fail(reader, "the reason %s is not one to %s", reason_words[expect.reason].text, verdict);
	while (!err && *text)
		err = read_expect_word(reader, take_word(&text), &expect);
	if (!err && (expect.would != RF_REASON_NONE) != (expect.reason == RF_REASON_WOULD_DROP))
		err = fail(reader, "would-drop says what it would have had, other reasons do not");
	if (!err)
		step->expect = expect;
	return err;
}

static int check_expected(struct reader *reader)
{
	const struct packet_case *packet_case = current(reader);

	if (!packet_case)
		return 0;
	for (size_t i = 0; i < packet_case->n_steps; i++)
		if (packet_case->steps[i].kind == STEP_FRAME && !packet_case->steps[i].expect.given) {
			reader->line = packet_case->steps[i].line;
			return fail(reader, "this frame has no expectation");
		}
	if (!packet_case->n_steps)
		return fail(reader, "the case before has no frame");
	return 0;
}

/* ---- lines ---- */

static int read_seconds(struct reader *reader, const char *text, uint64_t max, uint64_t *ret_ns)
{
	char whole[32];
	const char *point = strchr(text, '.');
	size_t n = point ? (size_t)(point - text) : strlen(text);
	uint64_t seconds = 0, ms = 0;
	char fraction[4] = "000";

	if (n >= sizeof(whole) || (point && strlen(point + 1) > 3))
		return fail(reader, "\"%s\" is no time in seconds with at most three decimals", text);
	memcpy(whole, text, n);
	whole[n] = '\0';
	if (point)
		memcpy(fraction, point + 1, strlen(point + 1));
	if (!text_to_u64(whole, max, &seconds) || !text_to_u64(fraction, 999, &ms))
		return fail(reader, "\"%s\" is no time in seconds with at most three decimals", text);
	*ret_ns = (seconds * 1000 + ms) * NS_PER_MS;
	return 0;
}

static int line_at(struct reader *reader, char *text)
{
	uint64_t ns = 0;
	int err = read_seconds(reader, text, SECONDS_MAX, &ns);

	if (!err && reader->begin_ns + ns < reader->now_ns)
		return fail(reader, "time does not go back");
	reader->now_ns = reader->begin_ns + ns;
	return err;
}

static int line_wait(struct reader *reader, char *text)
{
	uint64_t ns = 0;
	int err = read_seconds(reader, text, SECONDS_MAX, &ns);

	reader->now_ns += ns;
	return err;
}

static int line_clock(struct reader *reader, char *text)
{
	const struct packet_case *packet_case = current(reader);
	uint64_t ns = 0;
	int err = read_seconds(reader, text, CLOCK_SECONDS_MAX, &ns);

	if (!err && (!packet_case || packet_case->n_steps || ns < TIME_FIRST_NS))
		return fail(reader, "clock SECONDS, at least an hour, before the first frame of a case");
	reader->now_ns = reader->begin_ns = ns;
	return err;
}

static int line_generation(struct reader *reader, char *text)
{
	struct packet_case *packet_case = current(reader);
	uint64_t number = 0;

	if (!packet_case || !text_to_u64(text, UINT32_MAX, &number) || !number)
		return fail(reader, "generation N, in a case");
	if (packet_case->n_steps)
		reader->generation = (uint32_t)number;
	else
		packet_case->generation = (uint32_t)number;
	return 0;
}

static int line_policy(struct reader *reader, char *text)
{
	reader->policy = keep_path(reader, text);
	return reader->policy ? 0 : -ENOMEM;
}

static int line_define(struct reader *reader, char *text)
{
	const char *name = take_word(&text);

	return macros_define(&reader->macros, reader->list->arena, name, text);
}

static int line_case(struct reader *reader, char *text)
{
	struct case_list *list = reader->list;
	int err = reader->now_ns ? check_expected(reader) : 0;

	if (err)
		return err;
	if (!reader->policy)
		return fail(reader, "a case needs a policy before it");
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i].name, text) == 0)
			return fail(reader, "the case %s is there already (%s:%u)", text, list->items[i].file,
				    list->items[i].line);
	if (grow(&list->items, list->n, &list->capacity, sizeof(*list->items)))
		return -ENOMEM;
	list->items[list->n++] = (struct packet_case){
		.name = keep(reader, text),
		.file = keep(reader, reader->path),
		.policy = reader->policy,
		.line = reader->line,
	};
	reader->now_ns = reader->begin_ns = TIME_FIRST_NS;
	reader->generation = 0;
	reader->next = (struct step){.times = 1};
	return 0;
}

static int line_sizing(struct reader *reader, char *text)
{
	struct case_list *list = reader->list;

	if (!reader->now_ns || list->items[list->n - 1].n_steps)
		return fail(reader, "sizing stands before the frames of a case");
	return sizing_parse(text, &list->items[list->n - 1].sizing) ? 0 : fail(reader, "sizing home|campus|provider");
}

static int line_frame(struct reader *reader, char *text, enum rf_direction direction)
{
	char *layers = strchr(text, '|'), *expect = strstr(text, "=>");
	struct step *step;
	char *port;

	if (!layers)
		return fail(reader, "a frame is written as \"from [PORT] | LAYERS\"");
	*layers++ = '\0';
	if (expect) {
		*expect = '\0';
		expect += 2;
	}
	port = trim(text);
	step = add_step(reader, STEP_FRAME, trim(layers));
	if (!step)
		return fail(reader, "a frame outside of a case");
	step->direction = direction;
	step->port = *port ? keep(reader, port) : NULL;
	reader->next = (struct step){.times = 1};
	return expect ? read_expect(reader, trim(expect)) : 0;
}

static int line_from(struct reader *reader, char *text)
{
	return line_frame(reader, text, RF_DIRECTION_FROM);
}

static int line_to(struct reader *reader, char *text)
{
	return line_frame(reader, text, RF_DIRECTION_TO);
}

static int line_times(struct reader *reader, char *text)
{
	const char *times = take_word(&text);

	if (!text_to_u64(times, 100000, &reader->next.times) ||
	    (*text && !text_to_u64(text, 65535, &reader->next.first)))
		return fail(reader, "times N [FIRST]");
	return 0;
}

static int line_tag_meta(struct reader *reader, char *text)
{
	uint64_t tag = 0;

	if (!text_to_u64_hex(text, 65535, &tag))
		return fail(reader, "tag-meta TCI");
	reader->next.has_tag = true;
	reader->next.tag = (uint16_t)tag;
	return 0;
}

static int line_snap(struct reader *reader, char *text)
{
	return text_to_u64(text, 65535, &reader->next.snap) ? 0 : fail(reader, "snap BYTES");
}

static int line_reload(struct reader *reader, char *text)
{
	const char *path = keep_path(reader, text);
	struct step *step = path ? add_step(reader, STEP_RELOAD, path) : NULL;

	if (!step)
		return fail(reader, "reload outside of a case");
	step->number = reader->generation;
	reader->generation = 0;
	return 0;
}

static int line_count(struct reader *reader, char *text)
{
	return add_step(reader, STEP_COUNT, text) ? 0 : fail(reader, "count outside of a case");
}

static int line_events(struct reader *reader, char *text)
{
	struct step *step = add_step(reader, STEP_EVENTS, text);

	return step && text_to_u64(text, UINT32_MAX, &step->number) ? 0 : fail(reader, "events N, in a case");
}

static const struct line_word {
	const char *word;
	int (*read)(struct reader *reader, char *text);
} line_words[] = {
	{"policy", line_policy},
	{"sizing", line_sizing},
	{"define", line_define},
	{"case", line_case},
	{"at", line_at},
	{"wait", line_wait},
	{"from", line_from},
	{"to", line_to},
	{"expect", read_expect},
	{"times", line_times},
	{"snap", line_snap},
	{"tag-meta", line_tag_meta},
	{"reload", line_reload},
	{"count", line_count},
	{"events", line_events},
	{"clock", line_clock},
	{"generation", line_generation},
};

static int read_line(struct reader *reader, char *text)
{
	char *word;

	text = trim(text);
	if (!*text || *text == '#')
		return 0;
	word = take_word(&text);
	for (size_t i = 0; i < sizeof(line_words) / sizeof(line_words[0]); i++)
		if (strcmp(line_words[i].word, word) == 0)
			return line_words[i].read(reader, text);
	return fail(reader, "a line does not begin with \"%s\"", word);
}

static int expand_and_read(struct reader *reader, const char *raw)
{
	AUTO_FREE char *text = NULL;
	const char *unknown = NULL;
	int err = macros_expand(&reader->macros, raw, &text, &unknown);

	if (err == -ENOENT)
		return fail(reader, "$%s is not defined", unknown);
	return err ? err : read_line(reader, text);
}

int case_read(const char *path, struct case_list *list)
{
	struct reader reader = {.path = path, .list = list, .next = {.times = 1}};
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
		err = check_expected(&reader);
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
