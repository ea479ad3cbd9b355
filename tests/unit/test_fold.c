// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that is folded or cut to the width of a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/cli/fold.h"
#include "../../user/common/cleanup.h"

#define RED "\033[31m"
#define PLAIN "\033[0m"

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(fold_width(""), 0);
	assert_int_equal(fold_width("four"), 4);
	assert_int_equal(fold_width("four\nand seven\n"), 9);
	assert_int_equal(fold_width(RED "red" PLAIN), 3);
	assert_int_equal(fold_width("gr\xc3\xbc\xc3\x9f"
				    "e"),
			 5);
	/* What only begins like a colour is text: it cannot stand in what is printed, and must not run behind its end. */
	assert_int_equal(fold_width("\033[3"), 3);
}

static void assert_folded(const char *text, size_t width, size_t indent, const char *want)
{
	char *have AUTO_FREE = fold_text(text, width, indent);

	assert_non_null(have);
	assert_string_equal(have, want);
	assert_true(fold_width(have) <= (width ? width : 1));
}

static void test_fold(void **state)
{
	(void)state;
	assert_folded("", 10, 0, "");
	assert_folded("as it is", 8, 0, "as it is");
	assert_folded("one too many", 11, 0, "one too\nmany");
	assert_folded("one too many\n", 11, 2, "one too\n  many\n");
	assert_folded("key: value of words\nnext\n", 12, 5, "key: value\n     of\n     words\nnext\n");
	assert_folded("an indent of more than half", 9, 5, "an indent\nof more\nthan half");
	assert_folded("two  blanks", 11, 0, "two  blanks");
	assert_folded("    before", 10, 0, "    before");
}

/* What has no blank is broken where a line ends, but not if it has room without its indent. */
static void test_long_words(void **state)
{
	(void)state;
	assert_folded("0123456789", 4, 0, "0123\n4567\n89");
	assert_folded("a 0123456789", 6, 2, "a\n  0123\n  4567\n  89");
	assert_folded("a 012345", 7, 3, "a\n 012345");
	assert_folded("   012345", 7, 3, " 012345");
	/* But one is left: a word cannot look like a line of its own. */
	assert_folded("a 0123456", 7, 3, "a\n   0123\n   456");
	assert_folded("              0123456", 6, 0, "   012\n3456");
	assert_folded("              01", 6, 0, "    01");
	assert_folded("abc", 0, 0, "a\nb\nc");
}

static void test_colours(void **state)
{
	(void)state;
	assert_folded(RED "red words" PLAIN " and more", 10, 0, RED "red words" PLAIN "\nand more");
	assert_folded(RED "abcdef" PLAIN, 3, 0, RED "abc\ndef" PLAIN);
}

static void assert_cut(const char *text, size_t width, const char *want)
{
	char *have AUTO_FREE = fold_cut(text, width);

	assert_non_null(have);
	assert_string_equal(have, want);
	assert_true(fold_width(have) <= width);
}

static void assert_cut_head(const char *text, size_t width, const char *want)
{
	char *have AUTO_FREE = fold_cut_head(text, width);

	assert_non_null(have);
	assert_string_equal(have, want);
}

static void test_cut(void **state)
{
	(void)state;
	assert_cut("whole", 5, "whole");
	assert_cut("too long", 5, "too ~");
	assert_cut("ab", 1, "a");
	assert_cut("ab", 0, "");
	assert_cut_head("/etc/ringfence.yaml:12", 8, "~yaml:12");
	assert_cut_head("whole", 5, "whole");
	assert_cut_head("ab", 1, "b");
	assert_cut_head("ab", 0, "");
	assert_cut_head("\xc3\xbc\xc3\xbc\xc3\xbc", 2, "~\xc3\xbc");
	/* No character is cut in two. */
	assert_cut("\xc3\xbc\xc3\xbc\xc3\xbc", 2, "\xc3\xbc~");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width),	cmocka_unit_test(test_fold), cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_colours), cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
