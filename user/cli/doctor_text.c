// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_text.c - see doctor_text.h.
 */
#include "doctor_text.h"

#include <errno.h>
#include <string.h>

#include "../common/cleanup.h"
#include "../common/text.h"
#include "fold.h"

#define WIDTH_PIPED 80
#define WIDTH_MOST 100 /* longer lines are hard to read */
#define INDENT 2

/* In a pipe, too: it is prose, and read. */
static size_t width_of(const struct output *out)
{
	if (!out->terminal)
		return WIDTH_PIPED;
	return out->width < WIDTH_MOST ? out->width : WIDTH_MOST;
}

/* Folded, every line indented. 0 or -ENOMEM. */
static int print_folded(const struct output *out, const char *text)
{
	char *safe AUTO_FREE = text_escape(text, strlen(text));
	char *line AUTO_FREE = NULL;
	char *folded AUTO_FREE = NULL;

	if (!safe || asprintf(&line, "%*s%s", INDENT, "", safe) < 0)
		return -ENOMEM;
	folded = fold_text(line, width_of(out), INDENT);
	if (!folded)
		return -ENOMEM;
	output_print(out, OUTPUT_PLAIN, "%s\n", folded);
	return 0;
}

/* Whole, so that it can be taken as it is. */
static void print_command(const struct output *out, const char *command)
{
	output_print(out, OUTPUT_BOLD, "%*s# %s\n", INDENT, "", command);
}

static enum output_colour colour_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_OPEN:
		return OUTPUT_BAD;
	case SEVERITY_WARNING:
	case SEVERITY_UNKNOWN:
		return OUTPUT_NOTE;
	case SEVERITY_OK:
		return OUTPUT_GOOD;
	case SEVERITY_ADVICE:
	case SEVERITY_COUNT:
	default:
		return OUTPUT_PLAIN;
	}
}

static int print_finding(const struct output *out, const struct finding *finding)
{
	char *close AUTO_FREE = NULL;
	int r;

	output_print(out, colour_of(finding->severity), "%s", severity_text(finding->severity));
	output_print(out, OUTPUT_BOLD, "  %s\n", way_key(finding->way));
	r = print_folded(out, finding->seen ?: "");
	if (!r && finding->close) {
		if (asprintf(&close, "Close: %s.", finding->close) < 0)
			return -ENOMEM;
		r = print_folded(out, close);
	}
	if (!r && finding->command)
		print_command(out, finding->command);
	output_print(out, OUTPUT_PLAIN, "\n");
	return r;
}

/* The keys of what is in order, in one paragraph. */
static int print_ok(const struct output *out, const struct findings *findings)
{
	size_t len = 0, n = findings_count(findings, SEVERITY_OK);
	char *keys AUTO_FREE = NULL;
	FILE *text;
	int r;

	if (!n)
		return 0;
	text = open_memstream(&keys, &len);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].severity == SEVERITY_OK)
			fprintf(text, "%s%s", way_key(findings->items[i].way), --n ? ", " : "");
	if (fclose(text))
		return -ENOMEM;
	output_print(out, OUTPUT_GOOD, "%s\n", severity_text(SEVERITY_OK));
	r = print_folded(out, keys);
	output_print(out, OUTPUT_PLAIN, "\n");
	return r;
}

int doctor_text(const struct output *out, const struct findings *findings)
{
	int r = 0;

	for (int severity = 0; severity < SEVERITY_OK; severity++)
		for (size_t i = 0; i < findings->n && !r; i++)
			if (findings->items[i].severity == (enum severity)severity)
				r = print_finding(out, &findings->items[i]);
	if (!r)
		r = print_ok(out, findings);
	for (int severity = 0; severity < SEVERITY_COUNT; severity++) {
		const size_t n = findings_count(findings, (enum severity)severity);

		output_print(out, n ? colour_of((enum severity)severity) : OUTPUT_PLAIN, "%zu %s", n,
			     severity_text((enum severity)severity));
		output_print(out, OUTPUT_PLAIN, severity + 1 < SEVERITY_COUNT ? ", " : "\n");
	}
	return r;
}
