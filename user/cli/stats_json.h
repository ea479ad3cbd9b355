/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stats_json.h - the counters of a snapshot as the one object that `ringfence stats --json` prints.
 */
#ifndef CLI_STATS_JSON_H
#define CLI_STATS_JSON_H

#include "output.h"
#include "snapshot.h"

/* only: NULL, or the one device of the snapshot that is told. 0, -ENOMEM, or what the write said. */
int stats_json(const struct output *out, const struct view *view, const struct snapshot *snapshot,
	       const struct snapshot_device *only);

#endif
