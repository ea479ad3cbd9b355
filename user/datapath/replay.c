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
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "../../include/hash.h"
#include "datapath.h"
#include "names.h"

#define NS_PER_TICK (1000000000ULL / DATAPATH_VIRTUAL_HZ)

/*
 * test-run of a classifier wants a frame in one page beside headroom and struct skb_shared_info (net/bpf/test_run.c, bpf_test_init), a
 * byte behind the Ethernet header (Linux 6.1), and behind the ethertypes of IP a whole IP header (Linux 6.18). The core reads no header beyond
 * RF_PULL_MAX, and wire_len tells the whole length.
 */
#define TEST_RUN_MAX 3520
#define TEST_RUN_MIN (ETH_HLEN + 1)
#define FIT_MAX (ETH_HLEN + sizeof(struct ipv6hdr))
_Static_assert(TEST_RUN_MAX > RF_PULL_MAX, "the head that the core reads must fit");

struct replay_kernel {
	struct datapath *datapath;
	int prog_fd[RF_DIRECTION_COUNT];
};

int replay_kernel_open(const struct ruleset *ruleset, enum rf_sizing_id sizing, struct fault *fault,
		       struct replay_kernel **ret_replay)
{
	const struct datapath_options options = {.virtual_world = true, .sizing = sizing};
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
	/* As in the native engine, so that in both the same rows share a set and the same row gives way: a replay has no attacker. */
	for (uint32_t i = 0; i < RF_SECRETS; i++)
		maps_control(datapath_maps(replay->datapath))->secret[i] = rf_secret_fixed(i);
	datapath_flip(replay->datapath);
	replay->prog_fd[RF_DIRECTION_FROM] = datapath_prog_fd(replay->datapath, DATAPATH_TC_FROM);
	replay->prog_fd[RF_DIRECTION_TO] = datapath_prog_fd(replay->datapath, DATAPATH_TC_TO);
	*ret_replay = replay;
	return 0;
}

/* The least that test-run takes of a frame with this header. */
static uint32_t least_bytes(const uint8_t *bytes)
{
	switch (bytes[12] << 8 | bytes[13]) {
	case ETH_P_IP:
		return ETH_HLEN + sizeof(struct iphdr);
	case ETH_P_IPV6:
		return ETH_HLEN + sizeof(struct ipv6hdr);
	default:
		return TEST_RUN_MIN;
	}
}

/*
 * What test-run refuses, in a form that it takes. An IP header that was cut off is malformed whatever is in it: an IP header of
 * zeros is, too (version 0). Of other frames one byte is missing, which nothing reads.
 */
static void fit_frame(const struct replay_kernel_frame *frame, uint8_t room[FIT_MAX], struct bpf_test_run_opts *opts)
{
	uint32_t least = least_bytes(frame->bytes);

	opts->data_in = frame->bytes;
	opts->data_size_in = frame->cap_len < TEST_RUN_MAX ? frame->cap_len : TEST_RUN_MAX;
	if (frame->cap_len >= least)
		return;
	memset(room, 0, FIT_MAX);
	memcpy(room, frame->bytes, ETH_HLEN);
	opts->data_in = room;
	opts->data_size_in = least;
}

int replay_kernel_judge(struct replay_kernel *replay, enum rf_direction direction,
			const struct replay_kernel_frame *frame, struct rf_result *ret_result)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = 1);
	struct rf_virtual world = {
		.now_ticks = frame->time_ns / NS_PER_TICK,
		.now_ns = frame->time_ns,
		.wire_len = frame->wire_len,
		/* Seen if the program should not have run to its end. */
		.result = {.verdict = RF_DROP, .reason = RF_REASON_NONE},
	};
	uint8_t room[FIT_MAX];
	int err = datapath_virtual_write(replay->datapath, &world);

	if (err)
		return err;
	fit_frame(frame, room, &opts);
	if (bpf_prog_test_run_opts(replay->prog_fd[direction], &opts) < 0)
		return -errno;
	err = datapath_virtual_read(replay->datapath, &world);
	if (err)
		return err;
	*ret_result = world.result;
	return world.result.reason == RF_REASON_NONE ? -EPROTO : 0;
}

const char *replay_kernel_name(const struct replay_kernel *replay, const struct rf_result *result,
			       char buf[KNOWN_TEXT_MAX])
{
	return names_of_result(datapath_maps(replay->datapath), result, buf);
}

void replay_kernel_close(struct replay_kernel *replay)
{
	if (!replay)
		return;
	datapath_close(replay->datapath);
	free(replay);
}
