// SPDX-License-Identifier: GPL-2.0-only
/*
 * output.c - terminals, colour, tables by libsmartcols, JSON lines: see output.h.
 */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "../common/cleanup.h"
#include "../common/text.h"

#define WIDTH_DEFAULT 80 /* a terminal that does not say */
#define HEIGHT_DEFAULT 24
#define WIDTH_MIN 20 /* narrower, and a table is no table */

static const struct {
	const char *sequence; /* ECMA-48 SGR */
	const char *name;     /* of libsmartcols */
} colours[] = {
	[OUTPUT_PLAIN] = {"\033[0m", NULL},	    [OUTPUT_GOOD] = {"\033[32m", "green"},
	[OUTPUT_BAD] = {"\033[31m", "red"},	    [OUTPUT_NOTE] = {"\033[33m", "brown"},
	[OUTPUT_FAINT] = {"\033[2m", "halfbright"}, [OUTPUT_BOLD] = {"\033[1m", "bold"},
};

/* A column that is no wider than this is not cut: cutting a name takes more than it gives. */
#define CUT_LEAST 16
#define COLUMNS_MAX 16

struct output_table {
	const struct output *out;
	size_t widest[COLUMNS_MAX]; /* bytes of the longest cell */
	struct libscols_table *table;
	struct libscols_line *line;
	size_t cell;
	int error;
};

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	/* no-color.org: present and not empty, whatever its value. */
	if (no && *no)
		return false;
	return term && *term && strcmp(term, "dumb") != 0;
}

void output_resize(struct output *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width = 0;

	if (!out->terminal)
		return;
	out->height = HEIGHT_DEFAULT;
	if (ioctl(fileno(out->file), TIOCGWINSZ, &size) == 0) {
		width = size.ws_col;
		out->height = size.ws_row ? size.ws_row : HEIGHT_DEFAULT;
	}
	if (!width && !(columns && text_to_u64(columns, UINT16_MAX, &width)))
		width = 0;
	if (!width)
		width = WIDTH_DEFAULT;
	out->width = width < WIDTH_MIN ? WIDTH_MIN : (unsigned int)width;
}

void output_init(struct output *out, FILE *file)
{
	*out = (struct output){.file = file, .terminal = isatty(fileno(file)) == 1};
	out->colour = out->terminal && wants_colour();
	output_resize(out);
}

const char *output_colour(const struct output *out, enum output_colour colour)
{
	return out->colour ? colours[colour].sequence : "";
}

/* Like vasprintf, escaped but for newlines. NULL: no memory. */
static char *escaped_format(const char *format, va_list args)
{
	char *raw AUTO_FREE = NULL;
	char *done AUTO_FREE = NULL;
	size_t len = 0;

	if (vasprintf(&raw, format, args) < 0)
		return NULL;
	done = calloc(1, strlen(raw) * 4 + 1);
	if (!done)
		return NULL;
	for (const char *line = raw; *line;) {
		size_t n = strcspn(line, "\n");
		char *part AUTO_FREE = text_escape(line, n);

		if (!part)
			return NULL;
		len += (size_t)sprintf(done + len, "%s%s", part, line[n] ? "\n" : "");
		line += n + (line[n] ? 1 : 0);
	}
	return TAKE_PTR(done);
}

void output_print(const struct output *out, enum output_colour colour, const char *format, ...)
{
	char *text AUTO_FREE = NULL;
	va_list args;

	va_start(args, format);
	text = escaped_format(format, args);
	va_end(args);
	fprintf(out->file, "%s%s%s", colour ? output_colour(out, colour) : "", text ? text : "(no memory)\n",
		colour ? output_colour(out, OUTPUT_PLAIN) : "");
}

#define DELETE 0x7f

/* JSON that jansson calls ASCII may hold DEL, a control character for terminals; it can only stand in a string. */
static int put_json(const char *text, size_t len, void *context)
{
	FILE *file = context;

	while (len) {
		const char *del = memchr(text, DELETE, len);
		const size_t n = del ? (size_t)(del - text) : len;

		if (fwrite(text, 1, n, file) != n || (del && fputs("\\u007f", file) == EOF))
			return -1;
		text += n + !!del;
		len -= n + !!del;
	}
	return 0;
}

/* Of a write that failed: why, if the system said it. */
static int write_error(void)
{
	return errno ? -errno : -EIO;
}

int output_json_part(const struct output *out, json_t *object)
{
	int r;

	if (!object)
		return -ENOMEM;
	errno = 0;
	r = json_dump_callback(object, put_json, out->file, JSON_COMPACT | JSON_ENSURE_ASCII) ? write_error() : 0;
	json_decref(object);
	return r;
}

int output_json_members(const struct output *out, json_t *object)
{
	char *text AUTO_FREE = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(object);
	if (!text)
		return -ENOMEM;
	errno = 0;
	if (put_json(text + 1, strlen(text + 1), out->file) || putc('\n', out->file) == EOF || fflush(out->file))
		return write_error();
	return 0;
}

int output_json_line(const struct output *out, json_t *object)
{
	int r = output_json_part(out, object);

	return r ? r : putc('\n', out->file) == EOF ? write_error() : 0;
}

int output_json(const struct output *out, json_t *object)
{
	int r = output_json_line(out, object);

	return !r && fflush(out->file) ? write_error() : r;
}

json_t *output_json_text(const char *text)
{
	char *safe AUTO_FREE = NULL;
	json_t *json;

	if (!text)
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	safe = text_escape(text, strlen(text));
	return safe ? json_string(safe) : NULL;
}

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
	scols_table_set_column_separator(table->table, "  ");
	scols_table_set_termforce(table->table, out->terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (out->terminal)
		scols_table_set_termwidth(table->table, out->width);
	scols_table_set_stream(table->table, out->file);
	for (size_t i = 0; i < n_columns; i++) {
		int flags = (columns[i].flags & OUTPUT_RIGHT ? SCOLS_FL_RIGHT : 0) |
			    (columns[i].flags & OUTPUT_CUT ? SCOLS_FL_TRUNC : 0);
		struct libscols_column *column = scols_table_new_column(table->table, columns[i].title, 0, flags);

		if (!column)
			return NULL;
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
	char *text AUTO_FREE = NULL;
	va_list args;

	if (table->error || table->cell >= COLUMNS_MAX)
		return;
	va_start(args, format);
	text = escaped_format(format, args);
	va_end(args);
	/* An empty cell would shift the columns for whoever reads them by words. */
	if (!text || scols_line_set_data(table->line, table->cell, *text ? text : "-")) {
		table->error = -ENOMEM;
		return;
	}
	if (strlen(text) > table->widest[table->cell])
		table->widest[table->cell] = strlen(text);
	if (colours[colour].name && table->out->colour)
		scols_cell_set_color(scols_line_get_cell(table->line, table->cell), colours[colour].name);
	table->cell++;
}

static void keep_narrow_columns(struct output_table *table)
{
	size_t n = scols_table_get_ncols(table->table);

	for (size_t i = 0; i < n && i < COLUMNS_MAX; i++) {
		struct libscols_column *column = scols_table_get_column(table->table, i);
		int flags = scols_column_get_flags(column);

		if (table->widest[i] <= CUT_LEAST)
			scols_column_set_flags(column, flags & ~SCOLS_FL_TRUNC);
	}
}

int output_table_print(struct output_table *table)
{
	int r = table->error;

	keep_narrow_columns(table);
	if (!r && !scols_table_is_empty(table->table))
		r = scols_print_table(table->table);
	return r;
}

void output_table_free(struct output_table *table)
{
	if (!table)
		return;
	scols_unref_table(table->table);
	free(table);
}

const char *output_bytes(const struct output *out, uint64_t bytes, char buf[OUTPUT_NUMBER_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	if (!out->terminal) {
		snprintf(buf, OUTPUT_NUMBER_MAX, "%" PRIu64, bytes);
		return buf;
	}
	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, OUTPUT_NUMBER_MAX, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return buf;
}

const char *output_age(uint64_t seconds, char buf[OUTPUT_NUMBER_MAX])
{
	if (seconds < 120)
		snprintf(buf, OUTPUT_NUMBER_MAX, "%" PRIu64 " s", seconds);
	else if (seconds < 120 * 60)
		snprintf(buf, OUTPUT_NUMBER_MAX, "%" PRIu64 " min", seconds / 60);
	else if (seconds < 48 * 3600)
		snprintf(buf, OUTPUT_NUMBER_MAX, "%" PRIu64 " h", seconds / 3600);
	else
		snprintf(buf, OUTPUT_NUMBER_MAX, "%" PRIu64 " d", seconds / 86400);
	return buf;
}
