/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * privilege.h - what the daemon may still do once the fence is up.
 */
#ifndef DAEMON_PRIVILEGE_H
#define DAEMON_PRIVILEGE_H

#include <stddef.h>

/* Keep only what ports that join and policies that outgrow their maps need, for ever. 0 or negative errno. */
int privilege_drop(void);

/* The capabilities that are in force, as words. */
#define PRIVILEGE_TEXT_MAX 256
const char *privilege_text(char buf[PRIVILEGE_TEXT_MAX]);

#endif
