// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which parts of the language this version enforces: see feature.h.
 */
#include "feature.h"

static const struct {
	const char *text;
	bool in_force;
} features[] = {[FEATURE_NONE] = {"", true},
#define FEATURE_ROW(name, word, force) [FEATURE_##name] = {word, force},
		FEATURES(FEATURE_ROW)
#undef FEATURE_ROW
};

bool feature_in_force(enum feature feature)
{
	return features[feature].in_force;
}

const char *feature_text(enum feature feature)
{
	return features[feature].text;
}
