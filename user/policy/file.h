/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.h - the text of a policy file, if it is no larger than a policy may be. Knows no YAML.
 */
#ifndef POLICY_FILE_H
#define POLICY_FILE_H

#include <stddef.h>

#include "../common/diag.h"

/* More than this is no policy in memory either: a million devices with rules of their own take 113 MB. */
#define FILE_TEXT_MAX (256ul * 1024 * 1024)

/*
 * The whole file, allocated. -EINVAL: too large; -ENOENT, ...: cannot be read; -ENOMEM. Any failure has left a diagnostic.
 */
int file_read(const char *path, struct diags *diags, char **ret_text, size_t *ret_len);

#endif
