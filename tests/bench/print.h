/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print.h - what was measured, for tests/bench/report.py.
 */
#ifndef BENCH_PRINT_H
#define BENCH_PRINT_H

#include <stdio.h>

#include "measure.h"

/* A scene that could not be measured, and why. */
struct missing {
	struct scene_size size;
	char why[120];
};

/* {"rows": [...], "missing": [...]}. 0 or negative errno, said on stderr. */
int results_write(const struct results *results, const struct missing *missing, size_t n_missing, const char *path);

/* For who tries something: a line for each row. */
void results_print(const struct results *results, FILE *out);

#endif
