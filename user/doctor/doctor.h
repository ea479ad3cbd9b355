/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * doctor.h - run every check on a survey.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "findings.h"
#include "survey.h"

/*
 * In the order of WAY_LIST: at least one finding of each way that could be looked at. Of the others there is none: that which ports or which
 * policy it is about is not known is a finding of its own. 0 or -ENOMEM.
 */
int doctor_run(const struct survey *survey, struct findings *findings);

#endif
