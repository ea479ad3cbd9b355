/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * remote.h - a keyed hash of the remote address: what connection rows, filters and folds of a device are found by.
 */
#ifndef RF_REMOTE_H
#define RF_REMOTE_H

#include "hash.h"
#include "packet.h"

/* What several unknown devices that share rows add to the hashes of theirs: 0 for a device that has its own. */
static __always_inline __u64 remote_owner(const struct rf_judgement *j, const struct rf_control *control)
{
	return j->subject.flags & RF_DEVICE_UNKNOWN ? j->subject.mac * control->secret[RF_SECRET_MAC] : 0;
}

/* The upper half is the good one: see rf_keyed_addr(). */
static __always_inline __u64 remote_keyed(const struct rf_judgement *j, const struct rf_control *control,
					  const struct rf_addr *remote)
{
	return remote_owner(j, control) + rf_keyed_addr(&control->secret[RF_SECRET_REMOTE], remote->hi, remote->lo);
}

#endif
