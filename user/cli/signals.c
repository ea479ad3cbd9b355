// SPDX-License-Identifier: GPL-2.0-only
/*
 * signals.c - see signals.h.
 */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void note(int signal)
{
	(void)signal;
	seen = 1;
}

void signals_catch(void)
{
	struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: waits must end */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool signals_seen(void)
{
	return seen;
}
