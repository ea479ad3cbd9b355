// SPDX-License-Identifier: GPL-2.0-only
/*
 * user/examples/ringfence.schema.json says what the reader says.
 *
 * This program reads the policies of tests/cases/schema/{good,bad}.txt, of
 * tests/cases/policy and the shipped examples, and hands each with the reader's
 * verdict, and the reader's tables of keys, to schema_check.py, which asks the
 * schema.  Every line of good.txt and bad.txt must be judged alike by both; the
 * schema must refuse nothing that the reader accepts.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../user/policy/reader.h"
#include "file_help.h"

#define CHECKER "/usr/bin/python3 tests/unit/schema_check.py user/examples/ringfence.schema.json"

enum expect {
	EXPECT_EQUAL, /* the schema must see it too */
	EXPECT_NO_STRICTER,
};

static void send_keys(FILE *out)
{
	static const struct key_table *const tables[] = {
		&keys_policy, &keys_attach, &keys_network, &keys_profile,
		&keys_limit,  &keys_device, &keys_rule,	   &keys_list,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t j = 0; j < tables[i]->n_keys; j++) {
			const struct key *key = &tables[i]->keys[j];

			fprintf(out, "key %s %s %d %d\n", tables[i]->id, key->name, key->required,
				feature_in_force(key->feature));
		}
}

static bool reader_accepts(const char *text, size_t len)
{
	AUTO_DIAGS struct diags diags = {0};
	AUTO_POLICY struct policy *policy = NULL;

	return policy_read_text("schema", text, len, &diags, &policy) == 0;
}

static void send_case(FILE *out, const char *name, enum expect expect, const char *text, size_t len)
{
	fprintf(out, "case %s %d %d %zu\n", name, reader_accepts(text, len), expect == EXPECT_EQUAL, len);
	fwrite(text, 1, len, out);
	fputc('\n', out);
}

/* Policies with a line "=== name" before each. */
static size_t send_collection(FILE *out, const char *file, bool good)
{
	AUTO_FREE char *data = NULL;
	size_t len, n = 0;
	char *at, *next;

	data = help_file("tests/cases/schema", file, "", &len);
	assert_non_null(data);
	for (at = strstr(data, "=== "); at; at = next) {
		char *name = at + 4, *text = strchr(name, '\n');

		assert_non_null(text);
		*text++ = '\0';
		next = strstr(text, "\n=== ");
		if (next)
			*next++ = '\0';
		if (reader_accepts(text, strlen(text)) != good)
			fail_msg("%s: the reader %s \"%s\"", file, good ? "refuses" : "accepts", name);
		send_case(out, name, EXPECT_EQUAL, text, strlen(text));
		n++;
	}
	return n;
}

static size_t send_directory(FILE *out, const char *dir)
{
	DIR *handle = opendir(dir);
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(handle);
	while ((entry = readdir(handle))) {
		AUTO_FREE char *data = NULL;
		size_t len = strlen(entry->d_name);

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		data = help_file(dir, entry->d_name, "", &len);
		assert_non_null(data);
		send_case(out, entry->d_name, EXPECT_NO_STRICTER, data, len);
		n++;
	}
	closedir(handle);
	return n;
}

static void test_schema(void **state)
{
	FILE *out = popen(CHECKER, "w");
	int status;

	(void)state;
	assert_non_null(out);
	send_keys(out);
	assert_true(send_collection(out, "good.txt", true) > 10);
	assert_true(send_collection(out, "bad.txt", false) > 50);
	assert_true(send_directory(out, "tests/cases/policy") > 10);
	assert_true(send_directory(out, "user/examples") > 2);
	fputs("end\n", out);
	status = pclose(out);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
