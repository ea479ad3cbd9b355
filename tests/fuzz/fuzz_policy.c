// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any bytes as a policy file.
 *
 * What is refused must say why; what is accepted must print, read back without
 * an error and print to the same text.  Seeds: tests/cases/policy, the shipped
 * examples; dictionary: fuzz_policy.dict.
 * Room: user/policy user/common
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			abort();                                                                                       \
	} while (0)

/* All of it, as the command line prints it. */
static void print_diags(struct diags *diags)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	REQUIRE(out);
	diags_print(diags, out);
	fclose(out);
	for (size_t i = 0; i < len; i++)
		REQUIRE(text[i] == '\n' || (unsigned char)text[i] >= ' ');
}

static char *print_policy(const struct policy *policy)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	REQUIRE(out);
	policy_print(policy, out);
	fclose(out);
	return text;
}

static struct policy *read_policy(const char *text, size_t size)
{
	AUTO_DIAGS struct diags diags = {0};
	struct policy *policy = NULL;
	int r = policy_read_text("fuzz.yaml", text, size, &diags, &policy);

	REQUIRE((r == 0) == (policy != NULL));
	REQUIRE((r == 0) == (diags.n_errors == 0));
	print_diags(&diags);
	return policy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_POLICY struct policy *first = NULL, *second = NULL;
	AUTO_FREE char *text = NULL, *again = NULL;

	first = read_policy((const char *)data, size);
	if (!first)
		return 0;
	text = print_policy(first);
	second = read_policy(text, strlen(text));
	REQUIRE(second);
	again = print_policy(second);
	REQUIRE(strcmp(text, again) == 0);
	return 0;
}
