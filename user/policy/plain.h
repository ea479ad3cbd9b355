/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a policy's text plain: UTF-8 without bytes that no editor shows?
 *
 * Asked before libyaml sees the text (node.c): what it reads as a line break must be what people and find_line() in
 * diag.c count as one. Knows nothing of YAML.
 */
#ifndef POLICY_PLAIN_H
#define POLICY_PLAIN_H

#include "../common/diag.h"

/* 0; -EINVAL: it is not, which is reported with its place. */
int plain_check(const struct diag_source *src, struct diags *diags);

#endif
