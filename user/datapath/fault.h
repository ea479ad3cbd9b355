/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.h - what went wrong between user space and the kernel, in a sentence that says what to do.
 *
 * Filled by user/datapath, which must not log or print; the daemon logs it, the command line prints it.
 */
#ifndef DATAPATH_FAULT_H
#define DATAPATH_FAULT_H

#define FAULT_TEXT_MAX 1024 /* a sentence and the last lines of the verifier */

/* Start as {0}. */
struct fault {
	char text[FAULT_TEXT_MAX];
};

/* Set the text and give back err (negative errno), for `return fault_set(...)`. */
int fault_set(struct fault *fault, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, followed by ": " and what err means. */
int fault_errno(struct fault *fault, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
