// SPDX-License-Identifier: GPL-2.0-only
/* user/daemon/history.c: bounded, in order, and what a filter wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/daemon/history.h"

static void add(struct history *history, const char *device, const char *type, int64_t wall_ns)
{
	json_t *event = json_pack("{s:s?, s:s, s:s, s:I}", "device", device, "mac", "02:00:00:00:00:0a", "type", type,
				  "n", (json_int_t)history->next);

	assert_int_equal(history_add(history, event, wall_ns), 0);
}

static void test_wraps(void **state)
{
	struct history history;
	char expected[32];

	(void)state;
	assert_int_equal(history_init(&history), 0);
	assert_null(history_at(&history, 0));
	for (int i = 0; i < HISTORY_EVENTS + 100; i++)
		add(&history, "cam", "drop", i);
	assert_int_equal(history_first(&history), 100);
	assert_null(history_at(&history, 99));
	assert_null(history_at(&history, history.next));
	for (uint64_t n = 100; n < history.next; n += 1000) {
		snprintf(expected, sizeof(expected), "\"n\":%d}", (int)n);
		assert_non_null(strstr(history_at(&history, n)->text, expected));
	}
	history_free(&history);
}

static bool wanted(const struct history *history, uint64_t n, struct history_filter filter)
{
	return history_wanted(history_at(history, n), &filter);
}

static void test_filter(void **state)
{
	struct history history;

	(void)state;
	assert_int_equal(history_init(&history), 0);
	add(&history, "cam", "drop", 1000);
	add(&history, NULL, "new-device", 2000);
	assert_true(wanted(&history, 0, (struct history_filter){0}));
	assert_true(wanted(&history, 0, (struct history_filter){.device = "cam"}));
	assert_false(wanted(&history, 1, (struct history_filter){.device = "cam"}));
	assert_true(wanted(&history, 1, (struct history_filter){.device = "02:00:00:00:00:0A"}));
	assert_false(wanted(&history, 0, (struct history_filter){.type = "new-device"}));
	assert_true(wanted(&history, 1, (struct history_filter){.type = "new-device"}));
	assert_false(wanted(&history, 0, (struct history_filter){.since_ns = 1001}));
	assert_true(wanted(&history, 0, (struct history_filter){.since_ns = 1000}));
	history_free(&history);
}

/* Longer than there is room for: cut, never past the end. */
static void test_long_names(void **state)
{
	struct history history;
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(history_init(&history), 0);
	add(&history, name, name, 1);
	assert_int_equal(strlen(history_at(&history, 0)->device), RF_NAME_MAX - 1);
	assert_int_equal(strlen(history_at(&history, 0)->type), 15);
	assert_int_equal(history_add(&history, NULL, 1), -12);
	assert_int_equal(history.next, 1);
	history_free(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wraps),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
