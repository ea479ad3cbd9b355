/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fold.h - text in lines that are no wider than a terminal: how wide it is, folded at its blanks, or cut.
 *
 * A character takes one column, a colour (ESC [ ... m) none. Knows no terminal: output.c and output_table.c say how wide.
 */
#ifndef CLI_FOLD_H
#define CLI_FOLD_H

#include <stddef.h>

/* Columns of the widest line of the text. */
size_t fold_width(const char *text);

/*
 * A copy whose lines are at most `width` columns: broken at blanks, and inside of words that are wider than a line. All but the first line of each line of the text
 * begin with `indent` blanks, unless half of the width would be blank. NULL: no memory.
 */
char *fold_text(const char *text, size_t width, size_t indent);

/* A copy of one line; what is wider than `width` is cut, and ends in ~. NULL: no memory. */
char *fold_cut(const char *text, size_t width);

/* The same, but cut at its beginning. */
char *fold_cut_head(const char *text, size_t width);

#endif
