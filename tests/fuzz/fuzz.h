/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what fuzz targets share: demands, an input that is eaten byte by byte, and what the programs print, kept and looked at.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/common/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says which to the descriptor that libFuzzer leaves open: stderr may stand for something else meanwhile. */
#define REQUIRE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			dprintf(STDERR_FILENO, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                 \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* The input; what is eaten beyond its end is 0. */
struct food {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t food_8(struct food *food)
{
	if (!food->left)
		return 0;
	food->left--;
	return *food->at++;
}

static inline uint16_t food_16(struct food *food)
{
	const uint16_t low = food_8(food);

	return (uint16_t)(low | food_8(food) << 8);
}

/* Up to `want` bytes, lent. */
static inline const uint8_t *food_bytes(struct food *food, size_t want, size_t *ret_n)
{
	const uint8_t *at = food->at;

	*ret_n = want < food->left ? want : food->left;
	food->at += *ret_n;
	food->left -= *ret_n;
	return at;
}

/* The bytes up to a newline as text of its own, without NULs; NULL: there are none left. To be freed. */
static inline char *food_line(struct food *food)
{
	const uint8_t *end;
	size_t n;
	char *line;

	if (!food->left)
		return NULL;
	end = memchr(food->at, '\n', food->left);
	n = end ? (size_t)(end - food->at) : food->left;
	line = strndup((const char *)food->at, n);
	REQUIRE(line);
	food->at += n;
	food->left -= n;
	if (end)
		food_8(food);
	return line;
}

/* What is printed to a stream meanwhile. */
struct printed {
	char *text;
	size_t len;
	FILE *out;
};

static inline void printed_begin(struct printed *printed)
{
	printed->out = open_memstream(&printed->text, &printed->len);
	REQUIRE(printed->out);
}

/* Whatever others chose: nothing in it may steer a terminal, or look like something else. */
static inline void printed_end(struct printed *printed)
{
	fclose(printed->out);
	for (char *line = printed->text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		REQUIRE(text_is_printable(line, end ? (size_t)(end - line) : strlen(line)));
		if (!end)
			break;
	}
	REQUIRE(strlen(printed->text) == printed->len);
	free(printed->text);
}

#endif
