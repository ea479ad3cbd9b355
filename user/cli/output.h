/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * output.h - the one layer through which results leave `ringfence`.
 *
 * On a terminal: tables and lines no wider than it, colour unless NO_COLOR is set or the terminal is dumb. Piped: the same columns, whole
 * and without colour. JSON: one object a line, in ASCII, so that no string in it can steer a terminal.
 * Every cell is escaped here; a caller need not and must not do it.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

enum output_colour {
	OUTPUT_PLAIN,
	OUTPUT_GOOD,
	OUTPUT_BAD,
	OUTPUT_NOTE,
	OUTPUT_FAINT,
	OUTPUT_BOLD,
};

struct output {
	FILE *file;
	bool terminal;
	bool colour;
	unsigned int width;  /* columns; meant on a terminal only, as is height */
	unsigned int height; /* rows */
};

void output_init(struct output *out, FILE *file);

/* Asks the terminal again how large it is: call before each picture that is redrawn. */
void output_resize(struct output *out);

/* The escape sequence that starts (or with OUTPUT_PLAIN ends) a colour; "" without colour. */
const char *output_colour(const struct output *out, enum output_colour colour);

/* printf, in which control bytes of the result (but newline) are escaped. */
void output_print(const struct output *out, enum output_colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The text that output_print() makes of it, without colour. NULL: no memory. */
char *output_format(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/*
 * Lines for people. What is printed to fold->out between begin and end is folded at blanks to the terminal's width, each further line of a line behind
 * `indent` blanks. Elsewhere lines stay whole.
 */
struct output_fold {
	struct output out;
	const struct output *to;
	char *text;
	size_t len;
};

void output_fold_begin(struct output_fold *fold, const struct output *out);
void output_fold_end(struct output_fold *fold, unsigned int indent);

/* output_print() of whole lines, folded. */
void output_sentence(const struct output *out, enum output_colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One object, one line, flushed. Takes the object over, which may be NULL for want of memory: -ENOMEM; else what the write said. */
int output_json(const struct output *out, json_t *object);

/* The same without flushing, for lines by the million. */
int output_json_line(const struct output *out, json_t *object);

/* For an object that is written in parts: a value without a newline; the members of an object, its end, and that of the line, flushed. Errors as above. */
int output_json_part(const struct output *out, json_t *object);
int output_json_members(const struct output *out, json_t *object);

/* A string for JSON from bytes that need not be UTF-8: null for NULL, escaped as \xNN where it is not. */
json_t *output_json_text(const char *text);

/* ---- tables ---------------------------------------------------------------------------------------------- */

enum output_column_flags {
	OUTPUT_RIGHT = 1 << 0, /* numbers */
	OUTPUT_CUT = 1 << 1,   /* may be cut when the terminal is narrow */
	OUTPUT_FOLD = 1 << 2,  /* sentences: may take several lines then */
	OUTPUT_TAIL = 1 << 3,  /* with OUTPUT_CUT: its end says more, as that of FILE:LINE does */
};

/* Of a column that may be left out when the terminal is too narrow for all: those of the highest rank go first. A last line names them. */
#define OUTPUT_RANK(n) ((n) << OUTPUT_RANK_SHIFT)
#define OUTPUT_RANK_SHIFT 8

struct output_column {
	const char *title;
	int flags;
};

struct output_table;

/* NULL: no memory. The first failure inside is kept and returned by output_table_print. */
struct output_table *output_table_new(const struct output *out, const struct output_column *columns, size_t n_columns);
void output_table_row(struct output_table *table);
/* The next cell of the row. */
void output_table_cell(struct output_table *table, enum output_colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int output_table_print(struct output_table *table);
void output_table_free(struct output_table *table);

static inline void output_table_cleanup(struct output_table **table)
{
	output_table_free(*table);
}

#define AUTO_TABLE __attribute__((cleanup(output_table_cleanup)))

/* ---- numbers for people ---------------------------------------------------------------------------------- */

#define OUTPUT_NUMBER_MAX 32

/* 12345678 -> "11.8 MiB" on a terminal, "12345678" piped. */
const char *output_bytes(const struct output *out, uint64_t bytes, char buf[OUTPUT_NUMBER_MAX]);
/* "3 s", "4 min", "2 h", "5 d". */
const char *output_age(uint64_t seconds, char buf[OUTPUT_NUMBER_MAX]);

#endif
