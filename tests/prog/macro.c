// SPDX-License-Identifier: GPL-2.0-only
/*
 * macro.c - see macro.h. Names are letters, digits and "_"; the line of a definition is expanded before it is stored, so none can hold itself.
 */
#include "macro.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char counter[] = "n";

static size_t name_len(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

int macros_define(struct macros *macros, struct arena *arena, const char *name, const char *text)
{
	struct macro *macro = macros->items;

	while (macro < macros->items + macros->n && strcmp(macro->name, name) != 0)
		macro++;
	if (macro == macros->items + MACROS_MAX)
		return -E2BIG;
	*macro = (struct macro){arena_text(arena, name, strlen(name)), arena_text(arena, text, strlen(text))};
	if (macro == macros->items + macros->n)
		macros->n++;
	return macro->name && macro->text ? 0 : -ENOMEM;
}

static const char *find(const struct macros *macros, const char *name, size_t len)
{
	for (size_t i = 0; i < macros->n; i++)
		if (strlen(macros->items[i].name) == len && strncmp(macros->items[i].name, name, len) == 0)
			return macros->items[i].text;
	return NULL;
}

int macros_expand(const struct macros *macros, const char *raw, char **ret_text, const char **ret_unknown)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	while (*raw) {
		size_t len = *raw == '$' ? name_len(raw + 1) : 0;
		const char *found = len ? find(macros, raw + 1, len) : NULL;

		if (!len || (len == sizeof(counter) - 1 && strncmp(raw + 1, counter, len) == 0)) {
			fputc(*raw++, out);
			continue;
		}
		if (!found) {
			fclose(out);
			free(text);
			*ret_unknown = raw + 1;
			return -ENOENT;
		}
		fputs(found, out);
		raw += 1 + len;
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	return 0;
}

char *macros_count(const char *text, uint64_t n)
{
	char number[24], *copy = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&copy, &size);

	if (!out)
		return NULL;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)n);
	for (const char *c = text; *c; c++) {
		if (*c == '$' && name_len(c + 1) == sizeof(counter) - 1 && c[1] == counter[0]) {
			fputs(number, out);
			c += sizeof(counter) - 1;
		} else {
			fputc(*c, out);
		}
	}
	if (fclose(out)) {
		free(copy);
		return NULL;
	}
	return copy;
}
