// SPDX-License-Identifier: GPL-2.0-only
/*
 * sender.c - see sender.h.
 */
#include "sender.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/if_packet.h>

#include "../../user/common/cleanup.h"
#include "frames.h"

#define BATCH 64
#define FRAME_ROOM 128

static int share_keys(struct bpf_object *object, void *context)
{
	const struct turn_keys *keys = context;
	int err = bpf_map__reuse_fd(bpf_object__find_map_by_name(object, "keys"), keys->keys_fd);

	return err ? err : bpf_map__reuse_fd(bpf_object__find_map_by_name(object, "position"), keys->position_fd);
}

int sender_open(struct bench_key *list, size_t n, struct sender *ret_sender)
{
	struct sender sender = {.list = list, .n = n, .keys = {-1, -1}};
	int err = turn_keys_make(list, n, &sender.keys);

	if (!err)
		err = turn_load("generate", share_keys, &sender.keys, &sender.generator);
	if (err) {
		sender_close(&sender);
		return err;
	}
	*ret_sender = sender;
	return 0;
}

void sender_close(struct sender *sender)
{
	bpf_object__close(sender->generator);
	turn_keys_close(&sender->keys);
	free(sender->list);
	*sender = (struct sender){.keys = {-1, -1}};
}

void sender_alone(bool alone)
{
	const struct sched_param first = {.sched_priority = 1}, none = {0};

	/* Refused: then the numbers are noisier. */
	sched_setscheduler(0, alone ? SCHED_FIFO : SCHED_OTHER, alone ? &first : &none);
}

static int run_live(const struct sender *sender, uint32_t ifindex, uint32_t frames, double *ret_ns)
{
	uint8_t frame[FRAME_ROOM];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .repeat = (int)frames, .batch_size = BATCH,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	const uint32_t zero = 0;

	opts.data_size_in = (__u32)frame_udp(frame, &sender->list[0], NULL, 0);
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(sender->generator, "target"), &zero, &ifindex,
				BPF_ANY) < 0)
		return -errno;
	if (bpf_prog_test_run_opts(turn_prog_fd(sender->generator, "generate"), &opts) < 0)
		return -errno;
	*ret_ns = opts.duration;
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int packet_socket(uint32_t ifindex)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex};
	const int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0) {
		const int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int run_ordinary(const struct sender *sender, uint32_t ifindex, uint32_t frames, double *ret_ns)
{
	AUTO_CLOSE int fd = packet_socket(ifindex);
	uint8_t room[BATCH][FRAME_ROOM];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	size_t next = 0;
	double start;

	if (fd < 0)
		return fd;
	for (int i = 0; i < BATCH; i++) {
		parts[i].iov_base = room[i];
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	start = seconds();
	for (uint32_t sent = 0; sent < frames; sent += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			parts[i].iov_len = frame_udp(room[i], &sender->list[next], NULL, 0);
			next = next + 1 < sender->n ? next + 1 : 0;
		}
		for (int done = 0; done < BATCH;) {
			const int n = sendmmsg(fd, messages + done, (unsigned int)(BATCH - done), 0);

			if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
				return -errno;
			done += n > 0 ? n : 0;
		}
	}
	*ret_ns = (seconds() - start) * 1e9 / frames;
	return 0;
}

int sender_run(const struct sender *sender, enum sender_way way, uint32_t ifindex, uint32_t frames, double *ret_ns)
{
	return way == SENDER_LIVE ? run_live(sender, ifindex, frames, ret_ns)
				  : run_ordinary(sender, ifindex, frames, ret_ns);
}
