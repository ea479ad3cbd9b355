// SPDX-License-Identifier: GPL-2.0-only
/*
 * output_table.c - tables of output.h: cells come in row by row; when all are there, columns get their widths and libsmartcols prints.
 *
 * A terminal that is too narrow for all that a table says gets less of it, in this order, until the rest fits: long cells are cut or folded, columns
 * that a reader misses least are left out (and named below), cells are cut to what can still be told apart.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "../common/cleanup.h"
#include "fold.h"

#define COLUMNS_MAX 16
#define SEPARATOR "  "
/* A cell is cut to this before a column is left out: names and IPv4 addresses say who they are. */
#define CUT_LEAST 15
/* What is folded gets this: an address with its port stands in one line. */
#define FOLD_LEAST 24
/* What the one, then the other gets when no more columns can be left out. */
#define LAST_LEAST 6

enum stage { WHOLE, CUT, CUT_MORE, FOLD_MORE };

/* As libsmartcols calls them. */
static const char *const colours[] = {
	[OUTPUT_GOOD] = "green",       [OUTPUT_BAD] = "red",   [OUTPUT_NOTE] = "brown",
	[OUTPUT_FAINT] = "halfbright", [OUTPUT_BOLD] = "bold",
};

struct column {
	const char *title;
	int flags;
	size_t width; /* columns of the terminal: of its longest cell, then what it gets */
	bool hidden;
};

struct output_table {
	const struct output *out;
	struct column columns[COLUMNS_MAX];
	size_t n;
	struct libscols_table *table;
	struct libscols_line *line;
	size_t cell;
	int error;
};

struct output_table *output_table_new(const struct output *out, const struct output_column *columns, size_t n_columns)
{
	struct output_table *table AUTO_TABLE = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->out = out;
	table->table = scols_new_table();
	if (!table->table)
		return NULL;
	scols_table_enable_colors(table->table, out->colour);
	scols_table_set_column_separator(table->table, SEPARATOR);
	scols_table_set_termforce(table->table, out->terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (out->terminal)
		scols_table_set_termwidth(table->table, out->width);
	scols_table_set_stream(table->table, out->file);
	for (table->n = 0; table->n < n_columns && table->n < COLUMNS_MAX; table->n++) {
		const struct output_column *given = &columns[table->n];
		struct libscols_column *column = scols_table_new_column(
			table->table, given->title, 0, given->flags & OUTPUT_RIGHT ? SCOLS_FL_RIGHT : 0);

		if (!column)
			return NULL;
		table->columns[table->n] = (struct column){given->title, given->flags, strlen(given->title), false};
		scols_cell_set_color(scols_column_get_header(column), out->colour ? "bold" : NULL);
	}
	return TAKE_PTR(table);
}

void output_table_row(struct output_table *table)
{
	table->cell = 0;
	table->line = scols_table_new_line(table->table, NULL);
	if (!table->line)
		table->error = -ENOMEM;
}

void output_table_cell(struct output_table *table, enum output_colour colour, const char *format, ...)
{
	struct column *column = &table->columns[table->cell];
	char *text AUTO_FREE = NULL;
	va_list args;
	size_t width;

	if (table->error || table->cell >= table->n)
		return;
	va_start(args, format);
	text = output_format(format, args);
	va_end(args);
	/* An empty cell would shift the columns for whoever reads them by words. */
	if (!text || scols_line_set_data(table->line, table->cell, *text ? text : "-")) {
		table->error = -ENOMEM;
		return;
	}
	width = fold_width(text);
	if (width > column->width)
		column->width = width;
	if (colours[colour] && table->out->colour)
		scols_cell_set_color(scols_line_get_cell(table->line, table->cell), colours[colour]);
	table->cell++;
}

/* ---- a narrow terminal ----------------------------------------------------------------------------------------- */

/* To how much the column may shrink. */
static size_t least_width(const struct column *column, enum stage stage)
{
	size_t least;

	if (stage == WHOLE || !(column->flags & (OUTPUT_CUT | OUTPUT_FOLD)))
		return column->width;
	if (column->flags & OUTPUT_FOLD)
		least = stage < FOLD_MORE ? FOLD_LEAST : LAST_LEAST;
	else
		least = stage < CUT_MORE ? CUT_LEAST : LAST_LEAST;
	if (least < strlen(column->title))
		least = strlen(column->title);
	return column->width > least ? least : column->width;
}

/* Columns of the terminal that the table takes at least. */
static size_t table_width(const struct output_table *table, enum stage stage)
{
	size_t width = 0, shown = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct column *column = &table->columns[i];

		if (column->hidden)
			continue;
		width += least_width(column, stage);
		shown++;
	}
	return width + (shown ? shown - 1 : 0) * strlen(SEPARATOR);
}

/* The one that goes next; NULL: none may. */
static struct column *least_wanted(struct output_table *table)
{
	struct column *found = NULL;

	for (size_t i = 0; i < table->n; i++) {
		struct column *column = &table->columns[i];

		if (!column->hidden && column->flags >> OUTPUT_RANK_SHIFT &&
		    (!found || column->flags >> OUTPUT_RANK_SHIFT > found->flags >> OUTPUT_RANK_SHIFT))
			found = column;
	}
	return found;
}

static void leave_out(struct output_table *table, size_t room)
{
	while (table_width(table, CUT) > room) {
		struct column *column = least_wanted(table);

		if (!column)
			return;
		column->hidden = true;
	}
}

/* The widest gives first, so that what is short stays whole. */
static void shrink(struct output_table *table, size_t room)
{
	enum stage stage = CUT;

	while (stage < FOLD_MORE && table_width(table, stage) > room)
		stage++;
	for (size_t width = table_width(table, WHOLE); width > room; width--) {
		struct column *widest = NULL;

		for (size_t i = 0; i < table->n; i++) {
			struct column *column = &table->columns[i];

			if (!column->hidden && column->width > least_width(column, stage) &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			return;
		widest->width--;
	}
}

/* Lines of a cell end where they are folded, not where libsmartcols thinks. */
static int keep_lines(struct libscols_column *column)
{
	return scols_column_set_flags(column, scols_column_get_flags(column) | SCOLS_FL_WRAP) ||
	       scols_column_set_safechars(column, "\n") ||
	       scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

/* A cell in the width of its column. */
static int fit_cell(struct libscols_line *line, size_t i, const struct column *column)
{
	const char *text = scols_cell_get_data(scols_line_get_cell(line, i));
	char *fitted AUTO_FREE = NULL;

	if (!text || fold_width(text) <= column->width)
		return 0;
	if (column->flags & OUTPUT_FOLD)
		fitted = fold_text(text, column->width, 0);
	else if (column->flags & OUTPUT_TAIL)
		fitted = fold_cut_head(text, column->width);
	else
		fitted = fold_cut(text, column->width);
	return fitted ? scols_line_set_data(line, i, fitted) : -ENOMEM;
}

static int fit_cells(struct output_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		struct libscols_column *column = scols_table_get_column(table->table, i);
		int r = 0;

		if (table->columns[i].hidden)
			scols_column_set_flags(column, scols_column_get_flags(column) | SCOLS_FL_HIDDEN);
		else if (table->columns[i].flags & OUTPUT_FOLD)
			r = keep_lines(column);
		for (size_t l = 0; !r && l < scols_table_get_nlines(table->table); l++)
			r = fit_cell(scols_table_get_line(table->table, l), i, &table->columns[i]);
		if (r)
			return -ENOMEM;
	}
	return 0;
}

static int fit(struct output_table *table)
{
	const size_t room = table->out->width;

	if (!table->out->terminal || table_width(table, WHOLE) <= room)
		return 0;
	leave_out(table, room);
	shrink(table, room);
	return fit_cells(table);
}

/* Nothing disappears without a word. */
static void print_left_out(const struct output_table *table)
{
	struct output_fold fold;
	const char *before = "no room for ";

	output_fold_begin(&fold, table->out);
	for (size_t i = 0; i < table->n; i++) {
		if (!table->columns[i].hidden)
			continue;
		output_print(&fold.out, OUTPUT_FAINT, "%s%s", before, table->columns[i].title);
		before = ", ";
	}
	if (*before == ',')
		output_print(&fold.out, OUTPUT_FAINT, "\n");
	output_fold_end(&fold, 0);
}

int output_table_print(struct output_table *table)
{
	int r = table->error;

	if (r || scols_table_is_empty(table->table))
		return r;
	r = fit(table);
	if (!r)
		r = scols_print_table(table->table);
	if (!r)
		print_left_out(table);
	return r;
}

void output_table_free(struct output_table *table)
{
	if (!table)
		return;
	scols_unref_table(table->table);
	free(table);
}
