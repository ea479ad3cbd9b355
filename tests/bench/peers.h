/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * peers.h - what is measured beside the datapath: the pieces of any such program, and xdp-filter's program.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include <bpf/libbpf.h>

#include "scene.h"

/* piece_hash or piece_lpm with as many devices or prefixes as the scene. 0 or negative errno, said on stderr. */
int piece_hash_load(const struct scene *scene, struct bpf_object **ret_object);
int piece_lpm_load(const struct scene *scene, struct bpf_object **ret_object);

/*
 * xdp-filter's program "deny by default" with all its features, for the scene's addresses and MACs. Its tables hold PEERS_FILTER_MAX entries. It
 * matches MAC or address or port, one of them is enough: it cannot say which device may reach what. -ENOENT: xdp-tools is not installed.
 */
#define PEERS_FILTER_MAX 10000
int peer_filter_load(const struct scene *scene, struct bpf_object **ret_object);

#endif
