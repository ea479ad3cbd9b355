// SPDX-License-Identifier: GPL-2.0-only
/*
 * A list of what is wrong with an input: see diag.h.
 *
 * Everything shown may be hostile (a policy can be made from what devices say
 * about themselves), so messages are escaped and source lines are reduced to
 * printable characters, one cell for one character, so that the caret fits.
 */
#define _GNU_SOURCE 1 /* asprintf */
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "text.h"

/* Of a longer source line only the neighbourhood is shown: it fits a terminal. */
#define EXCERPT_CHARS 100
#define EXCERPT_BEFORE 60

/* The list doubles up to DIAGS_MAX. */
#define ITEMS_FIRST 4

static void diag_clear(struct diag *diag)
{
	free(diag->file);
	free(diag->message);
	free(diag->source);
	free(diag->hint);
}

void diags_free(struct diags *diags)
{
	for (size_t i = 0; i < diags->n_items; i++)
		diag_clear(&diags->items[i]);
	free(diags->items);
	*diags = (struct diags){0};
}

bool diags_ok(const struct diags *diags)
{
	return !diags->n_errors && !diags->no_memory;
}

/* Where the line starts (count from 1) and ends; a CR before LF is no part of it. */
static const char *find_line(const struct diag_source *src, uint32_t line, size_t *ret_len)
{
	const char *at = src->text, *end = src->text + src->len;

	for (uint32_t i = 1; at < end; i++) {
		const char *stop = at;

		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (i == line) {
			*ret_len = (size_t)(stop - at);
			return at;
		}
		if (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n')
			stop++;
		at = stop + 1;
	}
	return NULL;
}

/* Length in bytes of the character at text, valid or not, and how to show it. */
static size_t show_char(const char *text, size_t len, char shown[5])
{
	uint32_t code;
	size_t n = text_utf8(text, len, &code);

	if (n && text_printable(code)) {
		memcpy(shown, text, n);
		shown[n] = '\0';
	} else {
		strcpy(shown, *text == '\t' ? " " : "?");
	}
	return n ? n : 1;
}

static void add_source(struct diag *diag, const struct diag_source *src)
{
	uint32_t column = diag->pos.column ? diag->pos.column - 1 : 0;
	uint32_t skip = column > EXCERPT_BEFORE ? column - EXCERPT_BEFORE : 0;
	size_t len = 0, used = 0;
	const char *line = find_line(src, diag->pos.line, &len);
	char *out;

	/* A blank line shows nothing. */
	if (!line || !len)
		return;
	out = malloc(EXCERPT_CHARS * 4 + 1);
	if (!out)
		return;
	for (uint32_t i = 0; len && i < skip + EXCERPT_CHARS; i++) {
		char shown[5];
		size_t n = show_char(line, len, shown);

		if (i >= skip) {
			memcpy(out + used, shown, strlen(shown));
			used += strlen(shown);
		}
		line += n;
		len -= n;
	}
	out[used] = '\0';
	diag->source = out;
	diag->caret = column - skip;
}

static char *format_escaped(const char *format, va_list args)
{
	AUTO_FREE char *raw = NULL;

	if (vasprintf(&raw, format, args) < 0) {
		raw = NULL; /* undefined after a failure */
		return NULL;
	}
	return text_escape(raw, strlen(raw));
}

static struct diag *next_item(struct diags *diags)
{
	struct diag *items;
	size_t n = diags->n_items;

	/* Full at each power of two from ITEMS_FIRST on. */
	if (n == 0 || (n >= ITEMS_FIRST && (n & (n - 1)) == 0)) {
		items = realloc(diags->items, (n ? n * 2 : ITEMS_FIRST) * sizeof(*items));
		if (!items)
			return NULL;
		diags->items = items;
	}
	memset(&diags->items[n], 0, sizeof(*items));
	return &diags->items[n];
}

void diags_add(struct diags *diags, enum diag_severity severity, const struct diag_source *src, struct diag_pos pos,
	       const char *format, ...)
{
	struct diag *diag;
	va_list args;

	if (severity == DIAG_ERROR)
		diags->n_errors++;
	else
		diags->n_warnings++;
	diags->last_kept = false;
	if (diags->n_items >= DIAGS_MAX)
		return;

	diag = next_item(diags);
	if (!diag) {
		diags->no_memory = true;
		return;
	}
	diag->severity = severity;
	diag->pos = pos;
	diag->order = diags->n_items;
	va_start(args, format);
	diag->message = format_escaped(format, args);
	va_end(args);
	if (src && src->file)
		diag->file = text_escape(src->file, strlen(src->file));
	if (!diag->message || (src && src->file && !diag->file)) {
		diags->no_memory = true;
		diag_clear(diag);
		return;
	}
	if (src && src->text && pos.line)
		add_source(diag, src);
	diags->n_items++;
	diags->last_kept = true;
}

void diags_hint(struct diags *diags, const char *format, ...)
{
	struct diag *diag;
	va_list args;

	if (!diags->last_kept)
		return;
	diag = &diags->items[diags->n_items - 1];
	free(diag->hint);
	va_start(args, format);
	diag->hint = format_escaped(format, args);
	va_end(args);
}

static int compare_places(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	if (x->pos.column != y->pos.column)
		return x->pos.column < y->pos.column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

char *diag_text(const struct diag *diag)
{
	const char *file = diag->file ? diag->file : "";
	AUTO_FREE char *source = NULL, *hint = NULL;
	char place[32] = "";
	char *text;

	if (diag->pos.line)
		snprintf(place, sizeof(place), "%s%u:%u", *file ? ":" : "", diag->pos.line, diag->pos.column);
	if (diag->source && asprintf(&source, "\n    %s\n    %*s^", diag->source, (int)diag->caret, "") < 0)
		source = NULL;
	if (diag->hint && asprintf(&hint, "\n    hint: %s", diag->hint) < 0)
		hint = NULL;
	if (asprintf(&text, "%s%s%s%s%s%s%s", file, place, *file || *place ? ": " : "",
		     diag->severity == DIAG_WARNING ? "warning: " : "", diag->message, source ? source : "",
		     hint ? hint : "") < 0)
		return NULL;
	return text;
}

void diags_sort(struct diags *diags)
{
	if (diags->n_items)
		qsort(diags->items, diags->n_items, sizeof(*diags->items), compare_places);
	diags->last_kept = false;
}

void diags_print(struct diags *diags, FILE *out)
{
	size_t n = diags->n_errors + diags->n_warnings;

	diags_sort(diags);
	for (size_t i = 0; i < diags->n_items; i++) {
		AUTO_FREE char *text = diag_text(&diags->items[i]);

		fprintf(out, "%s\n", text ? text : diags->items[i].message);
	}
	if (diags->no_memory)
		fprintf(out, "out of memory\n");
	else if (n > diags->n_items)
		fprintf(out, "... and %zu more\n", n - diags->n_items);
}
