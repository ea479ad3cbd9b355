/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DNS names as a policy writes them -> the form that is on the wire, as text.
 *
 * Pure checks: nothing is looked up.
 */
#ifndef POLICY_DNSNAME_H
#define POLICY_DNSNAME_H

#include <stdbool.h>

#include "../common/arena.h"

/* RFC 1035 2.3.4: 255 bytes on the wire are 253 characters of text. */
#define DNSNAME_LEN_MAX 253
#define DNSNAME_LABEL_MAX 63

struct dnsname {
	const char *name; /* A-labels, lower case, no final dot, no "*." */
	bool wildcard;
};

/*
 * Read "a.example.com", "*.example.com", upper case, a final dot, Unicode (IDNA
 * 2008, RFC 5891).  NULL: *ret_name is set and lives in arena; else what is
 * wrong, for "NAME is no DNS name: ...".
 */
const char *dnsname_parse(const char *text, struct arena *arena, struct dnsname *ret_name);

/*
 * Is everything below this name open to anyone who registers there ("co.uk",
 * "com")?  By the Public Suffix List where libpsl was there at build time, else
 * only top-level names are known to be so.
 */
bool dnsname_is_public_suffix(const char *name);

#endif
