/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sizing.h - the sizings of include/sizing.h by name, and which one is taken where nobody says. Pure.
 */
#ifndef COMMON_SIZING_H
#define COMMON_SIZING_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/abi.h"

/* RF_SIZING_AUTO, and what is none: all zero. */
const struct rf_sizing *sizing_of(enum rf_sizing_id id);

/* "home"; RF_SIZING_AUTO: "auto"; what is none: "?". */
const char *sizing_text(enum rf_sizing_id id);

/* false: no such word. */
bool sizing_parse(const char *word, enum rf_sizing_id *ret_id);

/* Of a first start: the one whose bounds are the widest that this many device indices are given, those of unknown devices included. */
enum rf_sizing_id sizing_choose(uint32_t indices);

/* Bytes of rows that a device has, of all kinds; beside them it has a struct rf_hot. */
uint32_t sizing_bytes(enum rf_sizing_id id);

#endif
