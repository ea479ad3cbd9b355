/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * methods.h - what may be asked at the control socket (user/common/control.h), answered.
 */
#ifndef DAEMON_METHODS_H
#define DAEMON_METHODS_H

#include <stdbool.h>

#include <jansson.h>

struct server_client;

/* For server.handler; context is the struct daemon. */
json_t *methods_handle(void *context, struct server_client *client, const json_t *request, bool writer);

#endif
