/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * home.h - a device, its resolver and the native engine between them: ask, answer, and try an address. Or the daemon's learner in the answer's place.
 *
 * A home is a device that has done nothing yet. All are in one engine until it has no new ones left: state is a device's own.
 */
#ifndef TESTS_DNS_HOME_H
#define TESTS_DNS_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../user/engine/engine.h"

#define HOME_LEARNED_MAX 64

struct home {
	uint32_t device;
	uint64_t now_ns;
	struct rf_totals before;
	/* Addresses that events told of. */
	struct rf_addr learned[HOME_LEARNED_MAX];
	size_t n_learned;
	bool overflow;
};

/* Once: compiles the policy. 0, or -errno. */
int home_begin(void);
void home_end(void);

int home_open(struct home *home);
/* In the same engine as the one that was opened last, which stays as it is. Once. */
void home_open_beside(struct home *home);

/* What was counted of DNS since the home was opened. */
struct home_counts {
	uint64_t questions, answers, unasked, unread, learned, evicted;
};
struct home_counts home_counts(const struct home *home);

/* A question or an answer goes its way, as the whole of a UDP datagram with port 53 at the resolver's end. true: it passed. */
bool home_ask(struct home *home, const uint8_t *message, size_t len);
bool home_answer(struct home *home, const uint8_t *message, size_t len);

/*
 * The learner reads the answer to what was just asked, over the same tables: as it came over TCP, so of any length. As learner_learn(): what it learned, or
 * a negative errno.
 */
int home_learn(struct home *home, const uint8_t *message, size_t len);

/* May the device, or the other one with the same rules, open a connection to this address? */
bool home_reaches(struct home *home, const struct rf_addr *addr);
bool home_other_reaches(struct home *home, const struct rf_addr *addr);

/* Is a name (wire format) below a domain that the policy lists? */
bool home_lists(const uint8_t *name, size_t len);

#endif
