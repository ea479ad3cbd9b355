// SPDX-License-Identifier: GPL-2.0-only
/*
 * name_listed.c - see name_listed.h.
 */
#include "name_listed.h"

const char *name_listed_text(enum name_listed listed)
{
	static const char *const texts[] = {
#define X(name, text, sentence) [NAME_LISTED_##name] = text,
		NAME_LISTED_LIST(X)
#undef X
	};

	return texts[listed];
}

const char *name_listed_sentence(enum name_listed listed)
{
	static const char *const sentences[] = {
#define X(name, text, sentence) [NAME_LISTED_##name] = sentence,
		NAME_LISTED_LIST(X)
#undef X
	};

	return sentences[listed];
}

enum name_listed name_listed_of(const struct rf_result *question, bool by_name)
{
	/* In monitor mode it goes out all the same, and what it leads to is learned. */
	unsigned int reason = question->reason == RF_REASON_WOULD_DROP ? question->would : question->reason;

	if (reason == RF_REASON_NAME_DENIED)
		return NAME_LISTED_DENIED;
	if (reason == RF_REASON_NAME_NOT_LISTED)
		return NAME_LISTED_REFUSED;
	if (question->verdict == RF_DROP)
		return NAME_LISTED_UNASKED;
	return by_name ? NAME_LISTED_YES : NAME_LISTED_NO;
}
