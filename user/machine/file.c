// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.c - see file.h.
 */
#include <stdio.h>

#include "../common/cleanup.h"
#include "file.h"

/* More than any configuration that is read here: one has some hundred lines. */
#define FILE_BYTES_MAX (256 * 1024)

char *file_text(const char *path)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *text = file ? malloc(FILE_BYTES_MAX + 1) : NULL;

	if (!text)
		return NULL;
	text[fread(text, 1, FILE_BYTES_MAX, file)] = '\0';
	return TAKE_PTR(text);
}
