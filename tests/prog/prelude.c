// SPDX-License-Identifier: GPL-2.0-only
/*
 * prelude.c - see prelude.h. The programs are a few instructions with the tag or type in one of them, so they are written here rather than
 * compiled.
 */
#include "prelude.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#define INSNS_MAX 32

#define MOVE_REG(dst, src) ((struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (dst), .src_reg = (src)})
#define MOVE_IMM(dst, value) ((struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (dst), .imm = (value)})
#define ADD_IMM(dst, value) ((struct bpf_insn){.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (dst), .imm = (value)})
#define STORE16_IMM(dst, where, value) ((struct bpf_insn){.code = BPF_ST | BPF_MEM | BPF_H, .dst_reg = (dst), .off = (where), .imm = (value)})
#define CALL(function) ((struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = (function)})
#define EXIT() ((struct bpf_insn){.code = BPF_JMP | BPF_EXIT})
#define LOAD_MAP(dst, map_fd) ((struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (dst), .src_reg = BPF_PSEUDO_MAP_FD, .imm = (map_fd)})

struct program {
	struct bpf_insn insns[INSNS_MAX];
	size_t n;
};

int prelude_open(struct prelude *prelude, int from_fd, int to_fd)
{
	const uint32_t from = 0, to = 1;

	prelude->targets = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, sizeof(uint32_t), sizeof(uint32_t), 2, NULL);
	if (prelude->targets < 0)
		return -errno;
	if (bpf_map_update_elem(prelude->targets, &from, &from_fd, BPF_ANY) < 0 ||
	    bpf_map_update_elem(prelude->targets, &to, &to_fd, BPF_ANY) < 0)
		prelude->why = "this kernel does not tail-call the programs, so the frame cannot be made in it";
	return 0;
}

static void add(struct program *program, struct bpf_insn insn)
{
	program->insns[program->n++] = insn;
}

static void add_type(struct program *program, uint16_t type)
{
	add(program, STORE16_IMM(BPF_REG_10, -2, (int16_t)htons(type)));
	add(program, MOVE_REG(BPF_REG_1, BPF_REG_6));
	add(program, MOVE_IMM(BPF_REG_2, offsetof(struct ethhdr, h_proto)));
	add(program, MOVE_REG(BPF_REG_3, BPF_REG_10));
	add(program, ADD_IMM(BPF_REG_3, -2));
	add(program, MOVE_IMM(BPF_REG_4, sizeof(type)));
	add(program, MOVE_IMM(BPF_REG_5, 0));
	add(program, CALL(BPF_FUNC_skb_store_bytes));
}

static void add_tag(struct program *program, uint16_t tag)
{
	add(program, MOVE_REG(BPF_REG_1, BPF_REG_6));
	add(program, MOVE_IMM(BPF_REG_2, htons(ETH_P_8021Q)));
	add(program, MOVE_IMM(BPF_REG_3, tag));
	add(program, CALL(BPF_FUNC_skb_vlan_push));
}

static int load(const struct prelude *prelude, const struct prelude_need *need)
{
	struct program program = {.n = 0};
	int fd;

	add(&program, MOVE_REG(BPF_REG_6, BPF_REG_1));
	if (need->type)
		add_type(&program, need->type);
	if (need->has_tag)
		add_tag(&program, need->tag);
	add(&program, MOVE_REG(BPF_REG_1, BPF_REG_6));
	add(&program, LOAD_MAP(BPF_REG_2, prelude->targets));
	add(&program, (struct bpf_insn){0}); /* the second half of the load */
	add(&program, MOVE_IMM(BPF_REG_3, need->to));
	add(&program, CALL(BPF_FUNC_tail_call));
	add(&program, MOVE_IMM(BPF_REG_0, TC_ACT_SHOT));
	add(&program, EXIT());
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "prelude", "GPL", program.insns, program.n, NULL);
	return fd < 0 ? -errno : fd;
}

static bool same_need(const struct prelude_need *a, const struct prelude_need *b)
{
	return a->to == b->to && a->has_tag == b->has_tag && (!a->has_tag || a->tag == b->tag) && a->type == b->type;
}

int prelude_prog(struct prelude *prelude, const struct prelude_need *need)
{
	int fd;

	for (int i = 0; i < prelude->n_progs; i++)
		if (same_need(&prelude->progs[i].need, need))
			return prelude->progs[i].fd;
	if (prelude->n_progs == PRELUDE_PROGS_MAX)
		return -E2BIG;
	fd = load(prelude, need);
	if (fd >= 0)
		prelude->progs[prelude->n_progs++] = (struct prelude_prog){*need, fd};
	return fd;
}

void prelude_close(struct prelude *prelude)
{
	for (int i = 0; i < prelude->n_progs; i++)
		close(prelude->progs[i].fd);
	if (prelude->targets >= 0)
		close(prelude->targets);
	*prelude = PRELUDE_NONE;
}
