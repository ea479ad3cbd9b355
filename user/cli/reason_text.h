/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reason_text.h - the words of include/reason.h's lists, for printers.
 */
#ifndef CLI_REASON_TEXT_H
#define CLI_REASON_TEXT_H

#include "../../include/reason.h"

/* "internal" for a number that is no reason: it can only come from a datapath that is not ours. */
const char *reason_text(unsigned int reason);
const char *reason_sentence(unsigned int reason);
enum rf_verdict reason_verdict(unsigned int reason);
const char *mode_text(unsigned int mode);
const char *direction_text(unsigned int direction);

#endif
