// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small helpers on text: see text.h.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names and keys are at most 63 bytes; a longer text is no misspelt word. */
#define DISTANCE_LEN_MAX 64

static bool digits_to_u64(const char *text, unsigned int base, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned int digit;

		if (*text >= '0' && *text <= '9')
			digit = (unsigned int)(*text - '0');
		else if (base == 16 && (*text | 0x20) >= 'a' && (*text | 0x20) <= 'f')
			digit = (unsigned int)((*text | 0x20) - 'a' + 10);
		else
			return false;
		if (digit > max || value > (max - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret_value = value;
	return true;
}

bool text_to_u64(const char *text, uint64_t max, uint64_t *ret_value)
{
	return digits_to_u64(text, 10, max, ret_value);
}

bool text_to_u64_hex(const char *text, uint64_t max, uint64_t *ret_value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return digits_to_u64(text + 2, 16, max, ret_value);
	return digits_to_u64(text, 10, max, ret_value);
}

size_t text_utf8(const char *text, size_t len, uint32_t *ret_code)
{
	/* The smallest code point that may use 1, 2, 3, 4 bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first;
	uint32_t code;
	size_t n;

	if (!len)
		return 0;
	first = (unsigned char)text[0];
	if (first < 0x80) {
		*ret_code = first;
		return 1;
	}
	n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || n > len)
		return 0;

	code = first & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

bool text_printable(uint32_t code)
{
	static const struct {
		uint32_t lo, hi;
	} hidden[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f},		      /* controls */
		{0x00ad, 0x00ad}, {0x061c, 0x061c}, {0x180e, 0x180e}, /* invisible */
		{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, /* invisible, bidi */
		{0xd800, 0xdfff}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}, /* tags */
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].lo && code <= hidden[i].hi)
			return false;
	return (code & 0xfffe) != 0xfffe && code <= 0x10ffff;
}

bool text_is_printable(const char *text, size_t len)
{
	while (len) {
		uint32_t code;
		size_t n = text_utf8(text, len, &code);

		if (!n || !text_printable(code))
			return false;
		text += n;
		len -= n;
	}
	return true;
}

char *text_escape(const char *text, size_t len)
{
	char *out = malloc(len * 4 + 1); /* the worst: each byte as \xNN */
	char *at = out;

	if (!out)
		return NULL;
	while (len) {
		uint32_t code = 0;
		size_t n = text_utf8(text, len, &code);

		if (n && text_printable(code)) {
			memcpy(at, text, n);
			at += n;
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				at += sprintf(at, "\\x%02x", (unsigned char)text[i]);
		}
		text += n;
		len -= n;
	}
	*at = '\0';
	return out;
}

static unsigned int min2(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int text_distance(const char *a, const char *b, unsigned int max)
{
	unsigned int rows[3][DISTANCE_LEN_MAX + 1];
	size_t len_a = strlen(a), len_b = strlen(b);
	size_t diff = len_a > len_b ? len_a - len_b : len_b - len_a;

	if (diff > max || len_a > DISTANCE_LEN_MAX || len_b > DISTANCE_LEN_MAX)
		return strcmp(a, b) == 0 ? 0 : max + 1;

	for (size_t j = 0; j <= len_b; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= len_a; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		unsigned int best = row[0] = (unsigned int)i;

		for (size_t j = 1; j <= len_b; j++) {
			row[j] = min2(above[j - 1] + (a[i - 1] != b[j - 1]), min2(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min2(row[j], above2[j - 2] + 1);
			best = min2(best, row[j]);
		}
		/* A swap looks two rows back, so one row over the limit may recover by one. */
		if (best > max + 1)
			return max + 1;
	}
	return min2(rows[len_a % 3][len_b], max + 1);
}

unsigned int text_tolerance(const char *word)
{
	size_t len = strlen(word);

	return len <= 2 ? 0 : len <= 4 ? 1 : len <= 12 ? 2 : 3;
}

bool text_starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}
