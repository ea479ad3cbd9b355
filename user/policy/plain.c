// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain text: see plain.h.
 */
#include "plain.h"

#include <errno.h>

#include "../common/text.h"

int plain_check(const struct diag_source *src, struct diags *diags)
{
	const char *at = src->text, *end = at + src->len;
	struct diag_pos pos = {1, 1};

	while (at < end) {
		uint32_t code;
		size_t n;

		/* Nearly everything is plain ASCII. */
		if (*at >= ' ' && *at < 0x7f) {
			at++;
			pos.column++;
			continue;
		}
		n = text_utf8(at, (size_t)(end - at), &code);
		if (!n) {
			diags_add(diags, DIAG_ERROR, src, pos, "byte 0x%02x is not UTF-8 text", (unsigned char)*at);
			return -EINVAL;
		}
		if (code == '\n' || code == '\r') {
			if (code == '\r' && at + 1 < end && at[1] == '\n')
				n = 2;
			pos = (struct diag_pos){pos.line + 1, 1};
		} else if (code != '\t' && !text_printable(code)) {
			diags_add(diags, DIAG_ERROR, src, pos, "character U+%04X is not allowed in a policy", code);
			if (code < 0x80)
				diags_hint(diags, "is this a text file?");
			return -EINVAL;
		} else {
			pos.column++;
		}
		at += n;
	}
	return 0;
}
