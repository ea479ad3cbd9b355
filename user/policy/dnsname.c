// SPDX-License-Identifier: GPL-2.0-only
/*
 * DNS names of a policy: see dnsname.h.
 */
#include "dnsname.h"

#include <idn2.h>
#include <string.h>

#ifdef HAVE_PSL
#include <libpsl.h>
#endif

/* Letters, digits, hyphen and, as many real names have it, underscore. */
static bool label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static const char *check_label(const char *label, size_t len)
{
	if (!len)
		return "two dots with nothing between them";
	if (len > DNSNAME_LABEL_MAX)
		return "a part between dots has over 63 characters";
	if (label[0] == '-' || label[len - 1] == '-')
		return "a part begins or ends with a hyphen";
	for (size_t i = 0; i < len; i++) {
		if (label[i] == '*')
			return "* can only be the whole first part";
		if (!label_char(label[i]))
			return "it may only have letters, digits, \"-\", \"_\" and dots";
	}
	return NULL;
}

static const char *check_labels(const char *name)
{
	const char *label = name;
	size_t len;

	for (;;) {
		const char *bad;

		len = strcspn(label, ".");
		bad = check_label(label, len);
		if (bad)
			return bad;
		if (!label[len])
			break;
		label += len + 1;
	}
	/* RFC 3696 2: no top-level name is a number, so that names and addresses differ. */
	if (strspn(label, "0123456789") == len)
		return "the last part is a number";
	return NULL;
}

/* Lower case of ASCII, whatever the locale; true when there is more than ASCII. */
static bool lower_ascii(char *text)
{
	bool more = false;

	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
		more |= (*text & 0x80) != 0;
	}
	return more;
}

const char *dnsname_parse(const char *text, struct arena *arena, struct dnsname *ret_name)
{
	bool wildcard = strncmp(text, "*.", 2) == 0;
	char *name = arena_text(arena, text + (wildcard ? 2 : 0), strlen(text) - (wildcard ? 2 : 0));
	const char *bad;
	size_t len;

	if (!name)
		return "out of memory";
	len = strlen(name);
	if (len && name[len - 1] == '.')
		name[--len] = '\0';
	if (!len)
		return "there is no name";

	/* A-labels are checked too: "xn--..." must decode to what encodes to it. */
	if (lower_ascii(name) || strstr(name, "xn--")) {
		uint8_t *ascii = NULL;
		int r = idn2_lookup_u8((const uint8_t *)name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

		if (r != IDN2_OK)
			return idn2_strerror(r);
		name = arena_text(arena, (const char *)ascii, strlen((const char *)ascii));
		idn2_free(ascii);
		if (!name)
			return "out of memory";
		lower_ascii(name);
		len = strlen(name);
	}

	bad = check_labels(name);
	if (!bad && len > DNSNAME_LEN_MAX)
		bad = "it has over 253 characters";
	if (bad)
		return bad;
	*ret_name = (struct dnsname){.name = name, .wildcard = wildcard};
	return NULL;
}

bool dnsname_is_public_suffix(const char *name)
{
#ifdef HAVE_PSL
	if (psl_builtin())
		return psl_is_public_suffix(psl_builtin(), name);
#endif
	return !strchr(name, '.');
}
