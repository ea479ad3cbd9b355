// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden compiled forms: tests/cases/policy/NAME.yaml compiles to NAME.compiled.
 *
 * Every accepted case of that folder is compiled and printed twice with different seeds: the text must not depend on
 * the seed. Where there is a NAME.compiled it must be that. GOLDEN=write writes those that exist anew (create an
 * empty one for a new case): read the diff before believing it.
 */
#include "file_help.h"
#include "ruleset_help.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define CASES_DIR "tests/cases/policy"
#define NAME_LEN 256 /* NAME_MAX and its NUL */
#define GOLDEN_MIN 4 /* fewer were found: the cases are not where they should be */

static void store(const char *name, const char *text)
{
	char path[HELP_PATH_LEN];
	AUTO_FCLOSE FILE *file = NULL;

	snprintf(path, sizeof(path), CASES_DIR "/%s.compiled", name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
}

static void print_compiled(const struct policy *policy, uint64_t seed, struct help_text *text)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct ruleset_input input = {.generation = 1, .seed = seed};
	int r = ruleset_compile(policy, &input, &diags, &ruleset);

	help_text_open(text);
	if (r)
		diags_print(&diags, text->out);
	else
		assert_int_equal(ruleset_print(ruleset, text->out), 0);
	assert_int_equal(r != 0, diags.n_errors != 0);
	help_text_close(text);
}

/* 1 if the case has a golden compiled form. */
static int check_case(const char *name)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_FREE char *yaml = NULL, *want = NULL;
	struct help_text first = {0}, second = {0};
	const char *golden = getenv("GOLDEN");
	size_t len = 0;

	yaml = help_file(CASES_DIR, name, ".yaml", &len);
	assert_non_null(yaml);
	if (policy_read_text(name, yaml, len, &diags, &policy))
		return 0;
	print_compiled(policy, 1, &first);
	print_compiled(policy, 0xfeedfacecafebeefULL, &second);
	assert_string_equal(first.data, second.data);
	want = help_file(CASES_DIR, name, ".compiled", &len);
	if (want && golden && strcmp(golden, "write") == 0)
		store(name, first.data);
	else if (want && strcmp(first.data, want) != 0)
		fail_msg("%s does not compile to its .compiled but to:\n%s", name, first.data);
	help_text_free(&first);
	help_text_free(&second);
	return want != NULL;
}

static void test_cases(void **state)
{
	DIR *dir = opendir(CASES_DIR);
	const struct dirent *entry;
	int n_golden = 0;

	(void)state;
	if (!dir) {
		fail_msg("%s: %s (run in the root of the source)", CASES_DIR, strerror(errno));
		return;
	}
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		char name[NAME_LEN];

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len - 5, entry->d_name);
		n_golden += check_case(name);
	}
	closedir(dir);
	assert_true(n_golden >= GOLDEN_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests_name("ruleset_print", tests, NULL, NULL);
}
