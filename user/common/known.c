// SPDX-License-Identifier: GPL-2.0-only
/*
 * known.c - see known.h.
 */
#include "known.h"

#include <stdio.h>
#include <string.h>

static size_t put_byte(uint8_t byte, char *to)
{
	if (byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\') {
		to[0] = (char)byte;
		return 1;
	}
	return (size_t)snprintf(to, 5, "\\%03u", byte);
}

const char *known_text(const uint8_t *wire, size_t len, char buf[KNOWN_TEXT_MAX])
{
	size_t at = 0, out = 0;

	if (!len || len >= RF_DNS_NAME_MAX) {
		snprintf(buf, KNOWN_TEXT_MAX, ".");
		return len ? NULL : buf;
	}
	while (at < len) {
		const size_t label = wire[at++];

		if (!label || label > RF_DNS_LABEL_MAX || label > len - at)
			return NULL;
		if (out)
			buf[out++] = '.';
		for (size_t i = 0; i < label; i++)
			out += put_byte(wire[at++], buf + out);
	}
	buf[out] = '\0';
	return buf;
}

const struct rf_known *known_entry(const struct known_table *table, uint32_t state, uint32_t known)
{
	const uint64_t set = rf_sizing_set(state, table->shift, known / RF_KNOWN_WAYS);

	return set < table->n_sets ? &table->sets[set].name[known % RF_KNOWN_WAYS] : NULL;
}

/* The programs may give the entry to another name meanwhile: what was read counts if the hash is the same before and after. */
static const char *entry_text(const struct rf_known *entry, uint64_t hash, char buf[KNOWN_TEXT_MAX])
{
	struct rf_known copy;

	if (__atomic_load_n(&entry->hash, __ATOMIC_ACQUIRE) != hash)
		return NULL;
	memcpy(&copy, entry, sizeof(copy));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&entry->hash, __ATOMIC_RELAXED) != hash)
		return NULL;
	return known_text(copy.wire, copy.len, buf);
}

const char *known_find(const struct known_table *table, uint32_t state, uint64_t hash, char buf[KNOWN_TEXT_MAX])
{
	const uint32_t set = rf_sizing_set(0, table->shift, (uint32_t)(hash >> 32)); /* as bpf/known.h places it */

	for (uint32_t way = 0; hash && way < RF_KNOWN_WAYS; way++) {
		const struct rf_known *entry = known_entry(table, state, set * RF_KNOWN_WAYS + way);
		const char *text = entry ? entry_text(entry, hash, buf) : NULL;

		if (text)
			return text;
	}
	return NULL;
}

const char *known_result(const struct known_table *table, const struct rf_result *result, char buf[KNOWN_TEXT_MAX])
{
	const char *text = NULL;

	if (!result->known)
		return NULL;
	if (result->device != RF_DEVICE_NONE)
		return known_find(table, result->device, result->known, buf);
	for (uint32_t state = 0; state < RF_UNKNOWN_DEVICES && !text; state++)
		text = known_find(table, state, result->known, buf);
	return text;
}
