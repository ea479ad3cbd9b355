// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden policies: every tests/cases/policy/NAME.yaml is read.
 *
 *   NAME.errors   all diagnostics, as they are printed; no file: none
 *   NAME.printed  the policy in canonical form; no file: it must be refused,
 *                 but for those that have NAME.compiled (test_ruleset_print.c)
 *
 * What is accepted must print, read back and print to the same text.  Shipped
 * examples are cases without a .printed file of their own.  GOLDEN=write
 * writes the expectations anew: read the diff before believing it.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../user/common/cleanup.h"
#include "../../user/policy/policy.h"
#include "file_help.h"

#define CASES_DIR "tests/cases/policy"
#define EXAMPLES_DIR "user/examples"
#define CASES_MAX 256

static void store(const char *name, const char *suffix, const char *data)
{
	char path[HELP_PATH_LEN];
	AUTO_FCLOSE FILE *file = NULL;

	snprintf(path, sizeof(path), CASES_DIR "/%s%s", name, suffix);
	if (!*data) {
		remove(path);
		return;
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(data, file);
}

static char *diags_to_text(struct diags *diags)
{
	char *data = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&data, &len);

	assert_non_null(out);
	diags_print(diags, out);
	fclose(out);
	return data;
}

static char *policy_to_text(const struct policy *policy)
{
	char *data = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&data, &len);

	assert_non_null(out);
	policy_print(policy, out);
	fclose(out);
	return data;
}

/* Reading printed again must give printed. */
static void check_round_trip(const char *printed)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_FREE char *again = NULL, *errors = NULL;
	int r = policy_read_text("printed", printed, strlen(printed), &diags, &policy);

	if (r) {
		errors = diags_to_text(&diags);
		fail_msg("what was printed is refused: %s\n%s", errors, printed);
	}
	again = policy_to_text(policy);
	assert_string_equal(again, printed);
}

static bool exists(const char *name, const char *suffix)
{
	char path[HELP_PATH_LEN];

	snprintf(path, sizeof(path), CASES_DIR "/%s%s", name, suffix);
	return access(path, F_OK) == 0;
}

static void compare(const char *name, const char *suffix, const char *got)
{
	const char *golden = getenv("GOLDEN");
	AUTO_FREE char *want = NULL;
	size_t len = 0;

	if (golden && strcmp(golden, "write") == 0) {
		store(name, suffix, got);
		return;
	}
	want = help_file(CASES_DIR, name, suffix, &len);
	assert_string_equal(got, want ? want : "");
}

static void test_case(void **state)
{
	const char *name = *state;
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_FREE char *text = NULL, *errors = NULL, *printed = NULL;
	char file[HELP_PATH_LEN];
	size_t len = 0;
	int r;

	text = help_file(CASES_DIR, name, ".yaml", &len);
	assert_non_null(text);
	snprintf(file, sizeof(file), "%s.yaml", name);
	r = policy_read_text(file, text, len, &diags, &policy);
	errors = diags_to_text(&diags);
	compare(name, ".errors", errors);

	if (r) {
		assert_null(policy);
		assert_int_not_equal(diags.n_errors, 0);
		compare(name, ".printed", "");
		return;
	}
	assert_int_equal(diags.n_errors, 0);
	printed = policy_to_text(policy);
	if (exists(name, ".printed") || !exists(name, ".compiled"))
		compare(name, ".printed", printed);
	check_round_trip(printed);
}

static void test_example(void **state)
{
	const char *name = *state;
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_FREE char *errors = NULL, *printed = NULL;
	char path[HELP_PATH_LEN];
	int r;

	snprintf(path, sizeof(path), EXAMPLES_DIR "/%s.yaml", name);
	r = policy_read_file(path, &diags, &policy);
	errors = diags_to_text(&diags);
	assert_string_equal(errors, ""); /* no warning either */
	assert_int_equal(r, 0);
	printed = policy_to_text(policy);
	check_round_trip(printed);
}

/* A temporary file with len bytes of text, and what reading it says. */
static int read_temporary(const char *text, size_t len, struct diags *diags, struct policy **ret_policy)
{
	char path[] = "/tmp/ringfence-test-XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);

		assert_true(n > 0);
		done += (size_t)n;
	}
	r = policy_read_file(path, diags, ret_policy);
	unlink(path);
	return r;
}

static void test_file_too_big(void **state)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	const size_t len = 10 * 1000 * 1000;
	AUTO_FREE char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, '#', len);
	assert_int_equal(read_temporary(text, len, &diags, &policy), -EINVAL);
	assert_int_equal(diags.n_errors, 1);
	assert_non_null(strstr(diags.items[0].message, "larger than a policy may be"));
}

static void test_file_unreadable(void **state)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {
		{"/nonexistent/policy.yaml", -ENOENT},
		{"/", -EISDIR},
		{"/dev/null", -EINVAL},	  /* empty */
		{"/dev/zero", -EINVAL},	  /* endless */
		{"/proc/self/mem", -EIO}, /* an error of read(), not of open() */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_DIAGS struct diags diags = {0};
		AUTO_POLICY struct policy *policy = NULL;

		assert_int_equal(policy_read_file(cases[i].path, &diags, &policy), cases[i].error);
		assert_null(policy);
		assert_int_equal(diags.n_errors, 1);
		assert_string_equal(diags.items[0].file, cases[i].path);
	}
}

/* All are there, in the order of the file, and are found. */
static void test_50000_devices(void **state)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	fputs("profiles: {p: {default: deny}}\ndevices:\n", out);
	for (unsigned int i = 0; i < 50000; i++)
		fprintf(out, "  d%u: {mac: 02:00:00:%02x:%02x:%02x, profile: p}\n", i, i >> 16, i >> 8 & 0xff,
			i & 0xff);
	fclose(out);

	assert_int_equal(read_temporary(text, len, &diags, &policy), 0);
	assert_int_equal(policy->n_devices, 50000);
	assert_string_equal(policy->devices[49999].name, "d49999");
	assert_int_equal(policy->devices[49999].macs[0].bytes[5], 49999 & 0xff);
	assert_int_equal(policy_find_device(policy, "d31415"), 31415);
	assert_int_equal(policy_find_device(policy, "d50000"), POLICY_NONE);
	assert_int_equal(policy->devices[31415].pos.line, 31415 + 3);
}

static int compare_tests(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* One test for each NAME.yaml of dir; how many. */
static size_t find_cases(const char *dir, CMUnitTestFunction func, struct CMUnitTest *tests)
{
	DIR *handle = opendir(dir);
	const struct dirent *entry;
	size_t n = 0;

	if (!handle) {
		fprintf(stderr, "%s: %s (run in the root of the source)\n", dir, strerror(errno));
		exit(1);
	}
	while ((entry = readdir(handle))) {
		size_t len = strlen(entry->d_name);
		char *name;

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		name = n < CASES_MAX ? strndup(entry->d_name, len - 5) : NULL;
		if (!name) {
			fprintf(stderr, "%s: too many cases\n", dir);
			exit(1);
		}
		tests[n++] = (struct CMUnitTest){name, func, NULL, NULL, name};
	}
	closedir(handle);
	qsort(tests, n, sizeof(*tests), compare_tests);
	return n;
}

int main(void)
{
	static const struct CMUnitTest file_tests[] = {
		cmocka_unit_test(test_file_too_big),
		cmocka_unit_test(test_file_unreadable),
		cmocka_unit_test(test_50000_devices),
	};
	struct CMUnitTest tests[2 * CASES_MAX];
	size_t n = find_cases(CASES_DIR, test_case, tests), n_all;
	int failed;

	n_all = n + find_cases(EXAMPLES_DIR, test_example, tests + n);
	failed = _cmocka_run_group_tests("policy cases", tests, n_all, NULL, NULL);
	failed += cmocka_run_group_tests_name("policy files", file_tests, NULL, NULL);
	for (size_t i = 0; i < n_all; i++)
		free(tests[i].initial_state);
	return failed;
}
