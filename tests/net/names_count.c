// SPDX-License-Identifier: GPL-2.0-only
/*
 * names_count.c - counts the datagrams of names_race that arrive, each number once.
 *
 *   names_count PORT    until SIGTERM. "ready" and then one line of JSON on stdout.
 *
 * It says also what its own socket lost: who reads the report must not take that for the fence's doing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "names_race.h"

#define RECEIVE_BUFFER (32 << 20)

static volatile sig_atomic_t stopped;

static void die(const char *what)
{
	fprintf(stderr, "names_count: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* SO_RXQ_OVFL: the socket itself lost datagrams; a test that saw that knows nothing. */
static uint32_t overflow_of(struct msghdr *msg)
{
	uint32_t lost = 0;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(msg); part; part = CMSG_NXTHDR(msg, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL)
			memcpy(&lost, CMSG_DATA(part), sizeof(lost));
	return lost;
}

static int open_counter(unsigned int port)
{
	const int one = 1, size = RECEIVE_BUFFER, fd = socket(AF_INET6, SOCK_DGRAM, 0);
	const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		die("cannot listen");
	return fd;
}

static int count(unsigned int port)
{
	static uint8_t seen[RACE_NUMBERS_MAX]; /* a bit for each attempt */
	unsigned int first = 0, again = 0, repeated = 0;
	uint32_t lost = 0, number, attempt;
	const int fd = open_counter(port);
	struct race_datagram datagram;
	_Alignas(struct cmsghdr) char control[64];
	struct iovec iov = {.iov_base = &datagram, .iov_len = sizeof(datagram)};
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	sigset_t blocked, open;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	signal(SIGTERM, stop);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
		const ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

		if (n < 0 && stopped)
			break;
		if (n < 0) {
			ppoll(&wait, 1, NULL, &open);
			continue;
		}
		if (overflow_of(&msg))
			lost = overflow_of(&msg);
		number = ntohl(datagram.number);
		attempt = ntohl(datagram.attempt);
		if (n != sizeof(datagram) || number >= RACE_NUMBERS_MAX || attempt > 1)
			continue;
		repeated += !!(seen[number] & 1U << attempt);
		first += !attempt && !(seen[number] & 1);
		again += attempt && !(seen[number] & 2);
		seen[number] |= 1U << attempt;
	}
	printf("{\"first\": %u, \"again\": %u, \"repeated\": %u, \"lost\": %u}\n", first, again, repeated, lost);
	return 0;
}

int main(int argc, char **argv)
{
	const long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

	if (port < 1 || port > UINT16_MAX) {
		fprintf(stderr, "names_count: which port?\n");
		return 2;
	}
	return count((unsigned int)port);
}
