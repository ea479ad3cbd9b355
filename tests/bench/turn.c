// SPDX-License-Identifier: GPL-2.0-only
/*
 * turn.c - see turn.h.
 */
#include "turn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#ifndef BENCH_OBJECT
#define BENCH_OBJECT "build/bench/bench.bpf.o"
#endif

int turn_load(const char *program, turn_setup_fn setup, void *context, struct bpf_object **ret_object)
{
	struct bpf_object *object = bpf_object__open_file(BENCH_OBJECT, NULL);
	struct bpf_program *each;
	int err = object ? 0 : -errno;

	if (!err) {
		bpf_object__for_each_program(each, object)
			bpf_program__set_autoload(each, strcmp(bpf_program__name(each), program) == 0);
		err = setup ? setup(object, context) : 0;
	}
	if (!err)
		err = bpf_object__load(object);
	if (err) {
		fprintf(stderr, "bench: cannot load %s of %s: %s\n", program, BENCH_OBJECT, strerror(-err));
		bpf_object__close(object);
		return err;
	}
	*ret_object = object;
	return 0;
}

int turn_prog_fd(const struct bpf_object *object, const char *program)
{
	const struct bpf_program *found = bpf_object__find_program_by_name(object, program);

	return found ? bpf_program__fd(found) : -ENOENT;
}

int turn_keys_make(const struct bench_key *keys, size_t n, struct turn_keys *ret_keys)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct turn_keys made = {-1, -1};
	int err = 0;

	made.keys_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "keys", sizeof(__u32), sizeof(*keys), (__u32)n, &opts);
	made.position_fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "position", sizeof(__u32), sizeof(struct bench_position), 1, &opts);
	if (made.keys_fd < 0 || made.position_fd < 0)
		err = -errno;
	for (__u32 i = 0; i < n && !err; i++)
		if (bpf_map_update_elem(made.keys_fd, &i, &keys[i], BPF_ANY) < 0)
			err = -errno;
	if (!err)
		err = turn_keys_rewind(&made, n);
	if (err) {
		turn_keys_close(&made);
		return err;
	}
	*ret_keys = made;
	return 0;
}

int turn_keys_rewind(const struct turn_keys *keys, size_t n)
{
	const struct bench_position position = {.n = (__u32)n};
	const __u32 zero = 0;

	return bpf_map_update_elem(keys->position_fd, &zero, &position, BPF_ANY) < 0 ? -errno : 0;
}

void turn_keys_close(struct turn_keys *keys)
{
	if (keys->keys_fd >= 0)
		close(keys->keys_fd);
	if (keys->position_fd >= 0)
		close(keys->position_fd);
	*keys = (struct turn_keys){-1, -1};
}

static int reuse(struct bpf_object *object, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map ? bpf_map__reuse_fd(map, fd) : -ENOENT;
}

static int share_maps(struct bpf_object *object, void *context)
{
	const struct turn_into *into = context;
	int err = 0;

	if (into->keys)
		err = reuse(object, "keys", into->keys->keys_fd);
	if (into->keys && !err)
		err = reuse(object, "position", into->keys->position_fd);
	if (into->questions_fd >= 0 && !err)
		err = reuse(object, "questions", into->questions_fd);
	return err;
}

int turn_make(const struct turn_into *into, struct bpf_object **ret_object)
{
	struct turn_into context = *into;
	struct bpf_object *object = NULL;
	int err = turn_load(into->program, share_maps, &context, &object);
	const __u32 zero = 0;

	if (err)
		return err;
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "measured"), &zero, &into->target_fd, BPF_ANY) <
	    0) {
		err = -errno;
		fprintf(stderr, "bench: %s cannot call what is measured: %s\n", into->program, strerror(-err));
		bpf_object__close(object);
		return err;
	}
	*ret_object = object;
	return 0;
}
