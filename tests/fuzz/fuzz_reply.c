// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: what `ringfence` makes of a reply at the control socket, whoever sits there: events (text, JSON), status, reload and the diagnostics of errors.
 *
 * The first byte chooses the command, the rest is sent as it is; a thread stands for the daemon. Whatever comes: the command ends with one of the
 * four exit codes, and neither output nor complaint has a byte in it that steers a terminal.
 * Room: user/cli/cmd_events.c user/cli/cmd_status.c user/cli/cmd_reload.c user/cli/daemon.c user/cli/output.c user/common/control.c
 */
#include "fuzz.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../user/cli/commands.h"
#include "../../user/common/control.h"

#define READ_BYTES 4096

static char run_dir[] = "/tmp/ringfence-fuzz-XXXXXX";
static char socket_path[64];
static int listener = -1;

static const struct how {
	int (*run)(struct cli *cli, const struct cli_args *args);
	int json; /* the option, -1: none */
} hows[] = {
	{cmd_events, -1},	   {cmd_events, EVENTS_JSON}, {cmd_status, -1},
	{cmd_status, STATUS_JSON}, {cmd_reload, -1},	      {cmd_reload, RELOAD_JSON},
};

#define HOWS (sizeof(hows) / sizeof(hows[0]))

static void remove_run_dir(void)
{
	unlink(socket_path);
	rmdir(run_dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	(void)argc;
	(void)argv;
	REQUIRE(mkdtemp(run_dir));
	snprintf(socket_path, sizeof(socket_path), "%s/%s", run_dir, CONTROL_SOCKET);
	memcpy(addr.sun_path, socket_path, strlen(socket_path));
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	REQUIRE(listener >= 0 && !bind(listener, (const struct sockaddr *)&addr, sizeof(addr)));
	REQUIRE(!listen(listener, 4) && !atexit(remove_run_dir));
	return 0;
}

struct daemon_part {
	const uint8_t *bytes;
	size_t len;
};

/* Takes one request, sends the bytes, and goes. */
static void *serve(void *context)
{
	const struct daemon_part *part = context;
	const int fd = accept(listener, NULL, NULL);
	char request[READ_BYTES];
	ssize_t n;

	REQUIRE(fd >= 0);
	do
		n = recv(fd, request, sizeof(request), 0);
	while (n > 0 && request[n - 1]);
	for (size_t sent = 0; sent < part->len; sent += (size_t)n) {
		n = send(fd, part->bytes + sent, part->len - sent, MSG_NOSIGNAL);
		if (n < 0)
			break; /* it has seen enough */
	}
	close(fd);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct food food = {data, size};
	const struct how *how = &hows[food_8(&food) % HOWS];
	const struct daemon_part part = {food.at, food.left};
	struct printed result, complaint;
	struct cli_args args = {0};
	FILE *before = stderr;
	pthread_t thread;
	int code;

	if (!size)
		return 0;
	if (how->json >= 0)
		args.option[how->json] = "";
	printed_begin(&result);
	printed_begin(&complaint);
	{
		struct cli cli = {.out = {.file = result.out, .terminal = true, .width = 80, .height = 25},
				  .run_dir = run_dir,
				  .pin_dir = "/nonexistent"};

		REQUIRE(!pthread_create(&thread, NULL, serve, (void *)(uintptr_t)&part));
		stderr = complaint.out;
		code = how->run(&cli, &args);
		stderr = before;
	}
	pthread_join(thread, NULL);
	REQUIRE(code == CLI_DONE || code == CLI_NO || code == CLI_MISUSE || code == CLI_CANNOT);
	fflush(complaint.out);
	REQUIRE(code == CLI_DONE || complaint.len || (how->run == cmd_status && code == CLI_NO));
	printed_end(&result);
	printed_end(&complaint);
	return 0;
}
