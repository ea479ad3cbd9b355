/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi.h - every map key and value that the datapath and user space share, declared once.
 *
 * Two kinds of map. *Policy* maps hold what user/policy compiled: plain arrays that user space fills through mmap and the
 * datapath only reads. Each has room for two banks; indices inside are absolute, and `control.active` says through
 * which struct rf_bank a frame enters: read once a frame, so a frame is never judged by a mixture. *State* maps are indexed by
 * device and outlive reloads; what depends on the policy in them carries the generation.
 *
 * All of it is pinned. `control.abi_version` is checked before anything pinned is reused.
 */
#ifndef RF_ABI_H
#define RF_ABI_H

#include <linux/types.h>

#include "address.h"
#include "bank.h"
#include "bounds.h"
#include "counts.h"
#include "devices.h"
#include "flows.h"
#include "folds.h"
#include "profiles.h"
#include "reason.h"
#include "records.h"
#include "result.h"
#include "rows.h"
#include "rules.h"
#include "sizing.h"

#define RF_ABI_VERSION 6

#endif
