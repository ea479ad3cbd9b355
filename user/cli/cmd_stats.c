// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_stats.c - `ringfence stats`: per-device counters from the pinned maps, as table, detail of one device, or JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/text.h"
#include "commands.h"
#include "reason_text.h"
#include "signals.h"
#include "snapshot.h"
#include "stats_json.h"

#define INTERVAL_MAX_S 86400 /* a day */
#define REASONS_SHOWN 3	     /* in the table's last column: what mattered most */
#define WHY_MAX 160
/* Titles, unknown devices, what has no room, the rest (two lines where it is narrow), the cursor. */
#define LINES_AROUND 6

struct picture {
	const char *device; /* NULL: all */
	bool json;
	bool redraw; /* in the place of the one before */
	struct snapshot before;
};

/* ---- text --------------------------------------------------------------------------------------------------- */

/* Most frequent first, what passed as meant left out. */
static const char *why_text(const struct counters *counters, char buf[WHY_MAX])
{
	bool used[RF_REASON_COUNT] = {false};
	size_t len = 0;

	buf[0] = '\0';
	for (int n = 0; n < REASONS_SHOWN; n++) {
		int best = -1;

		for (int r = 0; r < RF_REASON_COUNT; r++) {
			bool trouble = reason_verdict(r) == RF_DROP || r == RF_REASON_WOULD_DROP;

			if (trouble && !used[r] && counters_reason(counters, r) &&
			    (best < 0 || counters_reason(counters, r) > counters_reason(counters, best)))
				best = r;
		}
		if (best < 0)
			break;
		used[best] = true;
		len += (size_t)snprintf(buf + len, WHY_MAX - len, "%s%s %" PRIu64, n ? ", " : "", reason_text(best),
					counters_reason(counters, best));
	}
	return buf;
}

static void number_cell(struct output_table *table, uint64_t now, uint64_t before, bool bad)
{
	enum output_colour colour = bad && now ? OUTPUT_BAD : OUTPUT_PLAIN;

	if (now > before)
		output_table_cell(table, colour, "%" PRIu64 " +%" PRIu64, now, now - before);
	else
		output_table_cell(table, colour, "%" PRIu64, now);
}

static void device_row(struct output_table *table, const char *name, const char *mode, const struct counters *now,
		       const struct counters *before)
{
	char port[SNAPSHOT_PORT_MAX], seen[OUTPUT_NUMBER_MAX], why[WHY_MAX];
	const char *on = snapshot_port(now, port);

	output_table_row(table);
	output_table_cell(table, OUTPUT_BOLD, "%s", name);
	output_table_cell(table, strcmp(mode, "enforce") == 0 ? OUTPUT_PLAIN : OUTPUT_NOTE, "%s", mode);
	output_table_cell(table, OUTPUT_PLAIN, "%s", on ? on : "-");
	output_table_cell(table, OUTPUT_PLAIN, "%s", snapshot_seen(now, seen));
	number_cell(table, now->first.from_passed.packets, before->first.from_passed.packets, false);
	number_cell(table, now->first.from_dropped.packets, before->first.from_dropped.packets, true);
	number_cell(table, now->rest.to_passed.packets, before->rest.to_passed.packets, false);
	number_cell(table, now->rest.to_dropped.packets, before->rest.to_dropped.packets, true);
	output_table_cell(table, OUTPUT_PLAIN, "%s", why_text(now, why));
}

/* The device in the picture before; itself where it was not there, so that no difference is shown. */
static const struct counters *counters_before(const struct snapshot *before, const struct snapshot_device *device,
					      size_t place)
{
	if (place < before->n_devices && before->devices[place].index == device->index)
		return &before->devices[place].counters; /* no reload between the two */
	for (size_t i = 0; i < before->n_devices; i++)
		if (before->devices[i].index == device->index)
			return &before->devices[i].counters;
	return &device->counters;
}

static int compare_seen(const void *a, const void *b)
{
	const struct snapshot_device *x = a, *y = b;

	if (x->counters.first.last_seen != y->counters.first.last_seen)
		return x->counters.first.last_seen > y->counters.first.last_seen ? -1 : 1;
	return strncmp(x->info->name, y->info->name, RF_NAME_MAX);
}

/* A picture that is redrawn must fit: the devices beyond are counted in its last line. */
static size_t devices_shown(const struct output *out, const struct snapshot *now, bool redraw)
{
	size_t room = out->height > LINES_AROUND ? out->height - LINES_AROUND : 1;

	return redraw && now->n_devices > room ? room : now->n_devices;
}

static int print_table(const struct output *out, const struct view *view, struct snapshot *now,
		       const struct picture *picture)
{
	static const struct output_column columns[] = {
		{"DEVICE", OUTPUT_CUT},
		{"MODE", OUTPUT_RANK(4)},
		{"PORT", OUTPUT_RANK(6)},
		{"SEEN", OUTPUT_RIGHT | OUTPUT_RANK(5)},
		{"FROM", OUTPUT_RIGHT},
		{"DROPPED", OUTPUT_RIGHT},
		{"TO", OUTPUT_RIGHT | OUTPUT_RANK(1)},
		{"DROPPED", OUTPUT_RIGHT | OUTPUT_RANK(2)},
		{"WHY", OUTPUT_CUT | OUTPUT_RANK(3)},
	};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	const struct snapshot *before = &picture->before;
	size_t shown = devices_shown(out, now, picture->redraw);
	bool first = !before->devices;
	int r;

	if (!table)
		return -ENOMEM;
	if (shown < now->n_devices) /* not all fit: those that are awake */
		qsort(now->devices, now->n_devices, sizeof(*now->devices), compare_seen);
	for (size_t i = 0; i < shown; i++) {
		const struct snapshot_device *device = &now->devices[i];

		device_row(table, device->info->name, mode_text(device->info->mode), &device->counters,
			   first ? &device->counters : counters_before(before, device, i));
	}
	if (now->unknown.first.last_seen || now->unknown.first.from_dropped.packets ||
	    now->unknown.first.from_passed.packets)
		device_row(table, "(unknown)", mode_text(view_bank(view)->unknown_mode), &now->unknown,
			   first ? &now->unknown : &before->unknown);
	if (!now->n_devices)
		output_sentence(out, OUTPUT_FAINT, "the policy in force has no device\n");
	r = output_table_print(table);
	if (shown < now->n_devices)
		output_sentence(out, OUTPUT_FAINT, "and %zu more devices, which a larger terminal shows\n",
				now->n_devices - shown);
	return r;
}

static int print_ways(const struct output *out, const struct counters *c)
{
	static const struct output_column columns[] = {
		{"DIRECTION", 0}, {"VERDICT", 0}, {"PACKETS", OUTPUT_RIGHT}, {"BYTES", OUTPUT_RIGHT}};
	const struct {
		const char *direction, *verdict;
		const struct rf_count *count;
	} rows[] = {
		{"from", "passed", &c->first.from_passed},	  {"from", "dropped", &c->first.from_dropped},
		{"from", "would drop", &c->rest.from_would_drop}, {"to", "passed", &c->rest.to_passed},
		{"to", "dropped", &c->rest.to_dropped},		  {"to", "would drop", &c->rest.to_would_drop},
	};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char bytes[OUTPUT_NUMBER_MAX];

		output_table_row(table);
		output_table_cell(table, OUTPUT_PLAIN, "%s", rows[i].direction);
		output_table_cell(table, OUTPUT_PLAIN, "%s", rows[i].verdict);
		output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, (uint64_t)rows[i].count->packets);
		output_table_cell(table, OUTPUT_PLAIN, "%s", output_bytes(out, rows[i].count->bytes, bytes));
	}
	return output_table_print(table);
}

static int print_reasons(const struct output *out, const struct counters *c)
{
	static const struct output_column columns[] = {
		{"REASON", 0}, {"PACKETS", OUTPUT_RIGHT}, {"MEANS", OUTPUT_FOLD}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));

	if (!table)
		return -ENOMEM;
	for (int r = 0; r < RF_REASON_COUNT; r++) {
		if (!counters_reason(c, r))
			continue;
		output_table_row(table);
		output_table_cell(table, reason_verdict(r) == RF_PASS ? OUTPUT_GOOD : OUTPUT_BAD, "%s", reason_text(r));
		output_table_cell(table, OUTPUT_PLAIN, "%" PRIu64, counters_reason(c, r));
		output_table_cell(table, OUTPUT_PLAIN, "%s", reason_sentence(r));
	}
	return output_table_print(table);
}

static void print_who(const struct output *out, const struct snapshot_device *device)
{
	char port[SNAPSHOT_PORT_MAX], seen[OUTPUT_NUMBER_MAX], mac[MAC_TEXT_MAX];
	const char *on = snapshot_port(&device->counters, port);

	output_print(out, OUTPUT_BOLD, "%s", device->info->name);
	output_print(out, OUTPUT_PLAIN, " (profile %s, mode %s)", device->info->profile, mode_text(device->info->mode));
	for (size_t i = 0; i < device->n_macs; i++)
		output_print(out, OUTPUT_PLAIN, " %s", mac_format(&device->macs[i], mac));
	output_print(out, OUTPUT_PLAIN, ", port %s, last seen %s%s\n\n", on ? on : "-",
		     snapshot_seen(&device->counters, seen), device->counters.first.last_seen ? " ago" : "");
}

static int print_device(const struct output *out, const struct snapshot_device *device)
{
	struct output_fold fold;
	int r;

	output_fold_begin(&fold, out);
	print_who(&fold.out, device);
	output_fold_end(&fold, 0);
	r = print_ways(out, &device->counters);
	output_print(out, OUTPUT_PLAIN, "\n");
	return r ? r : print_reasons(out, &device->counters);
}

/* ---- command ------------------------------------------------------------------------------------------------ */

static int show(struct cli *cli, struct picture *picture)
{
	struct snapshot now AUTO_SNAPSHOT = {0};
	struct view *view AUTO_VIEW = NULL;
	const struct snapshot_device *only = NULL;
	int code = snapshot_view(cli, &view), r;

	if (code)
		return code;
	r = snapshot_take(view, picture->device, &now);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot read the counters: %s", strerror(-r));
	if (picture->device) {
		only = snapshot_find(&now, picture->device);
		if (!only)
			return cli_fail(CLI_NO, "no device `%s' in the policy in force; `ringfence devices' lists them",
					picture->device);
	}
	if (picture->redraw)
		fputs("\033[H\033[J", cli->out.file); /* home, clear to the end: no flicker of a cleared screen */
	if (picture->json)
		r = stats_json(&cli->out, view, &now, only);
	else if (only)
		r = print_device(&cli->out, only);
	else
		r = print_table(&cli->out, view, &now, picture);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot write the counters: %s", strerror(-r));
	snapshot_free(&picture->before);
	picture->before = now;
	now = (struct snapshot){0};
	/* Names in it belong to the view that ends here; only numbers of it are used. */
	return CLI_DONE;
}

static int watch(struct cli *cli, struct picture *picture, unsigned int interval_s)
{
	struct timespec pause = {.tv_sec = interval_s};
	int code = CLI_DONE;

	signals_catch();
	picture->redraw = cli->out.terminal && !picture->json;
	while (!code && !signals_seen()) {
		output_resize(&cli->out);
		code = show(cli, picture);
		fflush(cli->out.file);
		if (!code && !signals_seen())
			nanosleep(&pause, NULL);
		if (!code && !picture->redraw && !picture->json && !signals_seen())
			output_print(&cli->out, OUTPUT_PLAIN, "\n");
	}
	snapshot_free(&picture->before);
	return code;
}

int cmd_stats(struct cli *cli, const struct cli_args *args)
{
	struct picture picture = {.device = args->arg[0], .json = args->option[STATS_JSON] != NULL};
	uint64_t interval = 1;
	int code;

	if (args->option[STATS_INTERVAL] &&
	    (!text_to_u64(args->option[STATS_INTERVAL], INTERVAL_MAX_S, &interval) || !interval))
		return cli_fail(CLI_MISUSE, "stats: --interval takes seconds, 1 to %d", INTERVAL_MAX_S);
	if (args->option[STATS_WATCH])
		return watch(cli, &picture, (unsigned int)interval);
	code = show(cli, &picture);
	snapshot_free(&picture.before);
	return code;
}
