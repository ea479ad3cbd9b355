/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * case_reader.h - the state of reading a file of packet cases, for case.c and case_expect.c.
 */
#ifndef TESTS_PROG_CASE_READER_H
#define TESTS_PROG_CASE_READER_H

#include <stdint.h>

#include "case.h"
#include "macro.h"

struct case_reader {
	const char *path;
	unsigned int line;
	struct case_list *list;
	struct macros macros;
	const char *policy;
	uint64_t now_ns, begin_ns;
	uint32_t generation; /* what `generation` said of the next policy; 0: nothing */
	struct step next;    /* what times, tag-meta and snap said of the next frame */
};

/* FILE:LINE: message to stderr; -EINVAL. */
int case_fail(const struct case_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The case that lines are of; NULL: none yet. */
struct packet_case *case_current(struct case_reader *reader);

/* A step of that case, with the time and what the lines before it said of the next frame. NULL: no case, or no memory. */
struct step *case_add_step(struct case_reader *reader, enum step_kind kind, const char *text);

/* Room for one item more than n. */
int case_grow(void *ret_items, size_t n, size_t *capacity, size_t size);

/* Copies that live as long as the list; the second of a path beside the case file. NULL: no memory. */
const char *case_keep(struct case_reader *reader, const char *text);
const char *case_keep_path(struct case_reader *reader, const char *name);

/* Without the space around it, in place. */
char *case_trim(char *text);

/* The first word; *text is moved behind it and the space after. */
char *case_take_word(char **text);

/* case_expect.c: what a frame must come to. `text` is changed. */
int case_read_expect(struct case_reader *reader, char *text);

/* Has each frame of the case one? */
int case_check_expects(struct case_reader *reader);

#endif
