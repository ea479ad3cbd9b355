// SPDX-License-Identifier: GPL-2.0-only
/*
 * tally_names.c - see tally_names.h.
 */
#include "tally_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int tally_names_init(struct tally_names *names, size_t max)
{
	*names = (struct tally_names){.max = max};
	names->items = calloc(max ? max : 1, sizeof(*names->items));
	return names->items ? 0 : -ENOMEM;
}

void tally_names_free(struct tally_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i].text);
	free(names->items);
	*names = (struct tally_names){0};
}

int tally_names_add(struct tally_names *names, uint32_t place, const struct rf_result *result, const char *text)
{
	char *copy;

	for (size_t i = 0; i < names->n; i++) {
		struct tally_name *name = &names->items[i];

		if (name->place == place && name->hash == result->known && name->rule == result->rule) {
			name->frames++;
			return 0;
		}
	}
	if (names->n == names->max) {
		names->other++;
		return 0;
	}
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	names->items[names->n++] = (struct tally_name){place, result->known, result->rule, copy, 1};
	return 0;
}

int tally_names_print(const struct tally_names *names, const struct policy_file *file, const struct output *out)
{
	static const struct output_column columns[] = {{"DEVICE", OUTPUT_CUT},
						       {"NAME", OUTPUT_CUT},
						       {"FRAMES", OUTPUT_RIGHT | OUTPUT_RANK(2)},
						       {"RULE", OUTPUT_CUT | OUTPUT_TAIL | OUTPUT_RANK(1)}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	int r;

	if (!table)
		return -ENOMEM;
	if (!names->n)
		return 0;
	for (size_t i = 0; i < names->n; i++) {
		const struct tally_name *name = &names->items[i];
		char rule[POLICY_FILE_RULE_MAX];
		const char *line = policy_file_rule(file, name->rule, rule);

		output_table_row(table);
		output_table_cell(table, OUTPUT_PLAIN, "%s",
				  name->place < file->policy->n_devices ? file->policy->devices[name->place].name
									: "(unknown)");
		output_table_cell(table, OUTPUT_PLAIN, "%s", name->text);
		output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, name->frames);
		output_table_cell(table, OUTPUT_PLAIN, "%s", line ? line : "-");
	}
	output_print(out, OUTPUT_PLAIN, "\nPassed through a DNS name, the first %zu:\n", names->n);
	r = output_table_print(table);
	if (!r && names->other)
		output_print(out, OUTPUT_FAINT,
			     "and %" PRIu64 " more frames; --drops N shows more names, too, --json all\n",
			     names->other);
	return r;
}
