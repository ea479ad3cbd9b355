// SPDX-License-Identifier: GPL-2.0-only
/*
 * policy_file.c - see policy_file.h.
 */
#include "policy_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sha2.h>

#include "cli.h"

int policy_file_load(const char *path, const struct policy_file_machine *machine, struct policy_file *file)
{
	struct ruleset_input input = {.generation = 1};
	int r;

	if (machine) {
		input.gateways = machine->gateways;
		input.n_gateways = machine->n_gateways;
	}
	r = policy_read_file(path, &file->diags, &file->policy);
	if (r)
		return r;
	return ruleset_compile(file->policy, &input, &file->diags, &file->ruleset);
}

int policy_file_open(const char *path, const struct policy_file_machine *machine, struct policy_file *file)
{
	int r = policy_file_load(path, machine, file);

	diags_print(&file->diags, stderr);
	if (r == -ENOMEM)
		return cli_no_memory();
	if (r)
		return cli_fail(CLI_NO, "%s: this policy cannot be used; `ringfence check' tells the same", path);
	return CLI_DONE;
}

void policy_file_close(struct policy_file *file)
{
	ruleset_free(file->ruleset);
	policy_free(file->policy);
	diags_free(&file->diags);
	*file = (struct policy_file){0};
}

bool policy_file_differs(const char *path, const char *hash)
{
	char digits[SHA256_DIGEST_STRING_LENGTH];

	return hash && strncmp(hash, "sha256:", strlen("sha256:")) == 0 && SHA256File(path, digits) &&
	       strcmp(hash + strlen("sha256:"), digits) != 0;
}

bool policy_file_changed(const struct policy_file *file, const char *hash)
{
	if (!policy_file_differs(file->policy->file, hash))
		return false;
	cli_warn("%s has changed since it was loaded: this is what it says now; `ringfence reload' puts it in force",
		 file->policy->file);
	return true;
}

const char *policy_file_rule(const struct policy_file *file, uint32_t rule, char buf[POLICY_FILE_RULE_MAX])
{
	if (rule >= file->ruleset->n_rules || !file->ruleset->rules[rule].line)
		return NULL;
	snprintf(buf, POLICY_FILE_RULE_MAX, "%s:%u", file->policy->file, file->ruleset->rules[rule].line);
	return buf;
}
