// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostapd.c - see hostapd.h.
 */
#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../common/cleanup.h"
#include "file.h"
#include "hostapd.h"

/* What runs first: OpenWrt's netifd writes its own, Debian's stand in /etc. */
static const char *const places[] = {"/var/run/hostapd-*.conf", "/tmp/run/hostapd-*.conf", "/etc/hostapd/*.conf",
				     "/etc/hostapd.conf"};

/* The value of KEY=VALUE; NULL: another key. */
static const char *value_of(const char *line, const char *key)
{
	const size_t len = strlen(key);

	return strncmp(line, key, len) == 0 && line[len] == '=' ? line + len + 1 : NULL;
}

static bool is_word(const char *value, const char *word)
{
	const size_t len = strlen(word);

	return strncmp(value, word, len) == 0 && (!value[len] || isspace((unsigned char)value[len]));
}

enum hostapd_isolation hostapd_parse(const char *text, const char *ifname)
{
	enum hostapd_isolation found = HOSTAPD_UNKNOWN;
	bool ours = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *name, *value;

		line += *line == '\n';
		name = value_of(line, "interface") ?: value_of(line, "bss");
		value = value_of(line, "ap_isolate");
		if (name)
			ours = is_word(name, ifname);
		/* What a section does not say, it does not take from the one before; not said is 0. */
		if (name && ours)
			found = HOSTAPD_TOGETHER;
		else if (value && ours)
			found = is_word(value, "1") ? HOSTAPD_ISOLATED : HOSTAPD_TOGETHER;
	}
	return found;
}

enum hostapd_isolation hostapd_read(const char *ifname, char ret_path[HOSTAPD_PATH_MAX])
{
	enum hostapd_isolation found = HOSTAPD_UNKNOWN;
	glob_t files = {0};

	ret_path[0] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		glob(places[i], i ? GLOB_APPEND : 0, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc && found == HOSTAPD_UNKNOWN; i++) {
		AUTO_FREE char *text = file_text(files.gl_pathv[i]);

		found = text ? hostapd_parse(text, ifname) : HOSTAPD_UNKNOWN;
		if (found != HOSTAPD_UNKNOWN)
			snprintf(ret_path, HOSTAPD_PATH_MAX, "%s", files.gl_pathv[i]);
	}
	globfree(&files);
	return found;
}
