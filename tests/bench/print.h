/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * print.h - the report: for a terminal, for programs (JSON), for the README (markdown).
 */
#ifndef BENCH_PRINT_H
#define BENCH_PRINT_H

#include <stdio.h>

#include "target.h"

struct report {
	const struct results *results;
	const struct targets *targets;
	const struct memory_result *memory;
	size_t n_memory;
	const struct scene_size *sizes;
	size_t n_sizes;
	uint32_t rounds, repeat;
	const char *kernel, *cpu, *date;
};

void bench_text(const struct report *report, FILE *out);
void bench_markdown(const struct report *report, FILE *out);
int bench_json(const struct report *report, FILE *out);

#endif
