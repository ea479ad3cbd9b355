// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic.c - `make bench`, part three: streams that are watched while something else happens to the fence.
 *
 *   traffic stream    paced frames of one device that carry when they were sent; until SIGTERM or for so many seconds: how many came, the slowest, the longest gap
 *   traffic pingpong  round trips of a TCP connection between the device's and the server's namespace
 *   traffic flood     paced frames that are all denied, each of another flow: what each should report once
 *   traffic names     questions of devices and their answers, as fast as they go, through a fence of its own
 */
#include "traffic.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>

#include "../netns.h"

static const struct {
	const char *name;
	int (*run)(const struct traffic_options *options);
} commands[] = {
	{"stream", traffic_stream},
	{"pingpong", traffic_pingpong},
	{"flood", traffic_flood},
	{"names", traffic_names},
};

uint64_t traffic_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void traffic_until(uint64_t ns)
{
	const struct timespec until = {.tv_sec = (time_t)(ns / 1000000000U), .tv_nsec = (long)(ns % 1000000000U)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int traffic_socket(const char *ns, const char *link)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	int err = netns_enter(ns), fd;

	if (err)
		return err;
	to.sll_ifindex = (int)netns_ifindex(link);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		err = -errno;
		fprintf(stderr, "bench: cannot send out of %s: %s\n", link, strerror(-err));
		if (fd >= 0)
			close(fd);
		return err;
	}
	return fd;
}

static void put(char field[LANE_NAME_MAX], const char *text)
{
	snprintf(field, LANE_NAME_MAX, "%s", text);
}

static int read_options(int argc, char **argv, struct traffic_options *options)
{
	static const struct option longs[] = {
		{"bridge", required_argument, NULL, 'b'},
		{"device", required_argument, NULL, 'd'},
		{"server", required_argument, NULL, 's'},
		{"rate", required_argument, NULL, 'r'},
		{"prefixes", required_argument, NULL, 'p'},
		{"devices", required_argument, NULL, 'n'},
		{"seconds", required_argument, NULL, 't'},
		{"denied", no_argument, NULL, 'x'},
		{NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (opt == 'b')
			put(options->bridge_ns, optarg);
		else if (opt == 'd')
			put(options->device_ns, optarg);
		else if (opt == 's')
			put(options->server_ns, optarg);
		else if (opt == 'r')
			options->rate = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'p')
			options->prefixes = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'n')
			options->devices = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 't')
			options->seconds = strtod(optarg, NULL);
		else if (opt == 'x')
			options->denied = true;
		else
			return -EINVAL;
	}
	return optind == argc && options->rate && options->prefixes && options->devices ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct traffic_options options = {.rate = 10000, .prefixes = 1, .devices = 1, .seconds = 600};

	if (argc >= 2 && !read_options(argc - 1, argv + 1, &options))
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			if (strcmp(commands[i].name, argv[1]) == 0)
				return commands[i].run(&options) ? 1 : 0;
	fputs("usage: traffic stream|pingpong|flood|names --device NS [--bridge NS] [--server NS] [--rate N] [--seconds N] [--devices N] [--prefixes N] [--denied]\n",
	      stderr);
	return 2;
}
