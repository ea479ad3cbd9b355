// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_names.c - `ringfence names`: which addresses which device may reach by which DNS name, by which rule, until when.
 */
#include <errno.h>
#include <string.h>

#include "../common/event.h"
#include "commands.h"
#include "name_list.h"

static json_t *time_json(uint64_t ticks)
{
	char text[EVENT_TIME_MAX];

	return ticks ? json_string(event_time(view_wall_ns(ticks), text)) : json_null();
}

static json_t *item_json(const struct name_list_item *item)
{
	char address[ADDR_TEXT_MAX];

	return json_pack("{s:o, s:s, s:s, s:o, s:b, s:o, s:o, s:b}", "device", output_json_text(item->device), "name",
			 item->name, "address", addr_format(&item->addr, address), "rule",
			 output_json_text(item->where), "listed", item->listed, "until", time_json(item->until), "used",
			 time_json(item->used), "expired", item->until <= view_ticks());
}

static int print_json(const struct output *out, const struct name_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && i < list->n; i++)
		r = output_json(out, item_json(&list->items[i]));
	return r;
}

/* The age of a moment, or how long it is until it. */
static const char *span(uint64_t from, uint64_t to, char buf[OUTPUT_NUMBER_MAX])
{
	return output_age(to > from ? (to - from) / view_hz() : 0, buf);
}

static void item_row(struct output_table *table, const struct name_list_item *item, uint64_t now)
{
	char address[ADDR_TEXT_MAX], left[OUTPUT_NUMBER_MAX], used[OUTPUT_NUMBER_MAX];

	output_table_row(table);
	output_table_cell(table, OUTPUT_BOLD, "%s", item->device ? item->device : "(unknown)");
	output_table_cell(table, OUTPUT_PLAIN, "%s", item->name);
	output_table_cell(table, OUTPUT_PLAIN, "%s", addr_format(&item->addr, address));
	output_table_cell(table, item->until > now ? OUTPUT_PLAIN : OUTPUT_NOTE, "%s",
			  item->until > now ? span(now, item->until, left) : "over");
	output_table_cell(table, OUTPUT_PLAIN, "%s", item->used ? span(item->used, now, used) : "never");
	output_table_cell(table, item->listed ? OUTPUT_GOOD : OUTPUT_FAINT, "%s",
			  item->where	 ? item->where
			  : item->listed ? "a rule"
					 : "-");
}

static int print_table(const struct output *out, const struct name_list *list)
{
	static const struct output_column columns[] = {{"DEVICE", OUTPUT_CUT},
						       {"NAME", OUTPUT_CUT},
						       {"ADDRESS", OUTPUT_CUT},
						       {"ENDS IN", OUTPUT_RIGHT | OUTPUT_RANK(1)},
						       {"USED", OUTPUT_RIGHT | OUTPUT_RANK(2)},
						       {"RULE", OUTPUT_CUT | OUTPUT_TAIL | OUTPUT_RANK(3)}};
	struct output_table *table AUTO_TABLE = output_table_new(out, columns, sizeof(columns) / sizeof(columns[0]));
	const uint64_t now = view_ticks();

	if (!table)
		return -ENOMEM;
	if (!list->n) {
		output_sentence(out, OUTPUT_FAINT,
				"no name is learned: nobody looked one up at a resolver that is believed\n");
		return 0;
	}
	for (size_t i = 0; i < list->n; i++)
		item_row(table, &list->items[i], now);
	return output_table_print(table);
}

int cmd_names(struct cli *cli, const struct cli_args *args)
{
	const struct snapshot_device *device = NULL;
	struct snapshot snapshot AUTO_SNAPSHOT = {0};
	struct name_list list AUTO_NAME_LIST = {0};
	struct view *view AUTO_VIEW = NULL;
	int code = snapshot_view(cli, &view), r;

	if (code)
		return code;
	r = snapshot_take(view, args->arg[0], &snapshot);
	if (r)
		return cli_fail(CLI_CANNOT, "cannot read the devices: %s", strerror(-r));
	if (args->n_args) {
		device = snapshot_find(&snapshot, args->arg[0]);
		if (!device)
			return cli_fail(CLI_NO, "no device `%s' in the policy in force; `ringfence devices' lists them",
					args->arg[0]);
	}
	if (name_list_read(view, device, &list))
		return cli_no_memory();
	if (list.n && !name_list_place(cli, view, &list))
		cli_warn("the rules' lines are not known: the daemon, which knows them, does not answer");
	r = args->option[NAMES_JSON] ? print_json(&cli->out, &list) : print_table(&cli->out, &list);
	return r ? cli_fail(CLI_CANNOT, "cannot write the names: %s", strerror(-r)) : CLI_DONE;
}
