/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * doctor_text.h - what doctor found, for people: the worst first, in lines no longer than the terminal or 80 columns.
 */
#ifndef CLI_DOCTOR_TEXT_H
#define CLI_DOCTOR_TEXT_H

#include "../doctor/findings.h"
#include "output.h"

/* 0 or -ENOMEM. */
int doctor_text(const struct output *out, const struct findings *findings);

#endif
