// SPDX-License-Identifier: GPL-2.0-only
/*
 * server.c - see server.h.
 */
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

#define BACKLOG 8
#define FEED_BYTES (64 * 1024) /* of events at a time: enough to keep a socket busy */
#define GROUPS_MAX 256 /* of a client that count; a member of more is a member of ours among the first, or asks root */

struct server_client {
	struct server *server;
	struct loop_source source;
	struct control_buffer in;
	char *out;
	size_t out_len, out_sent;
	bool writer;
	bool closing; /* when all is sent */
	bool subscribed, follow;
	uint64_t cursor; /* number of the next event to send */
	struct history_filter filter;
};

json_t *server_error(const char *error, const char *format, ...)
{
	char message[1024];
	va_list args;
	json_t *reply;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	reply = json_pack("{s:s, s:{s:s}}", "error", error, "parameters", "message", message);
	/* A message with a file's name that is no UTF-8. */
	return reply ? reply
		     : json_pack("{s:s, s:{s:s}}", "error", error, "parameters", "message",
				 "see the log of ringfenced");
}

/* ---- one client ------------------------------------------------------------------------------------------------ */

static void client_close(struct server_client *client)
{
	struct server *server = client->server;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i] == client)
			server->clients[i] = NULL;
	loop_remove(server->loop, &client->source);
	close(client->source.fd);
	control_buffer_free(&client->in);
	free(client->out);
	free(client);
}

/* Bytes behind what is still to be sent. false: no memory. */
static bool out_append(struct server_client *client, const char *bytes, size_t len)
{
	char *out = realloc(client->out, client->out_len + len);

	if (!out)
		return false;
	memcpy(out + client->out_len, bytes, len);
	client->out = out;
	client->out_len += len;
	return true;
}

static void out_reply(struct server_client *client, json_t *reply)
{
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;

	bytes = reply ? control_pack(reply, &len) : NULL;
	json_decref(reply);
	if (!bytes || !out_append(client, bytes, len))
		client->closing = true;
}

static bool out_event(struct server_client *client, const char *text)
{
	static const char head[] = "{\"parameters\":", tail[] = ",\"continues\":true}";

	/* sizeof(tail) is with its NUL, which ends the message. */
	return out_append(client, head, sizeof(head) - 1) && out_append(client, text, strlen(text)) &&
	       out_append(client, tail, sizeof(tail));
}

static void end_subscription(struct server_client *client)
{
	client->subscribed = false;
	out_reply(client, json_pack("{s:{}}", "parameters"));
}

/* Fill what is to be sent from the history. The events that it lost meanwhile end the subscription: it is not told half. */
static void fill_events(struct server_client *client)
{
	const struct history *history = client->server->history;

	if (client->cursor < history_first(history)) {
		out_reply(client, server_error("too-slow", "events came faster than they were read: connect again"));
		client->subscribed = false;
		client->closing = true;
		return;
	}
	while (client->out_len < FEED_BYTES && client->cursor < history->next) {
		const struct history_event *event = history_at(history, client->cursor++);

		if (event && history_wanted(event, &client->filter) && !out_event(client, event->text)) {
			client->closing = true;
			return;
		}
	}
	if (client->cursor == history->next && !client->follow)
		end_subscription(client);
}

/* Send what there is. false: the client was closed. */
static bool client_flush(struct server_client *client)
{
	for (;;) {
		ssize_t n;

		if (client->out_sent == client->out_len) {
			client->out_sent = client->out_len = 0;
			if (client->subscribed)
				fill_events(client);
			if (!client->out_len)
				break;
		}
		n = send(client->source.fd, client->out + client->out_sent, client->out_len - client->out_sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			client_close(client);
			return false;
		}
		client->out_sent += (size_t)n;
	}
	if (client->closing && !client->out_len) {
		client_close(client);
		return false;
	}
	/* Nothing is read from a client before it has taken what it asked for. */
	loop_change(client->server->loop, &client->source, client->out_len ? EPOLLOUT : EPOLLIN);
	return true;
}

static void client_serve(struct server_client *client)
{
	struct server *server = client->server;

	while (!client->closing && !client->subscribed && !client->out_len) {
		AUTO_JSON json_t *request = NULL;
		const int taken = control_take(&client->in, &request);

		if (!taken)
			return;
		if (taken < 0) {
			out_reply(client, server_error("bad-request", "a request is one JSON object and a NUL byte"));
			client->closing = true;
		} else {
			json_t *reply = server->handler(server->context, client, request, client->writer);

			if (reply || !client->subscribed)
				out_reply(client, reply);
		}
		if (!client_flush(client))
			return;
	}
}

static void client_ready(void *context, uint32_t events)
{
	struct server_client *client = context;
	int n;

	if (events & EPOLLOUT) {
		if (client_flush(client) && !client->out_len)
			client_serve(client);
		return;
	}
	n = control_fill(&client->in, client->source.fd);
	if (n == -EMSGSIZE) {
		out_reply(client, server_error("bad-request", "a request is at most %d bytes", CONTROL_REQUEST_MAX));
		client->closing = true;
		client_flush(client);
	} else if (n <= 0 && n != -EAGAIN) {
		client_close(client);
	} else if (client->subscribed && client->in.len) {
		/* A follower has nothing more to say. */
		client_close(client);
	} else {
		client_serve(client);
	}
}

void server_subscribe(struct server_client *client, const struct history_filter *filter, uint64_t from, bool follow)
{
	client->filter = *filter;
	client->cursor = from;
	client->follow = follow;
	client->subscribed = true;
}

void server_feed(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i] && server->clients[i]->subscribed && !server->clients[i]->out_len)
			client_flush(server->clients[i]);
}

unsigned int server_subscribers(const struct server *server)
{
	unsigned int n = 0;

	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		n += server->clients[i] && server->clients[i]->subscribed;
	return n;
}

/* ---- who may ------------------------------------------------------------------------------------------------------ */

static bool in_group(int fd, gid_t primary, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (group == (gid_t)-1)
		return false;
	if (primary == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool may_write(const struct server *server, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return !peer.uid || in_group(fd, peer.gid, server->group);
}

/* ---- the listener ------------------------------------------------------------------------------------------------- */

static void refuse(int fd)
{
	static const char busy[] =
		"{\"error\":\"busy\",\"parameters\":{\"message\":\"too many clients are connected to ringfenced\"}}";

	send(fd, busy, sizeof(busy), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static struct server_client **free_place(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (!server->clients[i])
			return &server->clients[i];
	return NULL;
}

static void listener_ready(void *context, uint32_t events)
{
	struct server *server = context;
	AUTO_CLOSE int fd = accept4(server->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct server_client **place = free_place(server), *client;

	(void)events;
	if (fd < 0)
		return;
	client = place ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		refuse(fd);
		return;
	}
	*client = (struct server_client){
		.server = server,
		.source = {.fd = fd, .ready = client_ready, .context = client},
		.in.max = CONTROL_REQUEST_MAX,
		.writer = may_write(server, fd),
	};
	if (loop_add(server->loop, &client->source, EPOLLIN)) {
		free(client);
		return;
	}
	TAKE_FD(fd);
	*place = client;
}

static gid_t find_group(void)
{
	const struct group *group = getgrnam(CONTROL_GROUP);

	return group ? group->gr_gid : (gid_t)-1;
}

static int listen_at(struct server *server)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	mode_t mask;
	int err;

	memcpy(addr.sun_path, server->path, sizeof(addr.sun_path));
	server->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->listener.fd < 0)
		return -errno;
	unlink(server->path);
	/* Never open wider than it will be. */
	mask = umask(0117);
	err = bind(server->listener.fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ? -errno : 0;
	umask(mask);
	if (err)
		return err;
	if (chown(server->path, (uid_t)-1, server->group) < 0)
		return -errno;
	return listen(server->listener.fd, BACKLOG) < 0 ? -errno : 0;
}

int server_open(struct server *server, struct loop *loop, const char *run_dir)
{
	const int len = snprintf(server->path, sizeof(server->path), "%s/%s", run_dir, CONTROL_SOCKET);
	int err;

	if (len < 0 || (size_t)len >= sizeof(server->path))
		return -ENAMETOOLONG;
	server->loop = loop;
	server->group = find_group();
	server->listener.ready = listener_ready;
	server->listener.context = server;
	err = listen_at(server);
	return err ? err : loop_add(loop, &server->listener, EPOLLIN);
}

void server_close(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i])
			client_close(server->clients[i]);
	if (server->listener.fd < 0)
		return;
	loop_remove(server->loop, &server->listener);
	close(server->listener.fd);
	server->listener.fd = -1;
	unlink(server->path);
}
