// SPDX-License-Identifier: GPL-2.0-only
/*
 * case_reader.c - see case_reader.h.
 */
#include "case_reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"

int case_fail(const struct case_reader *reader, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%u: ", reader->path, reader->line);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	return -EINVAL;
}

char *case_trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

char *case_take_word(char **text)
{
	char *word = case_trim(*text), *end = word + strcspn(word, " \t");

	*text = *end ? case_trim(end + 1) : end;
	*end = '\0';
	return word;
}

const char *case_keep(struct case_reader *reader, const char *text)
{
	return arena_text(reader->list->arena, text, strlen(text));
}

const char *case_keep_path(struct case_reader *reader, const char *name)
{
	const char *slash = strrchr(reader->path, '/');
	AUTO_FREE char *path = NULL;

	if (asprintf(&path, "%.*s%s", slash ? (int)(slash - reader->path + 1) : 0, reader->path, name) < 0) {
		path = NULL;
		return NULL;
	}
	return case_keep(reader, path);
}

struct packet_case *case_current(struct case_reader *reader)
{
	return reader->list->n ? &reader->list->items[reader->list->n - 1] : NULL;
}

int case_grow(void *ret_items, size_t n, size_t *capacity, size_t size)
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

struct step *case_add_step(struct case_reader *reader, enum step_kind kind, const char *text)
{
	struct packet_case *packet_case = case_current(reader);
	struct step *step;

	if (!packet_case || case_grow(&packet_case->steps, packet_case->n_steps, &packet_case->capacity, sizeof(*step)))
		return NULL;
	step = &packet_case->steps[packet_case->n_steps++];
	*step = kind == STEP_FRAME ? reader->next : (struct step){0};
	step->kind = kind;
	step->line = reader->line;
	step->time_ns = reader->now_ns;
	step->text = case_keep(reader, text);
	return step->text ? step : NULL;
}
