/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * daemon.h - ask ringfenced, with the one set of answers for people when it cannot be asked.
 */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "../common/control.h"
#include "cli.h"

/* Exit codes of cli.h; complain by themselves. */
int daemon_connect(const struct cli *cli, struct control_client **ret_client);

/* A negative errno of control_connect in words, with what to do. */
int daemon_unreachable(const struct cli *cli, int error);

/* Print what an error reply says and give the exit code: CLI_NO for refusals of what was asked, CLI_CANNOT for the rest. */
int daemon_refused(const json_t *reply);

/* Connect, ask, wait: *ret_reply has `parameters`. `parameters` is taken over. */
int daemon_call(const struct cli *cli, const char *method, json_t *parameters, json_t **ret_reply);

/* The time that stands in an object of the daemon, in seconds of the epoch; 0: there is none. */
double daemon_seconds(const json_t *object, const char *key);

/* What is wrong with a policy, as the daemon says it and `ringfence check' shows it: up to four lines. NULL: nothing. */
void daemon_print_diagnostic(const char *text);

#endif
