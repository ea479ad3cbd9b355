// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault.c - see fault.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"

int fault_set(struct fault *fault, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return err;
}

int fault_errno(struct fault *fault, int err, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	len = strlen(fault->text);
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s", strerror(-err));
	return err;
}
