/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signals.h - end a command that goes on until interrupted (--watch, --follow) by its own hand, with exit status 0.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* From now on SIGINT and SIGTERM interrupt system calls and are remembered. */
void signals_catch(void);
bool signals_seen(void);

#endif
