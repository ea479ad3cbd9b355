// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - see control.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "control.h"

#define READ_BYTES 4096 /* a message of usual size in one read */

int control_fill(struct control_buffer *buffer, int fd)
{
	ssize_t n;

	if (buffer->len >= buffer->max)
		return -EMSGSIZE;
	if (buffer->room - buffer->len < READ_BYTES) {
		const size_t room = buffer->room + READ_BYTES + buffer->room / 2;
		char *bytes = realloc(buffer->bytes, room);

		if (!bytes)
			return -ENOMEM;
		buffer->bytes = bytes;
		buffer->room = room;
	}
	n = recv(fd, buffer->bytes + buffer->len, buffer->room - buffer->len, 0);
	if (n < 0)
		return -errno;
	buffer->len += (size_t)n;
	if (buffer->len > buffer->max && !memchr(buffer->bytes, '\0', buffer->max))
		return -EMSGSIZE;
	return n > 0;
}

int control_take(struct control_buffer *buffer, json_t **ret_message)
{
	const char *end = buffer->len ? memchr(buffer->bytes, '\0', buffer->len) : NULL;
	json_t *message;
	size_t len;

	if (!end)
		return 0;
	len = (size_t)(end - buffer->bytes);
	/* jansson bounds the depth itself (JSON_PARSER_MAX_DEPTH). */
	message = json_loadb(buffer->bytes, len, JSON_REJECT_DUPLICATES, NULL);
	buffer->len -= len + 1;
	memmove(buffer->bytes, end + 1, buffer->len);
	if (!json_is_object(message)) {
		json_decref(message);
		return -EBADMSG;
	}
	*ret_message = message;
	return 1;
}

char *control_pack(const json_t *message, size_t *ret_len)
{
	char *text = json_dumps(message, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text)
		*ret_len = strlen(text) + 1;
	return text;
}

json_t *control_text(const char *text)
{
	AUTO_FREE char *ascii = NULL;
	json_t *json;

	if (!text)
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	ascii = strdup(text);
	for (char *c = ascii; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return ascii ? json_string(ascii) : NULL;
}

void control_buffer_free(struct control_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct control_buffer){.max = buffer->max};
}

struct control_client {
	int fd;
	struct control_buffer in;
};

int control_connect(const char *run_dir, struct control_client **ret_client)
{
	AUTO_CONTROL struct control_client *client = calloc(1, sizeof(*client));
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const int len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", run_dir ? run_dir : CONTROL_RUN_DIR,
				 CONTROL_SOCKET);

	if (!client)
		return -ENOMEM;
	client->fd = -1;
	client->in.max = CONTROL_REPLY_MAX;
	if (len < 0 || (size_t)len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	if (connect(client->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*ret_client = TAKE_PTR(client);
	return 0;
}

static int send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int control_send(struct control_client *client, const char *method, json_t *parameters, bool more)
{
	AUTO_JSON json_t *request = json_pack("{s:s, s:o, s:b}", "method", method, "parameters",
					      parameters ? parameters : json_object(), "more", more);
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;

	if (!request)
		return -ENOMEM;
	bytes = control_pack(request, &len);
	if (!bytes)
		return -ENOMEM;
	return len > CONTROL_REQUEST_MAX ? -EMSGSIZE : send_all(client->fd, bytes, len);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int control_next(struct control_client *client, int timeout_ms, json_t **ret_reply)
{
	const int64_t end = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd poll_fd = {.fd = client->fd, .events = POLLIN};
		const int64_t left = end - now_ms();
		int err = control_take(&client->in, ret_reply);

		if (err)
			return err;
		err = poll(&poll_fd, 1, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);
		if (err < 0)
			return -errno;
		if (!err)
			return -ETIMEDOUT;
		err = control_fill(&client->in, client->fd);
		if (err <= 0 && err != -EAGAIN)
			return err;
	}
}

/* A reload of a large policy compiles for seconds and waits for a grace period; what takes longer hangs. */
#define CALL_TIMEOUT_MS 60000

int control_call(struct control_client *client, const char *method, json_t *parameters, json_t **ret_reply)
{
	int err = control_send(client, method, parameters, false);

	if (err)
		return err;
	err = control_next(client, CALL_TIMEOUT_MS, ret_reply);
	return err == 1 ? 0 : err == 0 ? -ECONNRESET : err;
}

const char *control_error(const json_t *reply, const char **ret_message)
{
	const char *error = json_string_value(json_object_get(reply, "error"));
	const char *message = json_string_value(json_object_get(json_object_get(reply, "parameters"), "message"));

	if (error && ret_message)
		*ret_message = message ? message : error;
	return error;
}

int control_client_fd(const struct control_client *client)
{
	return client->fd;
}

void control_close(struct control_client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	control_buffer_free(&client->in);
	free(client);
}
