/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log.h - the daemon's log: one line a message to stderr, where a person or the journal reads it.
 *
 * Only user/daemon logs. Bytes that do not print (names of interfaces, of devices) are escaped.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

/* Numbers of syslog(3), which the journal reads from the prefix <N>. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Name before each message; what is above level is not logged. To be called once. Finds out whether the journal reads. */
void log_init(const char *name, enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
