// SPDX-License-Identifier: GPL-2.0-only
/*
 * counters.c - see counters.h.
 */
#include "counters.h"

static void count_add(struct rf_count *sum, const struct rf_count *count)
{
	sum->packets += count->packets;
	sum->bytes += count->bytes;
}

void counters_add(struct rf_counters_first *sum_first, struct rf_counters_rest *sum_rest,
		  const struct rf_counters_first *first, const struct rf_counters_rest *rest)
{
	if (first->last_seen > sum_first->last_seen) {
		sum_first->last_seen = first->last_seen;
		sum_first->ifindex = first->ifindex;
	}
	/* The CPU that saw it last may have seen only the other protocol. */
	if (first->last_v4 && (first->last_seen == sum_first->last_seen || !sum_first->last_v4))
		sum_first->last_v4 = first->last_v4;
	if ((rest->last_v6.hi || rest->last_v6.lo) &&
	    (first->last_seen == sum_first->last_seen || !(sum_rest->last_v6.hi || sum_rest->last_v6.lo)))
		sum_rest->last_v6 = rest->last_v6;
	count_add(&sum_first->from_passed, &first->from_passed);
	count_add(&sum_first->from_dropped, &first->from_dropped);
	sum_first->by_rule += first->by_rule;
	sum_first->by_default += first->by_default;
	count_add(&sum_rest->to_passed, &rest->to_passed);
	count_add(&sum_rest->to_dropped, &rest->to_dropped);
	count_add(&sum_rest->from_would_drop, &rest->from_would_drop);
	count_add(&sum_rest->to_would_drop, &rest->to_would_drop);
	for (int i = 0; i < RF_REASON_SLOTS; i++)
		sum_rest->by_reason[i] += rest->by_reason[i];
}

uint64_t counters_reason(const struct counters *counters, int reason)
{
	uint64_t packets;

	if (reason < 0 || reason >= RF_REASON_SLOTS)
		return 0;
	packets = counters->rest.by_reason[reason];
	if (reason == RF_REASON_RULE)
		packets += counters->first.by_rule;
	else if (reason == rf_default_reason(counters->device))
		packets += counters->first.by_default;
	return packets;
}
