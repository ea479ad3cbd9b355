// SPDX-License-Identifier: GPL-2.0-only
/*
 * print.c - see print.h.
 */
#include "print.h"

#include <errno.h>
#include <stdio.h>

#include <jansson.h>

static json_t *row_json(const struct result *row)
{
	return json_pack("{ss ss si si si sb sf sf sf sf}", "id", row->id, "name", row->name, "devices",
			 (int)row->devices, "prefixes", (int)row->prefixes, "rules", (int)row->rules, "all_active",
			 row->cold, "ns", row->net, "ns_quartile_low", row->low, "ns_quartile_high", row->high,
			 "ns_empty", row->empty);
}

void results_print(const struct results *results, FILE *out)
{
	for (size_t i = 0; i < results->n; i++) {
		const struct result *row = &results->items[i];

		fprintf(out, "%7u %7u %4u  %-46s%-12s %7.0f ns  (%.0f-%.0f)\n", row->devices, row->prefixes, row->rules,
			row->name, row->cold ? " all active" : "", row->net, row->low, row->high);
	}
}

int results_write(const struct results *results, const struct missing *missing, size_t n_missing, const char *path)
{
	json_t *rows = json_array(), *misses = json_array(), *root;
	int err;

	for (size_t i = 0; i < results->n; i++)
		json_array_append_new(rows, row_json(&results->items[i]));
	for (size_t i = 0; i < n_missing; i++)
		json_array_append_new(misses,
				      json_pack("{si si ss}", "devices", (int)missing[i].size.devices, "prefixes",
						(int)missing[i].size.prefixes, "why", missing[i].why));
	root = json_pack("{so so}", "rows", rows, "missing", misses);
	err = root ? json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : -1;
	json_decref(root);
	if (err)
		fprintf(stderr, "bench: cannot write %s\n", path);
	return err ? -EIO : 0;
}
