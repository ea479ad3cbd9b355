/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy_file.h - a policy file, read and compiled, for the commands that judge by one (check, explain, replay).
 */
#ifndef CLI_POLICY_FILE_H
#define CLI_POLICY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "../policy/policy.h"
#include "../policy/ruleset.h"

struct policy_file {
	struct policy *policy;
	struct ruleset *ruleset; /* borrows policy */
	struct diags diags;	 /* warnings, or what is wrong */
};

/* What only the machine or a daemon knows and the policy may leave open. */
struct policy_file_machine {
	const struct addr *gateways;
	size_t n_gateways;
};

/*
 * Read and compile. 0; -EINVAL, -E2BIG, -ENOENT ...: diags says what is wrong. machine may be NULL.
 */
int policy_file_load(const char *path, const struct policy_file_machine *machine, struct policy_file *file);

/* The same, and the diagnostics printed to standard error. An exit code of cli.h. */
int policy_file_open(const char *path, const struct policy_file_machine *machine, struct policy_file *file);

void policy_file_close(struct policy_file *file);

#define AUTO_POLICY_FILE __attribute__((cleanup(policy_file_close)))

/* Is the file another than the one with this hash? false: the same, or not known. */
bool policy_file_differs(const char *path, const char *hash);

/* Warn if the file is no longer the one with this hash ("sha256:...", of the policy in force). true: it has changed. */
bool policy_file_changed(const struct policy_file *file, const char *hash);

#define POLICY_FILE_RULE_MAX 4352 /* PATH_MAX, ":", a number */

/* FILE:LINE of a rule id, or NULL when it has no line: services, defaults, no rule at all. */
const char *policy_file_rule(const struct policy_file *file, uint32_t rule, char buf[POLICY_FILE_RULE_MAX]);

#endif
