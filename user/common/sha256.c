// SPDX-License-Identifier: GPL-2.0-only
/*
 * SHA-256: see sha256.h. Names are those of FIPS 180-4.
 */
#include "sha256.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"

#define BLOCK_BYTES 64
#define LENGTH_BYTES 8 /* of the message length that ends the last block */
#define READ_BYTES (64 * BLOCK_BYTES)

struct sha256 {
	uint32_t h[8];
	uint64_t len;
	uint8_t block[BLOCK_BYTES]; /* what is not yet a whole block */
	size_t used;
};

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

/* 6.2.2 step 1 */
static void schedule(const uint8_t *block, uint32_t w[64])
{
	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (int t = 16; t < 64; t++) {
		uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = w[t - 16] + s0 + w[t - 7] + s1;
	}
}

/* 6.2.2 steps 2 to 4; v is a to h */
static void compress(uint32_t h[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	schedule(block, w);
	memcpy(v, h, sizeof(v));
	for (int t = 0; t < 64; t++) {
		uint32_t s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
		uint32_t s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
		uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + w[t];
		uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

static void add(struct sha256 *s, const uint8_t *data, size_t len)
{
	s->len += len;
	while (len) {
		size_t n = BLOCK_BYTES - s->used < len ? BLOCK_BYTES - s->used : len;

		memcpy(s->block + s->used, data, n);
		s->used += n;
		data += n;
		len -= n;
		if (s->used == BLOCK_BYTES) {
			compress(s->h, s->block);
			s->used = 0;
		}
	}
}

static void begin(struct sha256 *s)
{
	*s = (struct sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
				   0x1f83d9ab, 0x5be0cd19}};
}

/* 5.1.1: a one bit, zeros, and the length in bits */
static void end(struct sha256 *s, uint8_t ret_digest[SHA256_BYTES])
{
	static const uint8_t pad[BLOCK_BYTES] = {0x80};
	uint64_t bits = s->len * 8;
	uint8_t length[LENGTH_BYTES];
	size_t n = s->used < BLOCK_BYTES - LENGTH_BYTES ? BLOCK_BYTES - LENGTH_BYTES - s->used :
							  2 * BLOCK_BYTES - LENGTH_BYTES - s->used;

	for (int i = 0; i < LENGTH_BYTES; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	add(s, pad, n);
	add(s, length, sizeof(length));
	for (int i = 0; i < SHA256_BYTES; i++)
		ret_digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256(const void *data, size_t len, uint8_t ret_digest[SHA256_BYTES])
{
	struct sha256 s;

	begin(&s);
	add(&s, data, len);
	end(&s, ret_digest);
}

int sha256_file(const char *path, uint8_t ret_digest[SHA256_BYTES])
{
	FILE *file AUTO_FCLOSE = fopen(path, "re");
	uint8_t buf[READ_BYTES];
	struct sha256 s;
	size_t n;

	if (!file)
		return -errno;
	begin(&s);
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		add(&s, buf, n);
	if (ferror(file))
		return -EIO;
	end(&s, ret_digest);
	return 0;
}
