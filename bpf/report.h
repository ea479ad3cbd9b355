/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the one exit: counts a verdict, and tells of what did not pass, or would not have. No map grows here.
 */
#ifndef RF_REPORT_H
#define RF_REPORT_H

#include "fold.h"

/* The same without a call where it is the usual: one more of what was reported less than an interval ago. */
static __always_inline void report_again(struct rf_judgement *j, const struct rf_control *control, __u8 type)
{
	const __u64 hash = fold_hash(j, control, type);
	struct rf_fold_set *set = fold_set(j, j->subject.state, hash);

	j->way = set ? fold_find(set, hash) : 0;
	world_forget(); /* verifier: one way from here, as in conn_look() */
	if (set && fold_again(j, set, hash, j->way, world_ticks(j)))
		return;
	j->flow.told = RF_TOLD_NOW;
	j->flow.fold = hash;
	fold_report(j, type);
}

/* An answer that met its question and could not be read: told to user space like a drop, though it passed. */
static __always_inline void report_unread(struct rf_judgement *j)
{
	const struct rf_control *control = world_control(j);

	if (!control)
		return;
	j->flow.fold = fold_hash(j, control, RF_EVENT_UNREAD);
	fold_report(j, RF_EVENT_UNREAD);
}

/* Every verdict on a device's frame leaves through here. */
static __always_inline void report(struct rf_judgement *j, const struct rf_control *control)
{
	const struct rf_outcome *outcome = &j->outcome;

	report_count(j);
	if (outcome->verdict == RF_PASS && outcome->reason != RF_REASON_WOULD_DROP) {
		if (j->subject.flags & RF_DEVICE_UNKNOWN)
			report_again(j, control, RF_EVENT_SEEN);
		return;
	}
	if (outcome->quiet) {
		j->flow.told = RF_TOLD_QUIET;
		count_quiet(j);
		return;
	}
	report_again(j, control, outcome->verdict == RF_DROP ? RF_EVENT_DROP : RF_EVENT_WOULD_DROP);
}

#endif
