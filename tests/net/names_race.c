// SPDX-License-Identifier: GPL-2.0-only
/*
 * names_race.c - a client that sends to the address of a DNS answer in the moment in which the answer can be read.
 *
 *   names_race [-t] [-6] [-n COUNT] [-f FIRST] [-p PORT] [-w MS] SERVER DOMAIN
 *
 * Asks SERVER for the names n<i>.DOMAIN, FIRST <= i < FIRST + COUNT, A records or (-6) AAAA, over UDP or (-t) TCP, and sends a datagram with that
 * number (struct race_datagram) to PORT of the first address of each answer. -w: to the addresses of every AGAIN_BATCH answers another one each, MS
 * milliseconds after the last of them. One line of JSON on stdout.
 *
 * It waits for answers without sleeping: what lies between the arrival of an answer (the kernel's time stamp) and the first packet is in the report. It
 * knows nothing of the fence and must not: tests/net compares what it sent with what names_count saw beyond the router.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "names_race.h"

#define MESSAGE_MAX 4096
#define HEADER 12
#define TYPE_A 1
#define TYPE_AAAA 28
#define TRIES 3
/* So that patience does not cost as much for each name; a device has room for more names than that. */
#define AGAIN_BATCH 16
#define ANSWER_MS 2000
#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL
#define NS_PER_US 1000

struct options {
	bool tcp, ipv6;
	unsigned int count, first, port, again_ms;
	const char *server, *domain;
};

struct race {
	struct options options;
	struct sockaddr_storage server;
	socklen_t server_len;
	int dns; /* connected to the server */
	int out; /* where the datagrams leave */
	unsigned int answered, retried, sent, in_same_ms;
	struct {
		unsigned int number;
		uint8_t address[16];
	} again[AGAIN_BATCH];
	unsigned int n_again;
	int64_t *gap_ns; /* of each answer: from its arrival to the end of the first send() */
	uint8_t message[MESSAGE_MAX + 2];
};

static void die(const char *what)
{
	fprintf(stderr, "names_race: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* ---- messages ---- */

static size_t write_question(uint8_t *to, unsigned int number, const char *domain, uint16_t type)
{
	const uint8_t head[HEADER] = {number >> 8 & 0xff, number & 0xff, 1, 0, 0, 1};
	char name[256];
	uint8_t *at = to + HEADER;

	memcpy(to, head, sizeof(head));
	snprintf(name, sizeof(name), "n%u.%s", number, domain);
	for (char *rest = name, *label; (label = strsep(&rest, "."));) {
		*at++ = (uint8_t)strlen(label);
		at = mempcpy(at, label, strlen(label));
	}
	*at++ = 0;
	*at++ = type >> 8;
	*at++ = type & 0xff;
	*at++ = 0;
	*at++ = 1;
	return (size_t)(at - to);
}

/* The offset behind the name at `off`; beyond `len` if there is none. */
static size_t skip_name(const uint8_t *message, size_t len, size_t off)
{
	while (off < len && message[off]) {
		if (message[off] >= 0xc0)
			return off + 2;
		off += message[off] + 1U;
	}
	return off + 1;
}

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

/* The first address of that type in the answer section; NULL: none. */
static const uint8_t *find_address(const uint8_t *message, size_t len, uint16_t type)
{
	const size_t size = type == TYPE_A ? 4 : 16;
	size_t off = skip_name(message, len, HEADER) + 4;
	unsigned int records = len < HEADER ? 0 : get16(message + 6);

	for (; records; records--) {
		off = skip_name(message, len, off) + 10;
		if (off > len)
			return NULL;
		if (get16(message + off - 10) == type && get16(message + off - 2) == size && off + size <= len)
			return message + off;
		off += get16(message + off - 2);
	}
	return NULL;
}

/* ---- asking ---- */

static void parse_server(struct race *race)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&race->server;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&race->server;

	if (inet_pton(AF_INET, race->options.server, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(53);
		race->server_len = sizeof(*in);
	} else if (inet_pton(AF_INET6, race->options.server, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(53);
		race->server_len = sizeof(*in6);
	} else {
		fprintf(stderr, "names_race: not an address: %s\n", race->options.server);
		exit(2);
	}
}

static int connect_server(const struct race *race)
{
	const int one = 1, fd = socket(race->server.ss_family, race->options.tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)&race->server, race->server_len) < 0)
		die("cannot reach the resolver");
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) < 0)
		die("SO_TIMESTAMPNS");
	return fd;
}

/* Without sleeping, so that nothing but the kernel lies between the answer and its reader. *ret_arrived: when it came, 0 if unknown. */
static ssize_t read_spinning(int fd, void *to, size_t size, int64_t *ret_arrived)
{
	const int64_t until = clock_ns(CLOCK_MONOTONIC) + ANSWER_MS * NS_PER_MS;
	_Alignas(struct cmsghdr) char control[128];
	struct iovec iov = {.iov_base = to, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct timespec stamp = {0};
	ssize_t n;

	do {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(fd, &msg, MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR) && clock_ns(CLOCK_MONOTONIC) < until);
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&msg); n > 0 && part; part = CMSG_NXTHDR(&msg, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
	*ret_arrived = stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
	return n;
}

/* One question over UDP, asked again if no answer comes. Bytes of the answer in race->message. */
static size_t ask_udp(struct race *race, unsigned int number, uint16_t type, int64_t *ret_arrived)
{
	uint8_t question[512];
	const size_t len = write_question(question, number, race->options.domain, type);
	ssize_t n;

	for (int try = 0; try < TRIES; try++) {
		race->retried += try > 0;
		if (send(race->dns, question, len, 0) < 0)
			die("cannot ask");
		do
			n = read_spinning(race->dns, race->message, MESSAGE_MAX, ret_arrived);
		while (n >= HEADER && memcmp(race->message, question, 2)); /* of an earlier question */
		if (n >= HEADER)
			return (size_t)n;
	}
	return 0;
}

/* A connection of its own for each question, as most clients do (RFC 7766 6.2.1 would rather have one). */
static size_t ask_tcp(struct race *race, unsigned int number, uint16_t type, int64_t *ret_arrived)
{
	uint8_t question[2 + 512];
	const size_t len = write_question(question + 2, number, race->options.domain, type);
	size_t have = 0;
	ssize_t n;

	question[0] = len >> 8 & 0xff;
	question[1] = len & 0xff;
	race->dns = connect_server(race);
	if (send(race->dns, question, len + 2, 0) < 0)
		die("cannot ask");
	do {
		n = read_spinning(race->dns, race->message + have, sizeof(race->message) - have, ret_arrived);
		have += n > 0 ? (size_t)n : 0;
	} while (n > 0 && have < sizeof(race->message) && (have < 2 || have < get16(race->message) + 2));
	return have > 2 ? have - 2 : 0;
}

static void send_number(struct race *race, const uint8_t *address, unsigned int number, unsigned int attempt)
{
	const struct race_datagram datagram = {htonl(number), htonl(attempt)};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)race->options.port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)race->options.port)};
	ssize_t n;

	if (race->options.ipv6) {
		memcpy(&in6.sin6_addr, address, 16);
		n = sendto(race->out, &datagram, sizeof(datagram), 0, (struct sockaddr *)&in6, sizeof(in6));
	} else {
		memcpy(&in.sin_addr, address, 4);
		n = sendto(race->out, &datagram, sizeof(datagram), 0, (struct sockaddr *)&in, sizeof(in));
	}
	if (n < 0)
		die("cannot send");
}

static void send_again(struct race *race)
{
	const struct timespec pause = {race->options.again_ms / 1000, race->options.again_ms % 1000 * NS_PER_MS};

	if (!race->n_again)
		return;
	nanosleep(&pause, NULL);
	for (unsigned int i = 0; i < race->n_again; i++)
		send_number(race, race->again[i].address, race->again[i].number, 1);
	race->n_again = 0;
}

static void run_one(struct race *race, unsigned int number)
{
	const uint16_t type = race->options.ipv6 ? TYPE_AAAA : TYPE_A;
	const uint8_t *message = race->message + (race->options.tcp ? 2 : 0), *address;
	int64_t arrived = 0;
	const size_t len = (race->options.tcp ? ask_tcp : ask_udp)(race, number, type, &arrived);

	address = find_address(message, len, type);
	if (address) {
		send_number(race, address, number, 0);
		if (arrived) {
			race->gap_ns[race->answered] = clock_ns(CLOCK_REALTIME) - arrived;
			race->in_same_ms += race->gap_ns[race->answered] < NS_PER_MS;
		}
		race->answered++;
		race->sent++;
	}
	if (race->options.tcp)
		close(race->dns);
	if (!address || !race->options.again_ms)
		return;
	race->again[race->n_again].number = number;
	memcpy(race->again[race->n_again].address, address, race->options.ipv6 ? 16 : 4);
	if (++race->n_again == AGAIN_BATCH)
		send_again(race);
}

static int compare_gaps(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int ask(const struct options *options)
{
	struct race race = {.options = *options};
	int64_t begin;

	parse_server(&race);
	race.gap_ns = calloc(options->count + 1, sizeof(*race.gap_ns));
	race.out = socket(options->ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (!race.gap_ns || race.out < 0)
		die("cannot begin");
	if (!options->tcp)
		race.dns = connect_server(&race);
	begin = clock_ns(CLOCK_MONOTONIC);
	for (unsigned int i = 0; i < options->count; i++)
		run_one(&race, options->first + i);
	send_again(&race);
	qsort(race.gap_ns, race.answered, sizeof(*race.gap_ns), compare_gaps);
	printf("{\"asked\": %u, \"answered\": %u, \"retried\": %u, \"sent\": %u, \"in_same_ms\": %u, \"gap_us_median\": %lld, \"gap_us_max\": %lld, "
	       "\"ms\": %lld}\n",
	       options->count, race.answered, race.retried, race.sent, race.in_same_ms,
	       (long long)race.gap_ns[race.answered / 2] / NS_PER_US,
	       (long long)race.gap_ns[race.answered ? race.answered - 1 : 0] / NS_PER_US,
	       (long long)((clock_ns(CLOCK_MONOTONIC) - begin) / NS_PER_MS));
	free(race.gap_ns);
	return 0;
}

static unsigned int parse_number(const char *text, unsigned int most)
{
	char *end;
	const unsigned long number = strtoul(text, &end, 10);

	if (*end || end == text || number > most) {
		fprintf(stderr, "names_race: not a number up to %u: %s\n", most, text);
		exit(2);
	}
	return (unsigned int)number;
}

static struct options parse_options(int argc, char **argv)
{
	struct options options = {.count = 100, .port = 7000};
	int c;

	while ((c = getopt(argc, argv, "t6n:f:p:w:")) != -1) {
		switch (c) {
		case 't':
			options.tcp = true;
			break;
		case '6':
			options.ipv6 = true;
			break;
		case 'n':
			options.count = parse_number(optarg, RACE_NUMBERS_MAX);
			break;
		case 'f':
			options.first = parse_number(optarg, RACE_NUMBERS_MAX);
			break;
		case 'p':
			options.port = parse_number(optarg, UINT16_MAX);
			break;
		case 'w':
			options.again_ms = parse_number(optarg, 60000);
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind != 2 || strlen(argv[optind + 1]) > 200) {
		fprintf(stderr, "names_race: SERVER and DOMAIN are missing\n");
		exit(2);
	}
	options.server = argv[optind];
	options.domain = argv[optind + 1];
	return options;
}

int main(int argc, char **argv)
{
	const struct options options = parse_options(argc, argv);

	return ask(&options);
}
