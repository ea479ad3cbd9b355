// SPDX-License-Identifier: GPL-2.0-only
/*
 * pingpong.c - round trips: 64 bytes there and back over one TCP connection, again and again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "../../../user/common/cleanup.h"
#include "../netns.h"
#include "traffic.h"

#define MESSAGE 64
#define TRIPS_MAX 200000
#define CONNECT_TRIES 100

static struct sockaddr_in server_address(void)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(SCENE_FLOW_PORT + 1),
				    .sin_addr.s_addr = inet_addr(SCENE_FLOW_ADDR)};
}

static void no_delay(int fd)
{
	const int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* A child's whole life. */
static void serve(const struct traffic_options *options)
{
	const struct sockaddr_in address = server_address();
	const int one = 1;
	char message[MESSAGE];
	int listener, fd;
	ssize_t n;

	if (netns_enter(options->server_ns))
		_exit(1);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 1) < 0) {
		perror("bench: pingpong server");
		_exit(1);
	}
	fd = accept(listener, NULL, NULL);
	no_delay(fd);
	while ((n = recv(fd, message, sizeof(message), 0)) > 0)
		if (send(fd, message, (size_t)n, MSG_NOSIGNAL) != n)
			break;
	_exit(0);
}

static int connect_to_server(void)
{
	const struct sockaddr_in address = server_address();

	for (int i = 0; i < CONNECT_TRIES; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			return -errno;
		if (!connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
			no_delay(fd);
			return fd;
		}
		close(fd);
		usleep(10000);
	}
	return -ETIMEDOUT;
}

static int one_trip(int fd, double *ret_us)
{
	const uint64_t start = traffic_now_ns();
	char message[MESSAGE] = {0};
	size_t got = 0;

	if (send(fd, message, sizeof(message), MSG_NOSIGNAL) != MESSAGE)
		return -errno;
	while (got < MESSAGE) {
		const ssize_t n = recv(fd, message + got, MESSAGE - got, 0);

		if (n <= 0)
			return n ? -errno : -ECONNRESET;
		got += (size_t)n;
	}
	*ret_us = (double)(traffic_now_ns() - start) / 1e3;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static int ask(const struct traffic_options *options)
{
	AUTO_FREE double *us = calloc(TRIPS_MAX, sizeof(*us));
	AUTO_CLOSE int fd = -1;
	const uint64_t stop = traffic_now_ns() + (uint64_t)(options->seconds * 1e9);
	size_t n = 0;
	int err = netns_enter(options->device_ns);

	if (err || !us)
		return err ? err : -ENOMEM;
	fd = connect_to_server();
	if (fd < 0) {
		fprintf(stderr, "bench: pingpong cannot connect: %s\n", strerror(-fd));
		return fd;
	}
	while (!err && n < TRIPS_MAX && traffic_now_ns() < stop)
		err = one_trip(fd, &us[n++]);
	if (err)
		return err;
	qsort(us, n, sizeof(*us), by_value);
	printf("{\"trips\": %zu, \"median_us\": %.2f, \"p99_us\": %.2f}\n", n, us[n / 2], us[n * 99 / 100]);
	return 0;
}

int traffic_pingpong(const struct traffic_options *options)
{
	const pid_t child = fork();
	int err;

	if (child < 0)
		return -errno;
	if (!child)
		serve(options);
	err = ask(options);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return err;
}
