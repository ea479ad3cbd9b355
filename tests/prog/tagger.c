// SPDX-License-Identifier: GPL-2.0-only
/*
 * tagger.c - see tagger.h. The program is twelve instructions with the tag in one of them, so it is written here rather than compiled.
 */
#include "tagger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#define MOVE_REG(dst, src) {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (dst), .src_reg = (src)}
#define MOVE_IMM(dst, value) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (dst), .imm = (value)}
#define CALL(function) {.code = BPF_JMP | BPF_CALL, .imm = (function)}
#define EXIT() {.code = BPF_JMP | BPF_EXIT}
#define LOAD_MAP(dst, map_fd)                                                                                          \
	{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (dst), .src_reg = BPF_PSEUDO_MAP_FD, .imm = (map_fd)}, {0}

int tagger_open(struct tagger *tagger, int from_fd, int to_fd)
{
	const uint32_t from = 0, to = 1;

	tagger->targets = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, sizeof(uint32_t), sizeof(uint32_t), 2, NULL);
	if (tagger->targets < 0)
		return -errno;
	if (bpf_map_update_elem(tagger->targets, &from, &from_fd, BPF_ANY) < 0 ||
	    bpf_map_update_elem(tagger->targets, &to, &to_fd, BPF_ANY) < 0)
		tagger->why = "this kernel does not tail-call the programs, so no tag can be put into the metadata";
	return 0;
}

static int load(const struct tagger *tagger, uint16_t tag, bool to)
{
	const struct bpf_insn insns[] = {
		MOVE_REG(BPF_REG_6, BPF_REG_1),
		MOVE_IMM(BPF_REG_2, htons(ETH_P_8021Q)),
		MOVE_IMM(BPF_REG_3, tag),
		CALL(BPF_FUNC_skb_vlan_push),
		MOVE_REG(BPF_REG_1, BPF_REG_6),
		LOAD_MAP(BPF_REG_2, tagger->targets),
		MOVE_IMM(BPF_REG_3, to),
		CALL(BPF_FUNC_tail_call),
		MOVE_IMM(BPF_REG_0, TC_ACT_SHOT),
		EXIT(),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tagger", "GPL", insns, sizeof(insns) / sizeof(insns[0]), NULL);

	return fd < 0 ? -errno : fd;
}

int tagger_prog(struct tagger *tagger, uint16_t tag, bool to)
{
	int fd;

	for (int i = 0; i < tagger->n_progs; i++)
		if (tagger->progs[i].tag == tag && tagger->progs[i].to == to)
			return tagger->progs[i].fd;
	if (tagger->n_progs == TAGGER_PROGS_MAX)
		return -E2BIG;
	fd = load(tagger, tag, to);
	if (fd >= 0)
		tagger->progs[tagger->n_progs++] = (struct tagger_prog){tag, to, fd};
	return fd;
}

void tagger_close(struct tagger *tagger)
{
	for (int i = 0; i < tagger->n_progs; i++)
		close(tagger->progs[i].fd);
	if (tagger->targets >= 0)
		close(tagger->targets);
	*tagger = TAGGER_NONE;
}
