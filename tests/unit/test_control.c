// SPDX-License-Identifier: GPL-2.0-only
/* user/common/control.c: framing under every way in which bytes can arrive, and a client against a scripted daemon. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../user/common/control.h"

struct pair {
	int near, far;
	struct control_buffer in;
};

static void pair_open(struct pair *pair, size_t max)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*pair = (struct pair){.near = fds[0], .far = fds[1], .in.max = max};
}

static void pair_close(struct pair *pair)
{
	close(pair->near);
	if (pair->far >= 0)
		close(pair->far);
	control_buffer_free(&pair->in);
}

static void put(const struct pair *pair, const char *bytes, size_t len)
{
	assert_int_equal(write(pair->far, bytes, len), len);
}

static void test_byte_by_byte(void **state)
{
	static const char text[] = "{\"method\":\"status\"}";
	json_t *message = NULL;
	struct pair pair;

	(void)state;
	pair_open(&pair, CONTROL_REQUEST_MAX);
	for (size_t i = 0; i < sizeof(text); i++) {
		assert_int_equal(control_take(&pair.in, &message), 0);
		put(&pair, text + i, 1);
		assert_int_equal(control_fill(&pair.in, pair.near), 1);
	}
	assert_int_equal(control_take(&pair.in, &message), 1);
	assert_string_equal(json_string_value(json_object_get(message, "method")), "status");
	json_decref(message);
	assert_int_equal(control_fill(&pair.in, pair.near), -EAGAIN);
	pair_close(&pair);
}

static void test_several_at_once(void **state)
{
	static const char text[] = "{\"n\":1}\0{\"n\":2}\0{\"n\"";
	struct pair pair;
	json_t *message = NULL;

	(void)state;
	pair_open(&pair, CONTROL_REQUEST_MAX);
	put(&pair, text, sizeof(text) - 1);
	assert_int_equal(control_fill(&pair.in, pair.near), 1);
	for (int n = 1; n <= 2; n++) {
		assert_int_equal(control_take(&pair.in, &message), 1);
		assert_int_equal(json_integer_value(json_object_get(message, "n")), n);
		json_decref(message);
	}
	assert_int_equal(control_take(&pair.in, &message), 0);
	put(&pair, ":3}\0", 4);
	assert_int_equal(control_fill(&pair.in, pair.near), 1);
	assert_int_equal(control_take(&pair.in, &message), 1);
	json_decref(message);
	pair_close(&pair);
}

static void test_nonsense(void **state)
{
	static const char *const bad[] = {
		"", "x", "[]", "1", "\"text\"", "{", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\xfe\"}", "{} {}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *message = NULL;
		struct pair pair;

		pair_open(&pair, CONTROL_REQUEST_MAX);
		put(&pair, bad[i], strlen(bad[i]) + 1);
		assert_int_equal(control_fill(&pair.in, pair.near), 1);
		assert_int_equal(control_take(&pair.in, &message), -EBADMSG);
		assert_null(message);
		pair_close(&pair);
	}
}

static void test_depth(void **state)
{
	char deep[CONTROL_REQUEST_MAX];
	json_t *message = NULL;
	struct pair pair;

	(void)state;
	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	deep[sizeof(deep) - 2] = '\0';
	pair_open(&pair, CONTROL_REQUEST_MAX);
	put(&pair, deep, sizeof(deep) - 1);
	while (control_fill(&pair.in, pair.near) == 1)
		;
	assert_int_equal(control_take(&pair.in, &message), -EBADMSG);
	pair_close(&pair);
}

static void test_too_long(void **state)
{
	char many[1024];
	struct pair pair;
	int n = 1;

	(void)state;
	memset(many, ' ', sizeof(many));
	pair_open(&pair, 8 * sizeof(many));
	for (int i = 0; i < 16; i++)
		put(&pair, many, sizeof(many));
	for (int i = 0; i < 64 && n == 1; i++)
		n = control_fill(&pair.in, pair.near);
	assert_int_equal(n, -EMSGSIZE);
	pair_close(&pair);
}

static void test_closed(void **state)
{
	struct pair pair;

	(void)state;
	pair_open(&pair, CONTROL_REQUEST_MAX);
	put(&pair, "{", 1);
	close(pair.far);
	pair.far = -1;
	assert_int_equal(control_fill(&pair.in, pair.near), 1);
	assert_int_equal(control_fill(&pair.in, pair.near), 0);
	pair_close(&pair);
}

static void test_pack_is_ascii(void **state)
{
	json_t *message = json_pack("{s:s}", "name", "caf\xc3\xa9\x1b[31m\n");
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;

	(void)state;
	bytes = control_pack(message, &len);
	json_decref(message);
	assert_non_null(bytes);
	assert_int_equal(bytes[len - 1], 0);
	for (size_t i = 0; i + 1 < len; i++)
		assert_true(bytes[i] >= 0x20 && bytes[i] < 0x7f);
}

/* ---- a client -------------------------------------------------------------------------------------------------- */

struct script {
	char dir[64];
	int listener;
	const char *reply; /* NULL: close without one */
	size_t len;
};

static void *play(void *context)
{
	const struct script *script = context;
	int fd = accept(script->listener, NULL, NULL);
	char request[CONTROL_REQUEST_MAX];

	if (fd < 0)
		return NULL;
	if (recv(fd, request, sizeof(request), 0) > 0 && script->reply)
		send(fd, script->reply, script->len, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void script_open(struct script *script, const char *reply, size_t len)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	*script = (struct script){.dir = "/tmp/ringfence-test-XXXXXX", .reply = reply, .len = len};
	assert_non_null(mkdtemp(script->dir));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", script->dir, CONTROL_SOCKET);
	script->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(script->listener, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(script->listener, 1), 0);
}

static void script_close(struct script *script)
{
	char path[128];

	close(script->listener);
	snprintf(path, sizeof(path), "%s/%s", script->dir, CONTROL_SOCKET);
	unlink(path);
	rmdir(script->dir);
}

/* One call; its result, and the reply. */
static int call(const char *text, size_t len, json_t **ret_reply)
{
	struct control_client *client AUTO_CONTROL = NULL;
	struct script script;
	pthread_t thread;
	int err;

	script_open(&script, text, len);
	assert_int_equal(pthread_create(&thread, NULL, play, &script), 0);
	assert_int_equal(control_connect(script.dir, &client), 0);
	err = control_call(client, "status", NULL, ret_reply);
	pthread_join(thread, NULL);
	script_close(&script);
	return err;
}

static void test_call(void **state)
{
	static const char good[] = "{\"parameters\":{\"a\":1}}";
	static const char refused[] = "{\"error\":\"busy\",\"parameters\":{\"message\":\"later\"}}";
	const char *message = NULL;
	json_t *reply = NULL;

	(void)state;
	assert_int_equal(call(good, sizeof(good), &reply), 0);
	assert_null(control_error(reply, &message));
	json_decref(reply);
	assert_int_equal(call(refused, sizeof(refused), &reply), 0);
	assert_string_equal(control_error(reply, &message), "busy");
	assert_string_equal(message, "later");
	json_decref(reply);
	assert_int_equal(call(NULL, 0, &reply), -ECONNRESET);
	assert_int_equal(call("{\"par", 5, &reply), -ECONNRESET);
	assert_int_equal(call("nonsense", 9, &reply), -EBADMSG);
}

static void test_no_daemon(void **state)
{
	struct control_client *client AUTO_CONTROL = NULL;
	char long_dir[200];

	(void)state;
	assert_int_equal(control_connect("/nonexistent/ringfence", &client), -ENOENT);
	memset(long_dir, 'x', sizeof(long_dir) - 1);
	long_dir[sizeof(long_dir) - 1] = '\0';
	assert_int_equal(control_connect(long_dir, &client), -ENAMETOOLONG);
}

static void test_request_too_long(void **state)
{
	struct control_client *client AUTO_CONTROL = NULL;
	struct script script;
	char text[CONTROL_REQUEST_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	script_open(&script, NULL, 0);
	assert_int_equal(control_connect(script.dir, &client), 0);
	assert_int_equal(control_send(client, "events", json_pack("{s:s}", "device", text), true), -EMSGSIZE);
	script_close(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte),  cmocka_unit_test(test_several_at_once),
		cmocka_unit_test(test_nonsense),      cmocka_unit_test(test_depth),
		cmocka_unit_test(test_too_long),      cmocka_unit_test(test_closed),
		cmocka_unit_test(test_pack_is_ascii), cmocka_unit_test(test_call),
		cmocka_unit_test(test_no_daemon),     cmocka_unit_test(test_request_too_long),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
