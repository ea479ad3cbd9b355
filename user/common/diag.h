/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A list of what is wrong with an input, each with its place.
 *
 * Filled by readers and compilers of user/policy, printed by the command line
 * and logged by the daemon.  Code that reports through this list must not also
 * print or log.
 */
#ifndef COMMON_DIAG_H
#define COMMON_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cleanup.h"

/*
 * A file with a hundred mistakes is mended by its first hundred; what is over
 * is only counted.
 */
#define DIAGS_MAX 100

enum diag_severity {
	DIAG_ERROR,
	DIAG_WARNING,
};

/* A place in the input. Lines and columns count from 1; line 0: no place. */
struct diag_pos {
	uint32_t line;
	uint32_t column; /* in characters, as an editor counts */
};

struct diag {
	enum diag_severity severity;
	struct diag_pos pos;
	char *file;
	char *message;
	char *source;	/* the line of the input, cut around the place; NULL: none */
	uint32_t caret; /* the place in source, in characters from 0 */
	char *hint;	/* NULL when there is none */
	size_t order;	/* as added, to sort places that are equal */
};

/* Start as {0}; end with diags_free or AUTO_DIAGS. */
struct diags {
	struct diag *items;
	size_t n_items;
	size_t n_errors;   /* all, also those not kept */
	size_t n_warnings; /* likewise */
	bool no_memory;	   /* a diagnostic was lost: never treat as success */
	bool last_kept;	   /* the one added last is in items: it may get a hint */
};

/* Where the text that is being judged came from; borrowed, may be {0}. */
struct diag_source {
	const char *file; /* the name to print; NULL: none */
	const char *text; /* whole input for the source line; NULL: none */
	size_t len;
};

void diags_add(struct diags *diags, enum diag_severity severity, const struct diag_source *src, struct diag_pos pos,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * Give the diagnostic that was added last a hint; ignored if it was not kept.
 * Whoever must search for a hint asks diags->last_kept first.
 */
void diags_hint(struct diags *diags, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* true when nothing forbids use of the input: no error, none lost. */
bool diags_ok(const struct diags *diags);

/*
 * In the order of places: "FILE:LINE:COLUMN: message", source line, caret,
 * hint.  Warnings say "warning: " before the message.  Control bytes of the
 * input are escaped.
 */
void diags_print(struct diags *diags, FILE *out);

/* One as diags_print() shows it, without the last newline, allocated; NULL: no memory. */
char *diag_text(const struct diag *diag);

/* Into the order of places. */
void diags_sort(struct diags *diags);

void diags_free(struct diags *diags);

#define AUTO_DIAGS CLEANUP(diags_free)

#endif
