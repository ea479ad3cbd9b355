/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare.h - one DNS answer through the datapath's core and through ldns: does the device get what the contract gives it, and no more?
 *
 * The question that the answer has is asked by a device whose rules list every name below common top-level domains; the answer is delivered; what
 * became usable is seen from the events, the counters and the verdicts on packets to each address. The daemon's learner gets the same answer, as over TCP: it must
 * learn what the datapath did, and may go on where that gave up.
 */
#ifndef TESTS_DNS_COMPARE_H
#define TESTS_DNS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMPARE_MESSAGE_MAX 1472 /* what one Ethernet frame carries over UDP and IPv4 */
#define COMPARE_TEXT_MAX 256
#define COMPARE_LONG_RECORDS 2048 /* that the learner reads; user/engine/learner.c */

/* What was seen, to be added up. */
struct compare_tally {
	size_t messages;
	size_t asked;	/* had a question that could be asked */
	size_t learned; /* messages that gave an address */
	size_t addresses;
	size_t refused; /* ldns showed more, and a reason of oracle.h held */
	size_t unread;	/* not read to the end */
	size_t lives;	/* how long an address is usable was measured */
};

/* Once before the first: compiles the policy. 0, or -errno. */
int compare_begin(void);
void compare_end(void);

/* An answer with so many A records, which only TCP carries, through the learner: it learns each of them, or, of too many, some. true: so it was. */
bool compare_long(size_t n_records, char ret_text[COMPARE_TEXT_MAX]);

/* true: they agree. Else ret_text says where they do not. Longer messages than COMPARE_MESSAGE_MAX are refused, which is a disagreement. */
bool compare_message(const uint8_t *message, size_t len, struct compare_tally *tally, char ret_text[COMPARE_TEXT_MAX]);

#endif
