/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * name_listed.h - what became of a question for a DNS name: for explain, in words.
 */
#ifndef CLI_NAME_LISTED_H
#define CLI_NAME_LISTED_H

#include <stdbool.h>

#include "../../include/abi.h"

/* X(enum suffix, word for JSON, sentence) */
#define NAME_LISTED_LIST(X)                                                                                            \
	X(YES, "listed", "a rule lists it; what it leads to is allowed once the device has looked it up")              \
	X(NO, "not-listed",                                                                                            \
	  "it may be asked for, and opens nothing here: no rule for this port lists it, or one before decides")        \
	X(REFUSED, "name-not-listed", "no rule lists it and the profile says `dns: listed': the question is dropped")  \
	X(DENIED, "name-denied", "it is under the profile's `deny-names': the question is dropped")                    \
	X(UNASKED, "unasked", "the device may not ask for it: the question to the resolver is dropped")

enum name_listed {
#define X(name, text, sentence) NAME_LISTED_##name,
	NAME_LISTED_LIST(X)
#undef X
};

const char *name_listed_text(enum name_listed listed);
const char *name_listed_sentence(enum name_listed listed);

/* From the verdict on the question, and whether the connection then passed by the name. */
enum name_listed name_listed_of(const struct rf_result *question, bool by_name);

#endif
