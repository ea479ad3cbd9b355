// SPDX-License-Identifier: GPL-2.0-only
/*
 * names.c - how many names a second one CPU learns: questions out of the device's link, answers out of the server's, through the bridge and the fence.
 *
 * A fence of its own on the lane's port. All questions of a turn stay within what a device may have outstanding; every name is one that the profile lists.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "../../../user/common/cleanup.h"
#include "../../../user/datapath/maps.h"
#include "../frames.h"
#include "../sender.h"
#include "traffic.h"

#define TURN_QUESTIONS (RF_QUESTION_WAYS * 4 / 2) /* of a device at sizing home, which has 4 sets: they fill unevenly */
#define BATCH (SCENE_ACTIVE * TURN_QUESTIONS)
#define FRAME_ROOM 192
#define CPUS_MAX 256

struct batch {
	uint8_t room[BATCH][FRAME_ROOM];
	struct iovec part[BATCH];
	struct mmsghdr message[BATCH];
};

static void dns_key(uint32_t device, bool to, uint16_t port, struct bench_key *key)
{
	const struct scene_keys what = {.class = SCENE_NAMES_MANY, .to = to};

	scene_key(&what, device, 0, key);
	*(to ? &key->saddr : &key->daddr) = htonl(SCENE_SERVER);
	*(to ? &key->daddr : &key->saddr) = htonl(scene_device_addr(device));
	key->sport = htons(to ? 53 : port);
	key->dport = htons(to ? port : 53);
}

static void fill(struct batch *batch, bool answers, uint32_t turn)
{
	for (uint32_t i = 0; i < BATCH; i++) {
		const uint32_t device = i % SCENE_ACTIVE, question = turn * TURN_QUESTIONS + i / SCENE_ACTIVE;
		uint8_t payload[FRAME_ROOM];
		struct bench_key key = {0};
		size_t len;

		dns_key(device, answers, (uint16_t)(1024 + question % 60000), &key);
		len = answers ? frame_answer_of(payload, (uint16_t)question, question % SCENE_MANY, 1)
			      : frame_question_of(payload, (uint16_t)question, question % SCENE_MANY);
		batch->part[i] = (struct iovec){batch->room[i], frame_udp(batch->room[i], &key, payload, len)};
		batch->message[i].msg_hdr = (struct msghdr){.msg_iov = &batch->part[i], .msg_iovlen = 1};
	}
}

static int send_all(int fd, struct batch *batch)
{
	for (int done = 0; done < BATCH;) {
		const int n = sendmmsg(fd, batch->message + done, (unsigned int)(BATCH - done), 0);

		if (n < 0)
			return -errno;
		done += n;
	}
	return 0;
}

static int read_totals(const struct scene *scene, struct rf_totals *ret_sum)
{
	const struct maps *maps = datapath_maps(scene->datapath);
	struct rf_totals totals[CPUS_MAX], sum = {.internal = 0};
	const uint32_t zero = 0;

	if (libbpf_num_possible_cpus() > CPUS_MAX)
		return -E2BIG;
	if (bpf_map_lookup_elem(maps->map[MAP_TOTALS].fd, &zero, totals) < 0)
		return -errno;
	for (int i = 0; i < libbpf_num_possible_cpus(); i++) {
		sum.dns_questions += totals[i].dns_questions;
		sum.dns_learned += totals[i].dns_learned;
	}
	*ret_sum = sum;
	return 0;
}

/* Turns until the time is over; the time that sending took alone, without making the frames. */
static int run_turns(const struct traffic_options *options, int device_fd, int server_fd, uint64_t *ret_sent,
		     double *ret_seconds)
{
	AUTO_FREE struct batch *questions = calloc(1, sizeof(*questions)), *answers = calloc(1, sizeof(*answers));
	const uint64_t stop = traffic_now_ns() + (uint64_t)(options->seconds * 1e9);
	uint64_t busy_ns = 0;
	int err = questions && answers ? 0 : -ENOMEM;

	for (uint32_t turn = 0; !err && traffic_now_ns() < stop; turn++) {
		uint64_t start;

		fill(questions, false, turn);
		fill(answers, true, turn);
		start = traffic_now_ns();
		err = send_all(device_fd, questions);
		if (!err)
			err = send_all(server_fd, answers);
		busy_ns += traffic_now_ns() - start;
		*ret_sent += BATCH;
	}
	*ret_seconds = (double)busy_ns / 1e9;
	return err;
}

static int measure(const struct traffic_options *options, const struct scene *scene, int device_fd, int server_fd)
{
	struct rf_totals before = {.internal = 0}, after = {.internal = 0};
	uint64_t sent = 0;
	double seconds = 0;
	int err = read_totals(scene, &before);

	sender_alone(true);
	if (!err)
		err = run_turns(options, device_fd, server_fd, &sent, &seconds);
	sender_alone(false);
	usleep(20000);
	if (!err)
		err = read_totals(scene, &after);
	if (!err)
		printf("{\"asked\": %llu, \"remembered\": %llu, \"learned\": %llu, \"seconds\": %.6f}\n",
		       (unsigned long long)sent, (unsigned long long)(after.dns_questions - before.dns_questions),
		       (unsigned long long)(after.dns_learned - before.dns_learned), seconds);
	return err;
}

static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int traffic_names(const struct traffic_options *options)
{
	struct scene_size size = {.devices = options->devices, .prefixes = options->prefixes, .names = true};
	struct lane lane = {.name = "names", .kind = LANE_OURS_TC};
	struct scene scene = {0};
	AUTO_CLOSE int device_fd = -1;
	AUTO_CLOSE int server_fd = -1;
	struct fault fault = {{0}};
	char pin_dir[64];
	int err;

	snprintf(pin_dir, sizeof(pin_dir), "/sys/fs/bpf/rfbench-%d-%d", (int)getppid(), (int)getpid());
	size.pin_dir = pin_dir;
	snprintf(lane.bridge_ns, sizeof(lane.bridge_ns), "%s", options->bridge_ns);
	snprintf(lane.device_ns, sizeof(lane.device_ns), "%s", options->device_ns);
	stay_on_one_cpu();
	err = scene_open(&size, &scene);
	if (!err)
		err = lane_open(&lane, &scene);
	if (!err) {
		device_fd = traffic_socket(options->device_ns, LANE_DEVICE);
		server_fd = traffic_socket(options->server_ns, LANE_DEVICE);
		err = device_fd < 0 ? device_fd : server_fd < 0 ? server_fd : 0;
	}
	if (!err)
		err = measure(options, &scene, device_fd, server_fd);
	lane_close(&lane);
	scene_close(&scene);
	datapath_detach(pin_dir, NULL, NULL, &fault);
	return err;
}
