/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay.h - the packet programs in the kernel as a judge of single frames: loaded privately, attached to nothing, run by test-run.
 *
 * For `ringfence replay --engine kernel`. Time, length and verdict go through struct rf_virtual, so that the programs judge a captured
 * frame as they would have judged it then. Touches no pin and no port.
 */
#ifndef DATAPATH_REPLAY_H
#define DATAPATH_REPLAY_H

#include <stdint.h>

#include "../../include/abi.h"
#include "../common/known.h"
#include "../policy/ruleset.h"
#include "fault.h"

struct replay_kernel;

struct replay_kernel_frame {
	const uint8_t *bytes;
	uint32_t cap_len;  /* at least ETH_HLEN */
	uint32_t wire_len; /* what it had, at least cap_len */
	uint64_t time_ns;  /* virtual time: from some hours before zero ticks could look recent, never going back */
};

/* sizing RF_SIZING_AUTO: by the number of devices. -EPERM: not privileged; else as datapath_open. fault says what to do. */
int replay_kernel_open(const struct ruleset *ruleset, enum rf_sizing_id sizing, struct fault *fault,
		       struct replay_kernel **ret_replay);

/* 0, or negative errno of the test-run. */
int replay_kernel_judge(struct replay_kernel *replay, enum rf_direction direction,
			const struct replay_kernel_frame *frame, struct rf_result *ret_result);

/* The DNS name under which a frame has just been allowed (result->known) as text; NULL: under none. */
const char *replay_kernel_name(const struct replay_kernel *replay, const struct rf_result *result,
			       char buf[KNOWN_TEXT_MAX]);

void replay_kernel_close(struct replay_kernel *replay);

#endif
