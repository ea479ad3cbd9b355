/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * findings.h - what the checks of `ringfence doctor' found: of each way, what was seen, about whom, and how to close it.
 *
 * Checks add, the command line prints. Text in a finding is not escaped: names in it come from others.
 */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "../common/cleanup.h"
#include "ways.h"

/* X(enum suffix, "word", "what it means"), the worst first. */
#define SEVERITY_LIST(X)                                                                                               \
	X(OPEN, "open", "frames of devices go by the fence, or are let through by anybody's choice")                   \
	X(WARNING, "warning", "something weakens it, or leads around it under conditions that are named")              \
	X(UNKNOWN, "unknown", "it could not be asked on this machine")                                                 \
	X(ADVICE, "advice", "a way that the policy chose to leave, or that cannot be seen from here")                  \
	X(OK, "ok", "looked at, and nothing was found")

#define X(name, ...) SEVERITY_##name,
enum severity { SEVERITY_LIST(X) SEVERITY_COUNT };
#undef X

const char *severity_text(enum severity severity);

/* Names that a finding lists; what is over is only counted. */
#define FINDING_ABOUT_MAX 64

struct finding {
	enum way way;
	enum severity severity;
	char *about[FINDING_ABOUT_MAX]; /* interfaces, devices, profiles, FILE:LINE ... */
	size_t n_about, count;		/* listed; in all */
	char *seen;
	char *close;   /* NULL: nothing is to be done */
	char *command; /* that does it; NULL: there is no single one */
};

struct findings {
	struct finding *items;
	size_t n, room;
	int err;	      /* -ENOMEM: something is missing */
	struct finding spare; /* where there was no memory for one */
};

/* Never NULL: without memory a place where it does no harm. Good until the next one is added. */
struct finding *findings_add(struct findings *findings, enum way way, enum severity severity);
void findings_free(struct findings *findings);

#define AUTO_FINDINGS CLEANUP(findings_free)

size_t findings_count(const struct findings *findings, enum severity severity);
bool findings_has(const struct findings *findings, enum way way);

void finding_about(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_seen(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_close(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_command(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "a, b, c and 4 more" of what it is about. */
#define FINDING_NAMES_MAX 512
const char *finding_names(const struct finding *finding, char buf[FINDING_NAMES_MAX]);

/* A name as one word for the shell: quoted where it has to be. Longer than any path: cut, which no command survives. */
#define FINDING_WORD_MAX 4200
const char *finding_word(const char *name, char buf[FINDING_WORD_MAX]);

#endif
