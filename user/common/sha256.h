/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 (FIPS 180-4), by which a policy file is known: "is what is in force what is in the file?".
 *
 * Not for secrets. A hundred lines instead of a library in a privileged daemon.
 */
#ifndef COMMON_SHA256_H
#define COMMON_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32

void sha256(const void *data, size_t len, uint8_t ret_digest[SHA256_BYTES]);

/* Of a whole file. 0 or negative errno. */
int sha256_file(const char *path, uint8_t ret_digest[SHA256_BYTES]);

#endif
