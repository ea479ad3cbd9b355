/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * turn.h - programs of bench.bpf.c, loaded: what is offered to test-run.
 */
#ifndef BENCH_TURN_H
#define BENCH_TURN_H

#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "key.h"

/* A list of keys that turns share. Start as {-1, -1}. */
struct turn_keys {
	int keys_fd;
	int position_fd;
};

/* Load one program of the object. `setup` may size and fill maps before the load; NULL. 0 or negative errno, said on stderr. */
typedef int (*turn_setup_fn)(struct bpf_object *object, void *context);
int turn_load(const char *program, turn_setup_fn setup, void *context, struct bpf_object **ret_object);
int turn_prog_fd(const struct bpf_object *object, const char *program);

int turn_keys_make(const struct bench_key *keys, size_t n, struct turn_keys *ret_keys);
void turn_keys_close(struct turn_keys *keys);
/* From the first key again. */
int turn_keys_rewind(const struct turn_keys *keys, size_t n);

/* `program` ("turn_xdp", ...) that tail-calls target_fd. `keys` and `questions_fd` may be NULL and -1. */
struct turn_into {
	const char *program;
	int target_fd;
	const struct turn_keys *keys;
	int questions_fd; /* of the datapath */
};
int turn_make(const struct turn_into *into, struct bpf_object **ret_object);

static inline void turn_close(struct bpf_object **object)
{
	bpf_object__close(*object);
}

#endif
