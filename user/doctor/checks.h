/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * checks.h - one function a way around: looks at the survey, adds what it finds. Pure: asks nobody, prints nothing.
 *
 * A check that adds nothing found nothing, which doctor.c says for it.
 */
#ifndef DOCTOR_CHECKS_H
#define DOCTOR_CHECKS_H

#include "findings.h"
#include "survey.h"

#define X(name, ...) void check_##name(const struct survey *survey, struct findings *findings);
WAY_LIST(X)
#undef X

#endif
