// SPDX-License-Identifier: GPL-2.0-only
/*
 * fold.c - see fold.h.
 */
#include "fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of ASCII, and in no address or name. */
#define CUT_MARK "~"

/* Bytes of the colour that begins here; 0: none does. */
static size_t colour_len(const char *at)
{
	size_t len;

	if (at[0] != '\033' || at[1] != '[')
		return 0;
	len = 2 + strcspn(at + 2, "m");
	return at[len] ? len + 1 : 0;
}

/* Bytes of the next character, which is a whole one of UTF-8 in all that is printed (text_escape()). */
static size_t character_len(const char *at)
{
	size_t len = 1;

	while (((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* Bytes that begin the text and take at most `width` columns, up to one of `ends`; *ret_columns: how many they take. */
static size_t span(const char *text, size_t width, const char *ends, size_t *ret_columns)
{
	size_t len = 0, columns = 0, n;

	while (text[len]) {
		n = colour_len(text + len);
		if (!n && (strchr(ends, text[len]) || columns == width))
			break;
		columns += !n;
		len += n ? n : character_len(text + len);
	}
	*ret_columns = columns;
	return len;
}

size_t fold_width(const char *text)
{
	size_t widest = 0, columns;

	for (;;) {
		text += span(text, SIZE_MAX, "\n", &columns);
		widest = columns > widest ? columns : widest;
		if (!*text++)
			return widest;
	}
}

struct folder {
	FILE *out;
	size_t width;
	size_t indent;
	size_t at;  /* column */
	bool begun; /* a word stands in the line */
};

/*
 * Before the first word of a line, which has so many columns: fewer if it has room then, and never so many that no word has. But not none: what begins in the
 * first column is a line of its own, and no word, whoever chose it, may look like one.
 */
static size_t blanks_before(const struct folder *folder, size_t blanks, size_t columns)
{
	if (columns + !!blanks <= folder->width)
		return blanks + columns > folder->width ? folder->width - columns : blanks;
	return blanks > folder->width / 2 ? folder->width / 2 : blanks;
}

static void next_line(struct folder *folder, size_t blanks)
{
	folder->at = blanks;
	folder->begun = false;
	fprintf(folder->out, "\n%*s", (int)folder->at, "");
}

/* A word without blanks; what no line has room for is broken where the line ends. */
static void put_word(struct folder *folder, const char *word, size_t len, size_t columns)
{
	while (folder->at + columns > folder->width) {
		size_t fits, n = span(word, folder->width - folder->at, " \n", &fits);

		fwrite(word, 1, n, folder->out);
		word += n;
		len -= n;
		columns -= fits;
		next_line(folder, folder->indent);
	}
	fwrite(word, 1, len, folder->out);
	folder->at += columns;
	folder->begun = true;
}

/* One line of the text, without its newline. Returns its bytes. */
static size_t put_line(struct folder *folder, const char *line)
{
	const char *at = line;

	folder->at = 0;
	folder->begun = false;
	for (;;) {
		const size_t blanks = strspn(at, " ");
		size_t columns, pad, len = span(at + blanks, SIZE_MAX, " \n", &columns);

		if (!len)
			return (size_t)(at - line) + blanks;
		if (folder->begun && folder->at + blanks + columns > folder->width) {
			next_line(folder, blanks_before(folder, folder->indent, columns));
		} else {
			pad = folder->at ? blanks : blanks_before(folder, blanks, columns);
			fprintf(folder->out, "%*s", (int)pad, "");
			folder->at += pad;
		}
		put_word(folder, at + blanks, len, columns);
		at += blanks + len;
	}
}

char *fold_text(const char *text, size_t width, size_t indent)
{
	char *folded = NULL;
	size_t len = 0;
	struct folder folder = {.out = open_memstream(&folded, &len),
				.width = width ? width : 1,
				.indent = indent <= width / 2 ? indent : 0};

	if (!folder.out)
		return NULL;
	for (;;) {
		text += put_line(&folder, text);
		if (!*text++)
			break;
		putc('\n', folder.out);
	}
	if (fclose(folder.out)) {
		free(folded);
		return NULL;
	}
	return folded;
}

char *fold_cut_head(const char *text, size_t width)
{
	const size_t mark = strlen(CUT_MARK), columns = fold_width(text);
	size_t skipped, kept = width > mark ? width - mark : width;
	char *cut = NULL;

	if (columns <= width)
		return strdup(text);
	text += span(text, columns - kept, "", &skipped);
	return asprintf(&cut, "%s%s", width > mark ? CUT_MARK : "", text) < 0 ? NULL : cut;
}

char *fold_cut(const char *text, size_t width)
{
	const size_t mark = strlen(CUT_MARK);
	size_t columns, len;
	char *cut;

	if (fold_width(text) <= width)
		return strdup(text);
	len = span(text, width > mark ? width - mark : width, "", &columns);
	cut = malloc(len + mark + 1);
	if (cut)
		sprintf(cut, "%.*s%s", (int)len, text, width > mark ? CUT_MARK : "");
	return cut;
}
