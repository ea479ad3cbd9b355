// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay.c - see replay.h.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/if_ether.h>

#include "datapath.h"

#define NS_PER_TICK (1000000000ULL / DATAPATH_VIRTUAL_HZ)

/*
 * test-run of a classifier wants a frame in one page beside headroom and struct skb_shared_info (net/bpf/test_run.c, bpf_test_init), and
 * since Linux 6.1 a byte behind the Ethernet header. The core reads no header beyond RF_PULL_MAX, and wire_len tells the whole length.
 */
#define TEST_RUN_MAX 3520
#define TEST_RUN_MIN (ETH_HLEN + 1)
_Static_assert(TEST_RUN_MAX > RF_PULL_MAX, "the head that the core reads must fit");

/*
 * Secret of the rows' tags: that of the native engine, so that in both the same rows share a set and the same row gives way. A replay
 * has no attacker.
 */
static const uint64_t replay_secret[2] = {0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};

struct replay_kernel {
	struct datapath *datapath;
	int prog_fd[RF_DIRECTION_COUNT];
};

int replay_kernel_open(const struct ruleset *ruleset, struct fault *fault, struct replay_kernel **ret_replay)
{
	const struct datapath_options options = {.virtual_world = true};
	const struct ruleset_sizes need = ruleset_sizes(ruleset);
	struct replay_kernel *replay = calloc(1, sizeof(*replay));
	int err;

	if (!replay)
		return fault_errno(fault, -ENOMEM, "no memory");
	err = datapath_open(&options, &need, fault, &replay->datapath);
	if (!err) {
		err = datapath_stage(replay->datapath, ruleset);
		if (err)
			fault_errno(fault, err, "the policy does not fit in maps made for it: a bug, please report it");
	}
	if (err) {
		replay_kernel_close(replay);
		return err;
	}
	memcpy(maps_control(datapath_maps(replay->datapath))->secret, replay_secret, sizeof(replay_secret));
	datapath_flip(replay->datapath);
	replay->prog_fd[RF_DIRECTION_FROM] = datapath_prog_fd(replay->datapath, DATAPATH_TC_FROM);
	replay->prog_fd[RF_DIRECTION_TO] = datapath_prog_fd(replay->datapath, DATAPATH_TC_TO);
	*ret_replay = replay;
	return 0;
}

int replay_kernel_judge(struct replay_kernel *replay, enum rf_direction direction, const struct replay_kernel_frame *frame,
			struct rf_result *ret_result)
{
	uint8_t shortest[TEST_RUN_MIN] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes, .data_size_in = frame->cap_len, .repeat = 1);
	struct rf_virtual world = {
		.now_ticks = frame->time_ns / NS_PER_TICK,
		.now_ns = frame->time_ns,
		.wire_len = frame->wire_len,
		/* Seen if the program should not have run to its end. */
		.result = {.verdict = RF_DROP, .reason = RF_REASON_NONE},
	};
	int err = datapath_virtual_write(replay->datapath, &world);

	if (err)
		return err;
	if (frame->cap_len > TEST_RUN_MAX)
		opts.data_size_in = TEST_RUN_MAX;
	if (frame->cap_len < TEST_RUN_MIN) {
		memcpy(shortest, frame->bytes, frame->cap_len);
		opts.data_in = shortest;
		opts.data_size_in = TEST_RUN_MIN;
	}
	if (bpf_prog_test_run_opts(replay->prog_fd[direction], &opts) < 0)
		return -errno;
	err = datapath_virtual_read(replay->datapath, &world);
	if (err)
		return err;
	*ret_result = world.result;
	return world.result.reason == RF_REASON_NONE ? -EPROTO : 0;
}

void replay_kernel_close(struct replay_kernel *replay)
{
	if (!replay)
		return;
	datapath_close(replay->datapath);
	free(replay);
}
