// SPDX-License-Identifier: GPL-2.0-only
/*
 * reason_text.c - see reason_text.h.
 */
#include "reason_text.h"

static const struct {
	const char *text;
	const char *sentence;
	enum rf_verdict verdict;
} reasons[] = {
#define X(name, text, verdict, sentence) [RF_REASON_##name] = {text, sentence, verdict},
	RF_REASON_LIST(X)
#undef X
};

static unsigned int known_reason(unsigned int reason)
{
	return reason < RF_REASON_COUNT ? reason : RF_REASON_INTERNAL;
}

const char *reason_text(unsigned int reason)
{
	return reasons[known_reason(reason)].text;
}

const char *reason_sentence(unsigned int reason)
{
	return reasons[known_reason(reason)].sentence;
}

enum rf_verdict reason_verdict(unsigned int reason)
{
	return reasons[known_reason(reason)].verdict;
}

const char *mode_text(unsigned int mode)
{
	static const char *const texts[] = {
#define X(name, text) [RF_MODE_##name] = text,
		RF_MODE_LIST(X)
#undef X
	};

	return mode < RF_MODE_COUNT ? texts[mode] : "?";
}

const char *direction_text(unsigned int direction)
{
	static const char *const texts[] = {
#define X(name, text) [RF_DIRECTION_##name] = text,
		RF_DIRECTION_LIST(X)
#undef X
	};

	return direction < RF_DIRECTION_COUNT ? texts[direction] : "?";
}
