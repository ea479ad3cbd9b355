/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * server.h - the control socket: accepts, reads requests, sends replies, feeds subscribers. user/common/control.h has the protocol.
 *
 * What methods do is not known here: a request goes to the handler, which gives back the reply, or subscribes the client.
 * A client that floods, stalls or talks nonsense loses its connection and nothing else.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

#include "../common/control.h"
#include "history.h"
#include "loop.h"

#define SERVER_CLIENTS_MAX 32 /* some people and scripts; each costs at most a request and a reply */

struct server_client;

/*
 * Judge one request. Gives the reply (taken over), or NULL if the client was subscribed by server_subscribe.
 * `writer`: root or of the group.
 */
typedef json_t *(*server_handler)(void *context, struct server_client *client, const json_t *request, bool writer);

struct server {
	struct loop *loop;
	struct loop_source listener;
	struct server_client *clients[SERVER_CLIENTS_MAX];
	const struct history *history;
	server_handler handler;
	void *context;
	gid_t group; /* (gid_t)-1: there is none */
	char path[108];
};

/* Listen at RUN_DIR/control.sock. A stale socket is replaced: the caller holds the lock of the directory. */
int server_open(struct server *server, struct loop *loop, const char *run_dir);
void server_close(struct server *server);

/* Send the client what of the history it wants, from the event of that number on; with follow, for ever. */
void server_subscribe(struct server_client *client, const struct history_filter *filter, uint64_t from, bool follow);

/* There are new events. */
void server_feed(struct server *server);

unsigned int server_subscribers(const struct server *server);

/* {"error":error,"parameters":{"message":...}} */
json_t *server_error(const char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
