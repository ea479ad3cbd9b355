// SPDX-License-Identifier: GPL-2.0-only
/* user/daemon/server.c: what clients can do to it, over a real socket, with the loop in its own thread. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../user/daemon/server.h"

#define PATIENCE_S 20 /* until a test that waits for the server gives up */

static struct fixture {
	char dir[64];
	struct loop loop;
	struct server server;
	struct history history;
	struct loop_source stop;
	int stop_fds[2];
	pthread_t thread;
} fixture;

/* echo: gives back its parameters; add: makes N events; events: all of them; stay: follows. */
static json_t *handle(void *context, struct server_client *client, const json_t *request, bool writer)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	const struct history_filter all = {0};
	struct fixture *f = context;

	if (!method)
		return server_error("bad-request", "no method");
	if (!strcmp(method, "echo"))
		return json_pack("{s:O, s:b}", "parameters", json_object_get(request, "parameters"), "writer", writer);
	if (!strcmp(method, "add")) {
		for (json_int_t i = json_integer_value(json_object_get(json_object_get(request, "parameters"), "n"));
		     i > 0; i--)
			history_add(&f->history, json_pack("{s:I, s:s}", "left", i, "type", "drop"), i);
		server_feed(&f->server);
		return json_pack("{s:{}}", "parameters");
	}
	server_subscribe(client, &all, history_first(&f->history), !strcmp(method, "stay"));
	return NULL;
}

static void stop_ready(void *context, uint32_t events)
{
	struct fixture *f = context;

	(void)events;
	f->loop.stop = true;
}

static void *run(void *context)
{
	struct fixture *f = context;

	loop_run(&f->loop);
	return NULL;
}

static int set_up(void **state)
{
	struct fixture *f = &fixture;

	*f = (struct fixture){.dir = "/tmp/ringfence-test-XXXXXX", .server.listener.fd = -1};
	if (!mkdtemp(f->dir) || loop_init(&f->loop) || history_init(&f->history) || pipe(f->stop_fds))
		return -1;
	f->stop = (struct loop_source){.fd = f->stop_fds[0], .ready = stop_ready, .context = f};
	f->server.history = &f->history;
	f->server.handler = handle;
	f->server.context = f;
	if (loop_add(&f->loop, &f->stop, EPOLLIN) || server_open(&f->server, &f->loop, f->dir))
		return -1;
	*state = f;
	return pthread_create(&f->thread, NULL, run, f);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	ssize_t n = write(f->stop_fds[1], "", 1);

	pthread_join(f->thread, NULL);
	server_close(&f->server);
	history_free(&f->history);
	loop_close(&f->loop);
	close(f->stop_fds[0]);
	close(f->stop_fds[1]);
	/* The socket must be gone, or this fails. */
	return n != 1 || rmdir(f->dir);
}

static int dial(void)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", fixture.dir, CONTROL_SOCKET);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

static void say(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

#define SAY(fd, text) say(fd, text, sizeof(text))

/* The next message, NULL when the server closed. */
static json_t *hear(int fd, struct control_buffer *buffer)
{
	json_t *message = NULL;
	int n = control_take(buffer, &message);

	buffer->max = CONTROL_REPLY_MAX;
	while (!n) {
		n = control_fill(buffer, fd);
		if (n <= 0) {
			/* A server that closes with our bytes unread resets the connection. */
			if (n != -ECONNRESET)
				assert_int_equal(n, 0);
			return NULL;
		}
		n = control_take(buffer, &message);
	}
	assert_int_equal(n, 1);
	return message;
}

static void expect_error(int fd, const char *error)
{
	struct control_buffer buffer = {0};
	json_t *reply = hear(fd, &buffer);

	assert_non_null(reply);
	assert_string_equal(control_error(reply, NULL), error);
	json_decref(reply);
	control_buffer_free(&buffer);
}

static void test_echo(void **state)
{
	struct control_buffer buffer = {0};
	int fd = dial();

	(void)state;
	SAY(fd, "{\"method\":\"echo\",\"parameters\":{\"n\":1}}");
	/* Two in one write: both are answered, in order. */
	SAY(fd, "{\"method\":\"echo\",\"parameters\":{\"n\":2}}\0{\"method\":\"echo\",\"parameters\":{\"n\":3}}");
	for (int n = 1; n <= 3; n++) {
		json_t *reply = hear(fd, &buffer);

		assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "parameters"), "n")), n);
		assert_true(json_is_true(json_object_get(reply, "writer")) == (getuid() == 0));
		json_decref(reply);
	}
	control_buffer_free(&buffer);
	close(fd);
}

static void test_mode_of_socket(void **state)
{
	char path[128];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/%s", fixture.dir, CONTROL_SOCKET);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void test_nonsense_ends_it(void **state)
{
	struct control_buffer buffer = {0};
	int fd = dial();

	(void)state;
	SAY(fd, "nonsense");
	expect_error(fd, "bad-request");
	assert_null(hear(fd, &buffer));
	control_buffer_free(&buffer);
	close(fd);
}

static void test_too_long_ends_it(void **state)
{
	char many[CONTROL_REQUEST_MAX + 1];
	int fd = dial();

	(void)state;
	memset(many, ' ', sizeof(many));
	say(fd, many, sizeof(many));
	expect_error(fd, "bad-request");
	close(fd);
}

static void test_many_clients(void **state)
{
	static const char request[] = "{\"method\":\"echo\",\"parameters\":{}}";
	int fds[SERVER_CLIENTS_MAX + 1];

	(void)state;
	for (int i = 0; i <= SERVER_CLIENTS_MAX; i++)
		fds[i] = dial();
	expect_error(fds[SERVER_CLIENTS_MAX], "busy");
	for (int i = 0; i <= SERVER_CLIENTS_MAX; i++)
		close(fds[i]);
	/* Their places are free again, some moment later. */
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		struct control_buffer buffer = {0};
		int fd = dial();
		json_t *reply;
		bool served;

		/* A refused connection may be closed before we speak. */
		send(fd, request, sizeof(request), MSG_NOSIGNAL);
		reply = hear(fd, &buffer);
		served = reply && !control_error(reply, NULL);
		json_decref(reply);
		control_buffer_free(&buffer);
		close(fd);
		if (served)
			return;
		usleep(10000);
	}
	fail_msg("places of clients that left are not given to others");
}

static void test_leaves_in_the_middle(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		int fd = dial();

		SAY(fd, "{\"method\":\"add\",\"parameters\":{\"n\":50}}");
		SAY(fd, "{\"method\":\"stay\"}");
		close(fd);
	}
	test_echo(state);
}

static void ask_for_events(int n)
{
	struct control_buffer buffer = {0};
	char text[64];
	int fd = dial();
	json_t *reply;

	say(fd, text, (size_t)snprintf(text, sizeof(text), "{\"method\":\"add\",\"parameters\":{\"n\":%d}}", n) + 1);
	reply = hear(fd, &buffer);
	assert_non_null(reply);
	json_decref(reply);
	control_buffer_free(&buffer);
	close(fd);
}

static int left_of(const json_t *reply)
{
	return (int)json_integer_value(json_object_get(json_object_get(reply, "parameters"), "left"));
}

static void test_events_in_order(void **state)
{
	struct control_buffer buffer = {0};
	int fd = dial();
	json_t *reply;

	(void)state;
	ask_for_events(3000);
	SAY(fd, "{\"method\":\"events\"}");
	for (int left = 3000; left; left--) {
		reply = hear(fd, &buffer);
		assert_int_equal(left_of(reply), left);
		assert_true(json_is_true(json_object_get(reply, "continues")));
		json_decref(reply);
	}
	reply = hear(fd, &buffer);
	assert_null(json_object_get(reply, "continues"));
	json_decref(reply);
	/* And the connection is good for another question. */
	SAY(fd, "{\"method\":\"echo\",\"parameters\":{}}");
	reply = hear(fd, &buffer);
	assert_non_null(reply);
	json_decref(reply);
	control_buffer_free(&buffer);
	close(fd);
}

static void test_follow(void **state)
{
	struct control_buffer buffer = {0};
	int fd = dial();

	(void)state;
	SAY(fd, "{\"method\":\"stay\"}");
	for (int round = 0; round < 3; round++) {
		ask_for_events(10);
		for (int left = 10; left; left--) {
			json_t *reply = hear(fd, &buffer);

			assert_int_equal(left_of(reply), left);
			json_decref(reply);
		}
	}
	control_buffer_free(&buffer);
	close(fd);
}

/* Who does not read is told so and let go; the events that it was told before are whole. */
static void test_too_slow(void **state)
{
	struct control_buffer buffer = {0};
	const char *error = NULL;
	int fd = dial();

	(void)state;
	SAY(fd, "{\"method\":\"stay\"}");
	for (int i = 0; i < 10; i++)
		ask_for_events(HISTORY_EVENTS);
	while (!error) {
		json_t *reply = hear(fd, &buffer);

		assert_non_null(reply);
		error = control_error(reply, NULL) ? "too-slow" : NULL;
		if (error)
			assert_string_equal(control_error(reply, NULL), error);
		json_decref(reply);
	}
	assert_null(hear(fd, &buffer));
	control_buffer_free(&buffer);
	close(fd);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_echo),
		SERVED(test_mode_of_socket),
		SERVED(test_nonsense_ends_it),
		SERVED(test_too_long_ends_it),
		SERVED(test_many_clients),
		SERVED(test_leaves_in_the_middle),
		SERVED(test_events_in_order),
		SERVED(test_follow),
		SERVED(test_too_slow),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
