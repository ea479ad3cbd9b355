// SPDX-License-Identifier: GPL-2.0-only
/*
 * judge.c - whose a frame is: see judge.h.
 */
#include "judge.h"

#include <string.h>

#include <linux/if_ether.h>

int judge_init(struct judge *judge, const struct policy_file *file, struct judge_engine *engine, bool unknown)
{
	const struct policy *policy = file->policy;

	*judge = (struct judge){.engine = *engine, .file = file, .unknown = unknown};
	*engine = (struct judge_engine){0};
	for (size_t i = 0; i < policy->n_devices; i++) {
		const struct policy_device *device = &policy->devices[i];

		for (size_t j = 0; j < device->n_macs; j++) {
			uint32_t old;
			int r = index_add(&judge->macs, device->macs[j].bytes, MAC_BYTES, (uint32_t)i, &old);

			if (r)
				return r;
		}
	}
	return 0;
}

void judge_free(struct judge *judge)
{
	if (judge->engine.free)
		judge->engine.free(judge->engine.state);
	index_free(&judge->macs);
	*judge = (struct judge){0};
}

uint32_t judge_owner(const struct judge *judge, const uint8_t mac[MAC_BYTES])
{
	uint32_t place;

	return index_find(&judge->macs, mac, ETH_ALEN, &place) ? place : POLICY_NONE;
}

int judge_side(struct judge *judge, enum rf_direction direction, uint32_t place, const struct capture_frame *frame,
	       struct judge_verdict *ret_verdict)
{
	struct judge_verdict verdict = {.policed = true, .direction = direction, .place = place};
	int r = judge->engine.run(judge->engine.state, direction, frame, &verdict.result);

	if (r)
		return r;
	if (place != POLICY_NONE)
		verdict.device = &judge->file->policy->devices[place];
	memcpy(verdict.mac.bytes, frame->bytes + (direction == RF_DIRECTION_FROM ? ETH_ALEN : 0), ETH_ALEN);
	*ret_verdict = verdict;
	return 0;
}

const char *judge_name(struct judge *judge, const struct judge_verdict *verdict, char buf[KNOWN_TEXT_MAX])
{
	return verdict->policed ? judge->engine.name(judge->engine.state, &verdict->result, buf) : NULL;
}

int judge_frame(struct judge *judge, const struct capture_frame *frame, struct judge_verdict *ret_verdict)
{
	uint32_t source, destination;
	bool from;
	int r;

	*ret_verdict = (struct judge_verdict){
		.place = POLICY_NONE,
		.result = {.verdict = RF_PASS,
			   .reason = RF_REASON_UNPOLICED,
			   .device = RF_DEVICE_NONE,
			   .rule = RF_RULE_NONE},
	};
	/* No network card delivers a frame without a whole Ethernet header, and no engine in the kernel takes one. */
	if (frame->cap_len < ETH_HLEN)
		return 0;
	destination = judge_owner(judge, frame->bytes);
	source = judge_owner(judge, frame->bytes + ETH_ALEN);
	from = source != POLICY_NONE || (judge->unknown && !(frame->bytes[ETH_ALEN] & 1));
	if (from) {
		r = judge_side(judge, RF_DIRECTION_FROM, source, frame, ret_verdict);
		if (r || ret_verdict->result.verdict == RF_DROP)
			return r;
	}
	if (destination == POLICY_NONE && judge->unknown && !(frame->bytes[0] & 1)) {
		struct judge_verdict unpoliced;

		/* Nobody judges what goes to an unknown device, but it learns the names that it asked for. */
		return judge_side(judge, RF_DIRECTION_TO, destination, frame, &unpoliced);
	}
	if (destination != POLICY_NONE) {
		struct judge_verdict to;

		r = judge_side(judge, RF_DIRECTION_TO, destination, frame, &to);
		if (r)
			return r;
		if (!from || to.result.verdict == RF_DROP)
			*ret_verdict = to;
	}
	return 0;
}
