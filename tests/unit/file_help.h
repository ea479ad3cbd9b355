/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that read their cases from files.
 */
#ifndef TEST_FILE_HELP_H
#define TEST_FILE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../user/common/cleanup.h"

#define HELP_PATH_LEN 512

/* All of DIR/NAMESUFFIX with a NUL behind it, to be freed; NULL: it is not there. */
static inline char *help_file(const char *dir, const char *name, const char *suffix, size_t *ret_len)
{
	char path[HELP_PATH_LEN];
	AUTO_FCLOSE FILE *file = NULL;
	char *data = NULL;
	size_t len = 0, room = 0;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	do {
		room += 65536;
		data = realloc(data, room + 1);
		assert_non_null(data);
		len += fread(data + len, 1, room - len, file);
	} while (len == room);
	data[len] = '\0';
	*ret_len = len;
	return data;
}

#endif
