/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small helpers on text: numbers, UTF-8, likeness, safe display.
 *
 * Used wherever a string came from a file, a device or a person.  Must not
 * depend on the locale: the same bytes give the same result everywhere.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only (no sign, no space), at most max. */
bool text_to_u64(const char *text, uint64_t max, uint64_t *ret_value);

/* Decimal, or hexadecimal after 0x. */
bool text_to_u64_hex(const char *text, uint64_t max, uint64_t *ret_value);

/*
 * One UTF-8 character from at most len bytes: its length, and the code point
 * in *ret_code.  0: not UTF-8 (overlong forms and surrogates included).
 */
size_t text_utf8(const char *text, size_t len, uint32_t *ret_code);

/*
 * May this character be shown on a terminal as it is?  No: controls, line and
 * paragraph separators, bidirectional and invisible format characters, which
 * make a text look like another, and code points that are no characters.
 */
bool text_printable(uint32_t code);

/* Valid UTF-8 of printable characters only. */
bool text_is_printable(const char *text, size_t len);

/*
 * Copy with everything that is not printable as \xNN (each byte).  Allocated;
 * NULL: no memory.
 */
char *text_escape(const char *text, size_t len);

/*
 * Edit distance (insert, delete, replace, swap of neighbours count 1) up to
 * max; more is max + 1.  Texts over 64 bytes are only ever like themselves.
 */
unsigned int text_distance(const char *a, const char *b, unsigned int max);

/* The distance up to which a word of this length is worth a "did you mean". */
unsigned int text_tolerance(const char *word);

bool text_starts_with(const char *text, const char *start);

#endif
