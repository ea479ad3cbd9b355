// SPDX-License-Identifier: GPL-2.0-only
/*
 * findings.c - see findings.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include "../machine/list.h"
#include "findings.h"

/* Names in a sentence: more nobody reads. */
#define NAMES_IN_TEXT 6

static const struct {
	const char *key, *asks, *see;
} ways[WAY_COUNT] = {
#define X(name, key, need, asks, see) [WAY_##name] = {key, asks, see},
	WAY_LIST(X)
#undef X
};

const char *way_key(enum way way)
{
	return ways[way].key;
}

const char *way_asks(enum way way)
{
	return ways[way].asks;
}

const char *way_see(enum way way)
{
	return *ways[way].see ? ways[way].see : NULL;
}

const char *severity_text(enum severity severity)
{
	static const char *const words[] = {
#define X(name, word, means) [SEVERITY_##name] = word,
		SEVERITY_LIST(X)
#undef X
	};

	return words[severity];
}

static void clear(struct finding *finding)
{
	for (size_t i = 0; i < finding->n_about; i++)
		free(finding->about[i]);
	free(finding->seen);
	free(finding->close);
	free(finding->command);
}

struct finding *findings_add(struct findings *findings, enum way way, enum severity severity)
{
	struct finding *finding = LIST_ADD(findings);

	if (!finding) {
		finding = &findings->spare;
		clear(finding);
	}
	*finding = (struct finding){.way = way, .severity = severity};
	return finding;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		clear(&findings->items[i]);
	clear(&findings->spare);
	free(findings->items);
	*findings = (struct findings){0};
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n; i++)
		n += findings->items[i].severity == severity;
	return n;
}

bool findings_has(const struct findings *findings, enum way way)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].way == way)
			return true;
	return false;
}

/* NULL: no memory. */
static char *format_text(const char *format, va_list args)
{
	char *text = NULL;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

static void set(char **text, const char *format, va_list args)
{
	free(*text);
	*text = format_text(format, args);
}

void finding_about(struct finding *finding, const char *format, ...)
{
	va_list args;
	char *text;

	finding->count++;
	if (finding->n_about == FINDING_ABOUT_MAX)
		return;
	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text)
		finding->about[finding->n_about++] = text;
}

void finding_seen(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&finding->seen, format, args);
	va_end(args);
}

void finding_close(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&finding->close, format, args);
	va_end(args);
}

void finding_command(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&finding->command, format, args);
	va_end(args);
}

/* Of a path the file: whoever reads it knows where it is, and JSON has it whole. */
static const char *short_name(const char *name)
{
	const char *slash = *name == '/' ? strrchr(name, '/') : NULL;

	return slash ? slash + 1 : name;
}

const char *finding_names(const struct finding *finding, char buf[FINDING_NAMES_MAX])
{
	const size_t shown = finding->n_about < NAMES_IN_TEXT ? finding->n_about : NAMES_IN_TEXT;
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < shown && len < FINDING_NAMES_MAX; i++)
		len += (size_t)snprintf(buf + len, FINDING_NAMES_MAX - len, "%s%s",
					!i					    ? ""
					: i + 1 == shown && shown == finding->count ? " and "
										    : ", ",
					short_name(finding->about[i]));
	if (shown < finding->count && len < FINDING_NAMES_MAX)
		snprintf(buf + len, FINDING_NAMES_MAX - len, " and %zu more", finding->count - shown);
	return buf;
}

static bool is_plain(const char *name)
{
	return *name && *name != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:@%+=/-")] == '\0';
}

const char *finding_word(const char *name, char buf[FINDING_WORD_MAX])
{
	static const char quote[] = "'\\''"; /* end, a quotation mark, go on */
	size_t len = 0;

	if (is_plain(name)) {
		snprintf(buf, FINDING_WORD_MAX, "%s", name);
		return buf;
	}
	buf[len++] = '\'';
	for (; *name && len + sizeof(quote) + 1 < FINDING_WORD_MAX; name++) {
		if (*name == '\'')
			len += (size_t)snprintf(buf + len, sizeof(quote), "%s", quote);
		else
			buf[len++] = *name;
	}
	buf[len++] = '\'';
	buf[len] = '\0';
	return buf;
}
