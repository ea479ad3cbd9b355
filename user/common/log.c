// SPDX-License-Identifier: GPL-2.0-only
/*
 * log.c - see log.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "text.h"

#define LINE_MAX_BYTES 4096 /* longer lines are cut: a journal's field would be, too */

static struct {
	const char *name;
	enum log_level level;
	bool journal;
} log_state = {.name = "ringfence", .level = LOG_LEVEL_INFO};

/* systemd says device and inode of the stream that it gave us (systemd.exec(5), $JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char *end;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	device = strtoull(stream, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoull(end + 1, &end, 10);
	return !*end && st.st_dev == device && st.st_ino == inode;
}

void log_init(const char *name, enum log_level level)
{
	log_state.name = name;
	log_state.level = level;
	log_state.journal = stderr_is_journal();
}

static void log_line(enum log_level level, const char *format, va_list args)
{
	AUTO_FREE char *shown = NULL;
	char line[LINE_MAX_BYTES];

	if (level > log_state.level)
		return;
	vsnprintf(line, sizeof(line), format, args);
	shown = text_escape(line, strlen(line));
	if (!shown)
		return;
	if (log_state.journal)
		fprintf(stderr, "<%d>%s\n", (int)level, shown);
	else
		fprintf(stderr, "%s: %s%s\n", log_state.name,
			level == LOG_LEVEL_ERROR     ? "error: "
			: level == LOG_LEVEL_WARNING ? "warning: "
						     : "",
			shown);
}

#define LOG_FUNCTION(name, level)                                                                                      \
	void name(const char *format, ...)                                                                             \
	{                                                                                                              \
		va_list args;                                                                                          \
                                                                                                                       \
		va_start(args, format);                                                                                \
		log_line(level, format, args);                                                                         \
		va_end(args);                                                                                          \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
