/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * oracle.h - what an answer gives a device by ringfence.yaml(5), NAMES, from ldns' reading of its bytes.
 *
 * ldns reads names, records and data; the rules on top are written here from the contract: one question, answer section, class IN, along the chain of
 * CNAMEs in the order of the records. Must not share code with the datapath.
 */
#ifndef TESTS_DNS_ORACLE_H
#define TESTS_DNS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"

#define ORACLE_ADDRESSES_MAX 128 /* more than go into one frame */

/*
 * Why the datapath may refuse what ldns reads. This list is all: where none of it holds, it must learn what is shown here, and it must never learn more.
 */
enum oracle_reason {
	ORACLE_RECORDS = 1 << 0, /* more answer records than the 32 that are promised */
	ORACLE_LINKS = 1 << 1,	 /* more than 16 links */
	ORACLE_POINTER_BACK =
		1 << 2, /* a pointer that does not go strictly backwards (RFC 1035 4.1.4: a prior occurrence) */
	ORACLE_POINTERS = 1 << 3, /* more than 16 pointers in one name */
	ORACLE_QUESTION = 1 << 4, /* a pointer in the name of the question, where nothing stands before it */
	ORACLE_HEADER = 1 << 5, /* a pointer into the header, where no name stands; ldns itself refuses one to byte 0 */
};

struct oracle_address {
	struct rf_addr addr;
	uint32_t life_s; /* TTL within its bounds, the longest if it stands there more than once */
	bool must;	 /* no reason held up to here; else it may be learned or not */
};

struct oracle {
	bool has_question; /* one, that can be asked: name, type, class, id */
	uint8_t name[256]; /* uncompressed, with the root's zero */
	size_t name_len;
	uint16_t id, type, class;

	struct oracle_address addresses[ORACLE_ADDRESSES_MAX]; /* each once */
	size_t n_addresses;
	size_t n_must, n_all; /* records, so the same address counts again */
	bool is_answer;	      /* a response without an error, of class IN: its records count */
	bool read_to_end;     /* ldns read as many records as the header counts */
	unsigned int reasons;
};

void oracle_read(const uint8_t *message, size_t len, struct oracle *ret_oracle);

#endif
