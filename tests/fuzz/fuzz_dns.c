// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any bytes as an answer of a believed resolver, read by the core and by ldns (tests/dns/compare.h).
 *
 * The device must get the addresses that the contract gives it by ldns' reading, for as long, and no other. Seeds: the answers of the packet cases,
 * generated ones, and with FUZZ_DATA=DIRECTORY those of the captures below it; dictionary: fuzz_dns.dict.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../dns/compare.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (compare_begin())
		exit(EXIT_FAILURE);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compare_tally tally = {0};
	char text[COMPARE_TEXT_MAX];

	if (size > COMPARE_MESSAGE_MAX)
		return 0;
	if (!compare_message(data, size, &tally, text)) {
		fprintf(stderr, "not so: %s\n", text);
		abort();
	}
	return 0;
}
