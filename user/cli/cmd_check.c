// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_check.c - `ringfence check FILE`: parse and compile, say what is wrong, touch nothing.
 */
#include <errno.h>
#include <inttypes.h>

#include "commands.h"
#include "policy_file.h"

static json_t *diag_json(const struct diag *diag)
{
	return json_pack("{s:s, s:i, s:i, s:o, s:o}", "severity", diag->severity == DIAG_ERROR ? "error" : "warning",
			 "line", (int)diag->pos.line, "column", (int)diag->pos.column, "message",
			 output_json_text(diag->message), "hint", output_json_text(diag->hint));
}

static int print_json(const struct output *out, const char *path, const struct policy_file *file)
{
	json_t *list = json_array(), *object;

	for (size_t i = 0; list && i < file->diags.n_items; i++)
		json_array_append_new(list, diag_json(&file->diags.items[i]));
	object = json_pack("{s:o, s:b, s:I, s:I, s:o}", "file", output_json_text(path), "ok", file->ruleset != NULL,
			   "errors", (json_int_t)file->diags.n_errors, "warnings", (json_int_t)file->diags.n_warnings,
			   "diagnostics", list);
	if (object && file->ruleset) {
		json_object_set_new(object, "devices", json_integer((json_int_t)file->policy->n_devices));
		json_object_set_new(object, "profiles", json_integer((json_int_t)file->policy->n_profiles));
		json_object_set_new(object, "rules", json_integer((json_int_t)policy_count_rules(file->policy)));
	}
	return output_json(out, object);
}

static const char *plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* Always in the plural: scripts look for this line. */
static void print_summary(const struct output *out, const char *path, const struct policy_file *file)
{
	size_t warnings = file->diags.n_warnings;

	output_print(out, OUTPUT_PLAIN, "%s: ok, %zu devices, %zu profiles, %zu rules", path, file->policy->n_devices,
		     file->policy->n_profiles, policy_count_rules(file->policy));
	if (warnings)
		output_print(out, OUTPUT_NOTE, ", %zu %s", warnings, plural(warnings, "warning", "warnings"));
	output_print(out, OUTPUT_PLAIN, "\n");
}

int cmd_check(struct cli *cli, const struct cli_args *args)
{
	struct policy_file file AUTO_POLICY_FILE = {0};
	const char *path = args->arg[0];
	int r = policy_file_load(path, NULL, &file);

	if (r == -ENOMEM)
		return cli_no_memory();
	if (args->option[CHECK_JSON]) {
		if (print_json(&cli->out, path, &file))
			return cli_no_memory();
		return r ? CLI_NO : CLI_DONE;
	}
	diags_print(&file.diags, stderr);
	if (r)
		return cli_fail(CLI_NO, "%s: %zu %s; a policy in force stays as it is", path, file.diags.n_errors,
				plural(file.diags.n_errors, "error", "errors"));
	if (args->option[CHECK_PRINT])
		policy_print(file.policy, stdout);
	if (args->option[CHECK_COMPILED])
		ruleset_print(file.ruleset, stdout);
	if (!args->option[CHECK_PRINT] && !args->option[CHECK_COMPILED])
		print_summary(&cli->out, path, &file);
	return CLI_DONE;
}
