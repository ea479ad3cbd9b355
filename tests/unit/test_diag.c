// SPDX-License-Identifier: GPL-2.0-only
/* user/common/diag.c: what is printed, and that hostile text stays text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/common/diag.h"

/* noinline: else gcc 12 takes the buffer for the local that points to it. */
static __attribute__((noinline)) char *print(struct diags *diags)
{
	char *data = NULL;
	size_t len;
	FILE *out = open_memstream(&data, &len);

	assert_non_null(out);
	diags_print(diags, out);
	fclose(out);
	return data;
}

static void add(struct diags *diags, const char *file, const char *text, struct diag_pos pos)
{
	struct diag_source src = {file, text, text ? strlen(text) : 0};

	diags_add(diags, DIAG_ERROR, &src, pos, "wrong");
}

static void expect(struct diags *diags, const char *want)
{
	AUTO_FREE char *got = print(diags);

	assert_string_equal(got, want);
}

static void test_order_and_caret(void **state)
{
	AUTO_DIAGS struct diags diags = {0};

	(void)state;
	assert_true(diags_ok(&diags));
	add(&diags, "f", "one\ntwo\r\nthree", (struct diag_pos){3, 6});
	add(&diags, "f", "one\ntwo\r\nthree", (struct diag_pos){2, 2});
	diags_hint(&diags, "try %s", "this");
	add(&diags, "f", "one\ntwo\r\nthree", (struct diag_pos){4, 1});
	add(&diags, "f", NULL, (struct diag_pos){0});
	add(&diags, NULL, NULL, (struct diag_pos){0});
	assert_false(diags_ok(&diags));
	expect(&diags, "f: wrong\n"
		       "wrong\n"
		       "f:2:2: wrong\n    two\n     ^\n    hint: try this\n"
		       "f:3:6: wrong\n    three\n         ^\n"
		       "f:4:1: wrong\n");
}

static void test_warnings_are_no_errors(void **state)
{
	AUTO_DIAGS struct diags diags = {0};

	(void)state;
	diags_add(&diags, DIAG_WARNING, NULL, (struct diag_pos){1, 2}, "odd %d", 5);
	assert_true(diags_ok(&diags));
	expect(&diags, "1:2: warning: odd 5\n");
}

static void test_hostile(void **state)
{
	AUTO_DIAGS struct diags diags = {0};
	struct diag_source src = {"f\x1b",
				  "a\tb\x1b[2J\xff"
				  "c\xe2\x80\xae",
				  12};

	(void)state;
	diags_add(&diags, DIAG_ERROR, &src, (struct diag_pos){1, 4}, "%s", "x\x1b]0;y\a");
	diags_hint(&diags, "\x9b");
	expect(&diags, "f\\x1b:1:4: x\\x1b]0;y\\x07\n"
		       "    a b?[2J?c?\n"
		       "       ^\n"
		       "    hint: \\x9b\n");
}

static void test_long_line(void **state)
{
	AUTO_DIAGS struct diags diags = {0};
	char text[1001];
	char *got, *line;

	(void)state;
	memset(text, '.', 1000);
	text[1000] = '\0';
	text[499] = 'X';
	add(&diags, "f", text, (struct diag_pos){1, 500});
	got = print(&diags);
	line = strchr(got, '\n') + 1;
	assert_int_equal(strcspn(line, "\n"), 104);
	assert_int_equal(strcspn(line, "X"), 64);
	assert_int_equal(strcspn(strchr(line, '\n') + 1, "^"), 64);
	free(got);
}

static void test_many(void **state)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_FREE char *got = NULL;

	(void)state;
	for (uint32_t i = 0; i < DIAGS_MAX + 23; i++)
		add(&diags, "f", NULL, (struct diag_pos){DIAGS_MAX + 23 - i, 1});
	diags_hint(&diags, "lost, not given to another");
	assert_int_equal(diags.n_items, DIAGS_MAX);
	assert_int_equal(diags.n_errors, DIAGS_MAX + 23);
	got = print(&diags);
	assert_non_null(strstr(got, "f:24:1: wrong\nf:25:1: wrong\n"));
	assert_non_null(strstr(got, "... and 23 more\n"));
	assert_null(strstr(got, "hint"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_caret),
		cmocka_unit_test(test_warnings_are_no_errors),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
