/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the printers of a policy share: print.c prints the sections with the
 * values of print_rule.c.  Only for these two.
 */
#ifndef POLICY_PRINT_H
#define POLICY_PRINT_H

#include "policy.h"

/* Text as a YAML scalar, in quotes where it needs them. */
void print_text(const char *text, FILE *out);
void print_prefix(const struct prefix *prefix, FILE *out);
/* "KEY: 100/s" */
void print_rate(const char *key, const struct policy_rate *rate, FILE *out);

#endif
