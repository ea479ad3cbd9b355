// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_reload.c - `ringfence reload`: the daemon reads its policy again, and the old one stays if the new one is bad.
 */
#include <inttypes.h>

#include "commands.h"
#include "daemon.h"

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

int cmd_reload(struct cli *cli, const struct cli_args *args)
{
	json_t *reply AUTO_JSON = NULL;
	const json_t *result, *warning;
	size_t i;
	int code = daemon_call(cli, "reload", NULL, &reply);

	if (code)
		return code;
	result = json_object_get(reply, "parameters");
	if (args->option[RELOAD_JSON])
		return output_json(&cli->out, json_deep_copy(result)) ? cli_no_memory() : CLI_DONE;
	json_array_foreach(json_object_get(result, "warnings"), i, warning)
		daemon_print_diagnostic(json_string_value(warning));
	output_print(&cli->out, OUTPUT_PLAIN,
		     "%s: in force as generation %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
		     " devices, %" JSON_INTEGER_FORMAT " profiles, %" JSON_INTEGER_FORMAT " rules\n",
		     json_string_value(json_object_get(result, "file")) ?: "policy", number(result, "generation"),
		     number(result, "devices"), number(result, "profiles"), number(result, "rules"));
	return CLI_DONE;
}
