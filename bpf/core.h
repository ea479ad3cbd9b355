/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - one frame, one verdict, one reason: judge_from() and judge_to().
 *
 * The order in which things happen: parse, identify, link safety, rules, connection rows, account, report. The including file
 * brings the seam (seam_bpf.h, or user/engine/seam_native.h) first; nothing here knows where it runs.
 */
#ifndef RF_CORE_H
#define RF_CORE_H

#include "decide.h"
#include "dns_fragment.h"
#include "flow.h"
#include "parse.h"
#include "report.h"

/* A device that is shut out is told so, whichever rule of its stand-in profile said it. */
static __always_inline __u8 shut_out_reason(const struct rf_subject *subject, __u8 cause)
{
	if (cause != RF_REASON_ETHERTYPE && cause != RF_REASON_FRAGMENT && cause != RF_REASON_UNTRUSTED_RESOLVER &&
	    cause != RF_REASON_INBOUND_DENY)
		return cause;
	if (subject->flags & RF_DEVICE_UNKNOWN)
		return subject->mode == RF_MODE_ENFORCE ? cause : RF_REASON_UNKNOWN_DEVICE;
	return subject->mode == RF_MODE_QUARANTINE ? RF_REASON_QUARANTINED : cause;
}

static __always_inline void count_internal(const struct rf_judgement *j)
{
	struct rf_totals *totals = world_totals(j);

	if (totals)
		totals->internal++;
}

/* cause -> verdict: the only place where a drop is made, and where monitor mode takes it back. */
static __always_inline void outcome_settle(struct rf_judgement *j)
{
	struct rf_outcome *outcome = &j->outcome;

	outcome->cause = shut_out_reason(&j->subject, outcome->cause);
	outcome->reason = outcome->cause;
	outcome->verdict = reason_passes(outcome->cause) ? RF_PASS : RF_DROP;
	if (outcome->verdict == RF_PASS)
		return;
	if (outcome->cause == RF_REASON_INTERNAL || outcome->cause == RF_REASON_NONE) {
		outcome->cause = outcome->reason = RF_REASON_INTERNAL;
		count_internal(j);
	} else if (j->subject.mode == RF_MODE_MONITOR && outcome->cause != RF_REASON_MALFORMED) {
		outcome->verdict = RF_PASS;
		outcome->reason = RF_REASON_WOULD_DROP;
	}
}

/* No table to judge by: closed. Cannot happen (the control map has one entry), counted as internal. */
static __always_inline enum rf_verdict judge_internal(struct rf_judgement *j)
{
	count_internal(j);
	j->outcome.reason = j->outcome.cause = RF_REASON_INTERNAL;
	j->outcome.rule = RF_RULE_NONE;
	j->outcome.known = 0;
	return RF_DROP;
}

/* The frame was judged and counted: what its flow said must be the same, and the next may go by it. */
static __always_inline enum rf_verdict judge_end(struct rf_judgement *j, const struct rf_control *control)
{
	if (!flow_agrees(j)) {
		count_internal(j);
		j->outcome.cause = j->outcome.reason = RF_REASON_INTERNAL;
		return RF_DROP;
	}
	flow_note(j, control);
	if (j->outcome.verdict != RF_PASS)
		return RF_DROP;
	return RF_PASS;
}

/* A frame of (or to) somebody that the policy knows how to judge: subject is set. */
static __always_inline enum rf_verdict judge(struct rf_judgement *j, const struct rf_control *control)
{
	flow_begin(j);
	decide(j, control);
	world_forget();
	outcome_settle(j);
	world_forget();
	report(j, control);
	world_forget();
	return judge_end(j, control);
}

/* Which bank is in force is read once. NULL: no control map. */
static __always_inline const struct rf_control *judge_begin(const struct rf_frame *frame, struct rf_judgement *j)
{
	const struct rf_control *control = world_control(j);

	j->len = frame->len;
	if (!control)
		return NULL;
	j->bank = control->active & 1;
	return control;
}

/* Into j->packet. verifier: what flow_passes_by() found out of the frame and its length is forgotten, so that the paths through it meet here. */
static __always_inline void judge_read(struct rf_frame *frame, struct rf_judgement *j, enum rf_direction direction)
{
	world_frame_again(frame);
	world_forget();
	frame->len = j->len;
	j->ifindex = frame->ifindex;
	j->direction = direction;
	j->dns_len = j->segment_len = 0;
	j->status = frame_parse(frame, j);
	world_forget();
	if ((direction == RF_DIRECTION_FROM ? j->packet.dport : j->packet.sport) == RF_DNS_PORT &&
	    j->status == RF_PARSE_OK)
		dns_copy(frame, j, direction);
	world_forget();
}

/* A frame that enters the bridge through an inside port. */
static __always_inline enum rf_verdict judge_from(struct rf_frame *frame, struct rf_judgement *j)
{
	const struct rf_control *control = judge_begin(frame, j);

	if (!control)
		return judge_internal(j);
	if (flow_passes_by(frame, j, control, RF_DIRECTION_FROM))
		return j->outcome.verdict;
	judge_read(frame, j, RF_DIRECTION_FROM);
	/* A group's address is no device's (the reader refuses it), and no station's: IEEE 802.3 3.2.3. A runt's is 0: unknown. */
	if (!subject_identify(j, &control->bank[j->bank & 1], j->packet.src_mac) && mac_is_group(j->packet.src_mac))
		j->status = RF_PARSE_MALFORMED;
	if (j->status == RF_PARSE_RUNT)
		j->subject.mode = RF_MODE_ENFORCE; /* nobody's, so no mode passes it */
	world_forget();
	if (judge(j, control) != RF_PASS)
		return RF_DROP;
	world_forget();
	if (j->segment_len)
		segments_hand(frame, j, &control->bank[j->bank & 1], RF_DIRECTION_FROM);
	return RF_PASS;
}

/* Nothing is judged on its way to an unknown device, but one that a profile judges asks for names: what answers it is learned as anybody's. */
WORLD_STAGE int learn_unknown(struct rf_judgement *j)
{
	const struct rf_bank *bank;

	if (!j || j->status == RF_PARSE_RUNT || mac_is_group(j->packet.dst_mac))
		return 0;
	bank = world_bank(j);
	if (bank && bank->unknown_mode == RF_MODE_ENFORCE && bank_has_resolver(bank, &j->packet.src))
		dns_learn(j);
	return 0;
}

/* What passed to a device may be an answer, or a fragment of one. */
static __always_inline void answer_read(const struct rf_frame *frame, struct rf_judgement *j,
					const struct rf_bank *bank)
{
	if (j->dns_len && bank_has_resolver(bank, &j->packet.src) && dns_learn(j))
		fragment_hand(frame, j, 0);
	if (j->packet.answers)
		fragment_hand(frame, j, j->packet.fragment_off);
	if (j->segment_len)
		segments_hand(frame, j, bank, RF_DIRECTION_TO);
}

/* A frame that leaves the bridge through an inside port. Multicast belongs to nobody: it was judged on its way in. */
static __always_inline enum rf_verdict judge_to(struct rf_frame *frame, struct rf_judgement *j)
{
	const struct rf_control *control = judge_begin(frame, j);

	if (!control)
		return judge_internal(j);
	if (flow_passes_by(frame, j, control, RF_DIRECTION_TO))
		return j->outcome.verdict;
	judge_read(frame, j, RF_DIRECTION_TO);
	if (j->status != RF_PARSE_RUNT && !mac_is_group(j->packet.dst_mac) &&
	    subject_identify(j, &control->bank[j->bank & 1], j->packet.dst_mac)) {
		world_forget();
		if (judge(j, control) != RF_PASS)
			return RF_DROP;
		world_forget();
		answer_read(frame, j, &control->bank[j->bank & 1]);
		return RF_PASS;
	}
	/* Nobody was looked for: whose frame the last one was says nothing of this one's flow. */
	if (mac_is_group(j->packet.dst_mac))
		j->subject.state = 0;
	flow_begin(j);
	count_unpoliced(j, j->len);
	j->outcome.verdict = RF_PASS;
	j->outcome.reason = j->outcome.cause = RF_REASON_UNPOLICED;
	j->outcome.rule = RF_RULE_NONE;
	j->outcome.known = 0;
	j->subject.flags = RF_DEVICE_UNKNOWN;
	world_forget();
	if (judge_end(j, control) != RF_PASS)
		return RF_DROP;
	if (j->dns_len)
		learn_unknown(j);
	return RF_PASS;
}

/* For those who watch: tests, replay, explain. */
static __always_inline void result_fill(const struct rf_judgement *j, const struct rf_bank *bank,
					enum rf_verdict verdict, struct rf_result *result)
{
	result->verdict = verdict;
	result->reason = j->outcome.reason;
	result->would = j->outcome.cause;
	result->direction = j->direction;
	result->device = j->subject.flags & RF_DEVICE_UNKNOWN ? RF_DEVICE_NONE : j->subject.device;
	result->rule = j->outcome.rule;
	result->generation = bank ? bank->generation : 0;
	result->known = j->outcome.known;
}

#endif
