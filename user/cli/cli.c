// SPDX-License-Identifier: GPL-2.0-only
/*
 * cli.c - what every subcommand says when it cannot go on: see cli.h.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../common/cleanup.h"
#include "../common/text.h"

static void complain(const char *format, va_list args)
{
	char *raw AUTO_FREE = NULL;
	char *safe AUTO_FREE = NULL;

	fflush(stdout); /* so that the order is right where both go to one place */
	if (vasprintf(&raw, format, args) >= 0)
		safe = text_escape(raw, strlen(raw));
	fprintf(stderr, "ringfence: %s\n", safe ? safe : "out of memory");
}

int cli_fail(enum cli_exit code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return code;
}

void cli_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
}

int cli_no_memory(void)
{
	return cli_fail(CLI_CANNOT, "out of memory");
}

const struct cli_command *cli_find(const char *name)
{
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
