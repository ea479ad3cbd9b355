// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: what a client may send to the control socket, in whatever pieces, through the daemon's own server (user/daemon/server.c) and methods
 * (methods.c), over a real socket.
 *
 * The input is steps: a step byte says how many bytes of what follows are sent at once, whether to read, or to close and come again. Whatever comes: each reply is
 * one JSON object and a NUL, an error has a message, a writing method is refused to who may not write, and the next client is served.
 *
 * The daemon is one with a policy, a history and no datapath: there is no ring to consume (the link wraps that call), no map to read, and the file of its policy
 * is gone, so that `reload` is refused at its first step.
 * Room: user/daemon/server.c user/daemon/methods.c user/daemon/history.c user/common/control.c
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../user/common/log.h"
#include "../../user/daemon/daemon.h"
#include "../../user/daemon/methods.h"

#define POLICY "tests/cases/policy/good-all.yaml"
#define GONE "/nonexistent/policy.yaml"
#define EVENTS 40
#define SECOND_NS 1000000000LL
#define STEPS_MAX 200
#define TURNS_MAX 1000 /* of the loop for one step: replies are short */

static struct daemon daemon_under_test = {.server.listener.fd = -1};
static char run_dir[] = "/tmp/ringfence-fuzz-XXXXXX";
static bool writer; /* of the client in hand */

int __wrap_datapath_consume(struct datapath *datapath);
int __wrap_datapath_consume(struct datapath *datapath)
{
	REQUIRE(!datapath);
	return 0;
}

/* As whoever the input says: the socket would say root. */
static json_t *handle(void *context, struct server_client *client, const json_t *request, bool root)
{
	json_t *reply;

	REQUIRE(json_is_object(request) && root);
	reply = methods_handle(context, client, request, writer);
	if (!writer && reply && !strcmp(json_string_value(json_object_get(request, "method")) ?: "", "reload"))
		REQUIRE(!strcmp(json_string_value(json_object_get(reply, "error")) ?: "", "permission-denied") ||
			!strcmp(json_string_value(json_object_get(reply, "error")) ?: "", "bad-request"));
	return reply;
}

static void remove_run_dir(void)
{
	server_close(&daemon_under_test.server);
	rmdir(run_dir);
}

static void make_history(struct history *history)
{
	static const char *const types[] = {"drop", "would-drop", "learned", "attach"};

	for (int i = 0; i < EVENTS; i++)
		REQUIRE(!history_add(history,
				     json_pack("{s:s, s:s, s:s}", "type", types[i % 4], "device", i % 3 ? "cam" : "tv",
					       "mac", "02:00:00:00:00:01"),
				     i * SECOND_NS));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct daemon *daemon = &daemon_under_test;
	const struct generation_past past = {.number = 4};
	AUTO_DIAGS struct diags diags = {0};

	(void)argc;
	(void)argv;
	log_init("fuzz_control", LOG_LEVEL_ERROR - 1);
	REQUIRE(mkdtemp(run_dir) && !atexit(remove_run_dir));
	REQUIRE(!loop_init(&daemon->loop) && !history_init(&daemon->history));
	REQUIRE(!generation_read(POLICY, &diags, &daemon->now) && !generation_compile(daemon->now, &past, &diags));
	daemon->options = (struct daemon_options){.policy = GONE, .run_dir = run_dir, .pin_dir = GONE};
	REQUIRE(!events_init(daemon));
	make_history(&daemon->history);
	daemon->server.history = &daemon->history;
	daemon->server.handler = handle;
	daemon->server.context = daemon;
	return server_open(&daemon->server, &daemon->loop, run_dir) ? EXIT_FAILURE : 0;
}

/* loop_run until there is nothing to do. */
static void turn(struct loop *loop)
{
	struct epoll_event event;
	int n = 0;

	while (epoll_wait(loop->epoll_fd, &event, 1, 0) == 1) {
		const struct loop_source *source = event.data.ptr;

		source->ready(source->context, event.events);
		REQUIRE(++n < TURNS_MAX);
	}
}

static int come(struct daemon *daemon)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, daemon->server.path, sizeof(addr.sun_path));
	REQUIRE(fd >= 0 && !connect(fd, (const struct sockaddr *)&addr, sizeof(addr)));
	turn(&daemon->loop);
	return fd;
}

static void check_reply(const json_t *reply)
{
	const char *error, *message = NULL;

	REQUIRE(json_is_object(reply));
	error = control_error(reply, &message);
	REQUIRE(json_is_object(json_object_get(reply, "parameters")));
	REQUIRE(!error || (*error && message && *message));
}

/* What there is. false: the server ended the connection. */
static bool read_replies(int fd, struct control_buffer *in)
{
	int n, taken;

	for (;;) {
		json_t *reply = NULL;

		n = control_fill(in, fd);
		REQUIRE(n == 1 || n == 0 || n == -EAGAIN || n == -EPIPE || n == -ECONNRESET);
		while ((taken = control_take(in, &reply)) == 1) {
			check_reply(reply);
			json_decref(reply);
		}
		REQUIRE(taken == 0);
		if (n != 1)
			return n == -EAGAIN;
		turn(&daemon_under_test.loop);
	}
}

struct visit {
	int fd;
	struct control_buffer in;
};

static void visit_begin(struct visit *visit)
{
	*visit = (struct visit){.fd = come(&daemon_under_test), .in.max = CONTROL_REPLY_MAX};
}

static void visit_end(struct visit *visit)
{
	close(visit->fd);
	control_buffer_free(&visit->in);
	turn(&daemon_under_test.loop);
}

/* After all that, somebody else is served. */
static void check_others(void)
{
	static const char request[] = "{\"method\":\"policy\"}";
	struct visit visit;

	visit_begin(&visit);
	REQUIRE(send(visit.fd, request, sizeof(request), MSG_NOSIGNAL) == sizeof(request));
	turn(&daemon_under_test.loop);
	REQUIRE(control_fill(&visit.in, visit.fd) == 1);
	{
		AUTO_JSON json_t *reply = NULL;

		REQUIRE(control_take(&visit.in, &reply) == 1 && !control_error(reply, NULL));
		REQUIRE(!strcmp(json_string_value(json_object_get(json_object_get(reply, "parameters"), "file")),
				GONE));
	}
	visit_end(&visit);
	REQUIRE(!server_subscribers(&daemon_under_test.server));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct food food = {data, size};
	struct visit visit;

	writer = food_8(&food) & 1;
	visit_begin(&visit);
	for (int i = 0; i < STEPS_MAX && food.left; i++) {
		const uint8_t step = food_8(&food);
		const uint8_t *bytes;
		size_t n;

		if (step < 2) {
			visit_end(&visit);
			visit_begin(&visit);
			continue;
		}
		/* 2: up to the end; others: so many. A connection that the server ended takes no more. */
		bytes = food_bytes(&food, step == 2 ? food.left : step, &n);
		send(visit.fd, bytes, n, MSG_NOSIGNAL);
		turn(&daemon_under_test.loop);
		if (step & 1 && !read_replies(visit.fd, &visit.in)) {
			visit_end(&visit);
			visit_begin(&visit);
		}
	}
	read_replies(visit.fd, &visit.in);
	visit_end(&visit);
	check_others();
	return 0;
}
