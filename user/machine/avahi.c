// SPDX-License-Identifier: GPL-2.0-only
/*
 * avahi.c - see avahi.h.
 */
#include <string.h>

#include "../common/cleanup.h"
#include "avahi.h"
#include "file.h"

#define KEY "enable-reflector"

bool avahi_parse(const char *text)
{
	bool reflects = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, KEY, strlen(KEY)) != 0)
			continue;
		line += strlen(KEY) + strspn(line + strlen(KEY), " \t");
		if (*line == '=')
			reflects = strncmp(line + 1 + strspn(line + 1, " \t"), "yes", strlen("yes")) == 0;
	}
	return reflects;
}

bool avahi_reflects(void)
{
	AUTO_FREE char *text = file_text(AVAHI_CONFIG);

	return text && avahi_parse(text);
}
