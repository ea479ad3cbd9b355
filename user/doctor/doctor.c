// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor.c - see doctor.h.
 */
#include "checks.h"
#include "doctor.h"

static const struct {
	enum way_need need;
	void (*check)(const struct survey *survey, struct findings *findings);
} checks[] = {
#define X(name, key, need, ...) [WAY_##name] = {WAY_NEEDS_##need, check_##name},
	WAY_LIST(X)
#undef X
};

static bool can_look(const struct survey *survey, enum way_need need)
{
	switch (need) {
	case WAY_NEEDS_PORTS:
		return survey->n_ports > 0;
	case WAY_NEEDS_POLICY:
		return survey->policy != NULL;
	case WAY_NEEDS_NOTHING:
	default:
		return true;
	}
}

int doctor_run(const struct survey *survey, struct findings *findings)
{
	for (int i = 0; i < WAY_COUNT; i++) {
		const enum way way = (enum way)i;

		if (!can_look(survey, checks[way].need))
			continue;
		checks[way].check(survey, findings);
		if (!findings_has(findings, way))
			findings_add(findings, way, SEVERITY_OK);
	}
	return findings->err;
}
