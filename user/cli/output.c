// SPDX-License-Identifier: GPL-2.0-only
/*
 * output.c - terminals, colour, sentences, JSON lines: see output.h; its tables are in output_table.c.
 */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../common/cleanup.h"
#include "../common/text.h"
#include "fold.h"

#define WIDTH_DEFAULT 80 /* a terminal that does not say */
#define HEIGHT_DEFAULT 24
#define WIDTH_MIN 20 /* narrower, and a table is no table */

/* ECMA-48 SGR */
static const char *const colours[] = {
	[OUTPUT_PLAIN] = "\033[0m", [OUTPUT_GOOD] = "\033[32m", [OUTPUT_BAD] = "\033[31m",
	[OUTPUT_NOTE] = "\033[33m", [OUTPUT_FAINT] = "\033[2m", [OUTPUT_BOLD] = "\033[1m",
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
	return out->colour ? colours[colour] : "";
}

char *output_format(const char *format, va_list args)
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

static void print_args(const struct output *out, enum output_colour colour, const char *format, va_list args)
{
	char *text AUTO_FREE = output_format(format, args);

	fprintf(out->file, "%s%s%s", colour ? output_colour(out, colour) : "", text ? text : "(no memory)\n",
		colour ? output_colour(out, OUTPUT_PLAIN) : "");
}

void output_print(const struct output *out, enum output_colour colour, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_args(out, colour, format, args);
	va_end(args);
}

/* Where there is no memory to fold in, the text goes out as it is. */
void output_fold_begin(struct output_fold *fold, const struct output *out)
{
	*fold = (struct output_fold){.out = *out, .to = out};
	if (!out->terminal)
		return;
	fold->out.file = open_memstream(&fold->text, &fold->len);
	if (!fold->out.file)
		fold->out.file = out->file;
}

void output_fold_end(struct output_fold *fold, unsigned int indent)
{
	char *folded AUTO_FREE = NULL;

	if (fold->out.file == fold->to->file)
		return;
	if (fclose(fold->out.file) == 0)
		folded = fold_text(fold->text, fold->to->width, indent);
	fputs(folded ? folded : fold->text ? fold->text : "(no memory)\n", fold->to->file);
	free(fold->text);
}

void output_sentence(const struct output *out, enum output_colour colour, const char *format, ...)
{
	struct output_fold fold;
	va_list args;

	output_fold_begin(&fold, out);
	va_start(args, format);
	print_args(&fold.out, colour, format, args);
	va_end(args);
	output_fold_end(&fold, 0);
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
