/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * known.h - names that devices learned (struct rf_known), found by their hash and told as text.
 *
 * The datapath's tables are read where they are: the engine's arrays, or kernel maps in memory that programs write at the same time.
 * Pure; the names were chosen by devices and resolvers, so the text is escaped.
 */
#ifndef COMMON_KNOWN_H
#define COMMON_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"

/* 253 bytes of labels, each as \DDD, their dots, and the NUL. */
#define KNOWN_TEXT_MAX 1024

struct known_table {
	const struct rf_known_set *sets;
	uint32_t n_sets;
	uint8_t shift; /* rf_sizing.known */
};

/*
 * A name in wire format (RFC 1035 3.1, without the root's zero) with dots; all but printable ASCII, and dots and backslashes inside a label, as \DDD
 * (RFC 1035 5.1). The root is ".". NULL: not a name.
 */
const char *known_text(const uint8_t *wire, size_t len, char buf[KNOWN_TEXT_MAX]);

/* The entry of struct rf_learned.known in a device's part of the table; NULL: there is none. */
const struct rf_known *known_entry(const struct known_table *table, uint32_t state, uint32_t known);

/* The text of the name with this hash that the device has learned. state: index of its rows. NULL: it has not, or not any more. */
const char *known_find(const struct known_table *table, uint32_t state, uint64_t hash, char buf[KNOWN_TEXT_MAX]);

/* The same for a verdict's device: RF_DEVICE_NONE stands for all unknown devices, which share their rows. */
const char *known_result(const struct known_table *table, const struct rf_result *result, char buf[KNOWN_TEXT_MAX]);

#endif
