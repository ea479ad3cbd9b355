// SPDX-License-Identifier: GPL-2.0-only
/*
 * print.c - see print.h. A line is a row; its columns are the scenes: "net", or "net (spread)", ns a frame.
 */
#include "print.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#define MEBIBYTE (1024.0 * 1024)
#define COLUMN 17
#define NAME_COLUMN 46

/* Rows with the same id and name in several scenes are one line. The first result of each is where the line stands. */
static bool is_first(const struct results *results, size_t index)
{
	const struct result *result = &results->items[index];

	for (size_t i = 0; i < index; i++)
		if (strcmp(results->items[i].id, result->id) == 0 && results->items[i].cold == result->cold)
			return false;
	return true;
}

/* "152 ±4": half the distance of the quartiles. */
static void cell(const struct result *result, char *text, size_t size)
{
	if (result)
		snprintf(text, size, "%.0f ±%.0f", result->net, (result->high - result->low) / 2);
	else
		snprintf(text, size, "-");
}

static void scene_title(const struct scene_size *size, char *text, size_t len)
{
	snprintf(text, len, "%u/%u", size->devices, size->prefixes);
}

/* printf counts bytes, and "±" has two. */
static void put_cell(FILE *out, const char *text)
{
	const int extra = strstr(text, "±") ? 1 : 0;

	fprintf(out, "%*s", COLUMN + extra, text);
}

static void text_rows(const struct report *report, FILE *out)
{
	for (size_t i = 0; i < report->results->n; i++) {
		const struct result *row = &report->results->items[i];
		char name[ROW_NAME_MAX + 16], text[64];

		if (!is_first(report->results, i))
			continue;
		snprintf(name, sizeof(name), "%s%s", row->name, row->cold ? ", all active" : "");
		fprintf(out, "%-*s", NAME_COLUMN, name);
		for (size_t k = 0; k < report->n_sizes; k++) {
			cell(results_find(report->results, row->id, &report->sizes[k], row->cold), text, sizeof(text));
			put_cell(out, text);
		}
		fputc('\n', out);
	}
}

void bench_text(const struct report *report, FILE *out)
{
	fprintf(out, "%s, Linux %s, %s\n", report->cpu, report->kernel, report->date);
	fprintf(out,
		"ns a frame beyond an empty program; median of %u rounds of %u frames and half the distance of the quartiles\n\n",
		report->rounds, report->repeat);
	fprintf(out, "%-*s", NAME_COLUMN, "devices/prefixes");
	for (size_t k = 0; k < report->n_sizes; k++) {
		char title[64];

		scene_title(&report->sizes[k], title, sizeof(title));
		put_cell(out, title);
	}
	fputc('\n', out);
	text_rows(report, out);
	fputc('\n', out);
	for (size_t i = 0; i < report->n_memory; i++)
		fprintf(out, "memory of all maps, %u devices: %.1f MiB\n", report->memory[i].devices,
			(double)report->memory[i].bytes / MEBIBYTE);
	fputs("\ntargets\n", out);
	for (size_t i = 0; i < report->targets->n; i++) {
		const struct target *target = &report->targets->items[i];

		fprintf(out, "%-6s %-76s %8.2f%s  (%.2f-%.2f, at most %.2f)\n", target->met ? "met" : "MISSED",
			target->what, target->value, target->unit, target->low, target->high, target->limit);
	}
}

void bench_markdown(const struct report *report, FILE *out)
{
	fprintf(out,
		"%s, Linux %s, %s. Nanoseconds a frame beyond an empty program in the same run (BPF_PROG_TEST_RUN): median of %u rounds of %u frames, ± half the distance of the quartiles. "
		"\"all active\": any device to any prefix, so that caches do not help; else %d devices send to %d addresses each.\n\n",
		report->cpu, report->kernel, report->date, report->rounds, report->repeat, SCENE_ACTIVE, SCENE_REMOTES);
	fputs("| devices / prefixes |", out);
	for (size_t k = 0; k < report->n_sizes; k++)
		fprintf(out, " %u / %u |", report->sizes[k].devices, report->sizes[k].prefixes);
	fputs("\n|---|", out);
	for (size_t k = 0; k < report->n_sizes; k++)
		fputs("---:|", out);
	fputc('\n', out);
	for (size_t i = 0; i < report->results->n; i++) {
		const struct result *row = &report->results->items[i];
		char text[64];

		if (!is_first(report->results, i))
			continue;
		fprintf(out, "| %s%s |", row->name, row->cold ? ", all active" : "");
		for (size_t k = 0; k < report->n_sizes; k++) {
			cell(results_find(report->results, row->id, &report->sizes[k], row->cold), text, sizeof(text));
			fprintf(out, " %s |", text);
		}
		fputc('\n', out);
	}
	fputs("\n| target | measured | at most | |\n|---|---:|---:|---|\n", out);
	for (size_t i = 0; i < report->targets->n; i++) {
		const struct target *target = &report->targets->items[i];

		fprintf(out, "| %s | %.2f%s%s | %.2f | %s |\n", target->what, target->value, target->unit[0] ? " " : "",
			target->unit, target->limit, target->met ? "met" : "**missed**");
	}
	for (size_t i = 0; i < report->n_memory; i++)
		fprintf(out, "%sMemory of all maps: %u devices %.1f MiB", i ? "; " : "\n", report->memory[i].devices,
			(double)report->memory[i].bytes / MEBIBYTE);
	fputs(".\n", out);
}

/* ---- JSON ---- */

static json_t *json_results(const struct results *results)
{
	json_t *array = json_array();

	for (size_t i = 0; i < results->n; i++) {
		const struct result *row = &results->items[i];

		json_array_append_new(array,
				      json_pack("{ss ss si si sb sf sf sf sf}", "id", row->id, "name", row->name,
						"devices", (int)row->devices, "prefixes", (int)row->prefixes,
						"all_active", row->cold, "ns", row->net, "ns_quartile_low", row->low,
						"ns_quartile_high", row->high, "ns_empty", row->empty));
	}
	return array;
}

static json_t *json_targets(const struct targets *targets)
{
	json_t *array = json_array();

	for (size_t i = 0; i < targets->n; i++) {
		const struct target *target = &targets->items[i];

		json_array_append_new(array, json_pack("{ss ss sf sf sf sf sb}", "what", target->what, "unit",
						       target->unit, "value", target->value, "low", target->low, "high",
						       target->high, "limit", target->limit, "met", target->met));
	}
	return array;
}

int bench_json(const struct report *report, FILE *out)
{
	json_t *memory = json_array(), *root;
	int err;

	for (size_t i = 0; i < report->n_memory; i++)
		json_array_append_new(memory, json_pack("{si sI}", "devices", (int)report->memory[i].devices, "bytes",
							(json_int_t)report->memory[i].bytes));
	root = json_pack("{ss ss ss si si so so so}", "kernel", report->kernel, "cpu", report->cpu, "date",
			 report->date, "rounds", (int)report->rounds, "repeat", (int)report->repeat, "rows",
			 json_results(report->results), "targets", json_targets(report->targets), "memory", memory);
	if (!root)
		return -1;
	err = json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(root);
	fputc('\n', out);
	return err;
}
