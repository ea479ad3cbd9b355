// SPDX-License-Identifier: GPL-2.0-only
/*
 * testrun.c - see testrun.h. The little programs are a few instructions with the tag or type in one of them, so they are written here rather
 * than compiled.
 */
#include "testrun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#define INSNS_MAX 32

/* Nothing that the core reads behind an Ethernet header is this short, so one byte more shows it nothing. */
#define SHORTEST (ETH_HLEN + 1)

#define MOVE_REG(dst, src) ((struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (dst), .src_reg = (src)})
#define MOVE_IMM(dst, value) ((struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (dst), .imm = (value)})
#define ADD_IMM(dst, value) ((struct bpf_insn){.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (dst), .imm = (value)})
#define STORE16_IMM(dst, where, value)                                                                                 \
	((struct bpf_insn){.code = BPF_ST | BPF_MEM | BPF_H, .dst_reg = (dst), .off = (where), .imm = (value)})
#define CALL(function) ((struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = (function)})
#define EXIT() ((struct bpf_insn){.code = BPF_JMP | BPF_EXIT})
#define LOAD_MAP(dst, fd)                                                                                              \
	((struct bpf_insn){                                                                                            \
		.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = (dst), .src_reg = BPF_PSEUDO_MAP_FD, .imm = (fd)})

struct program {
	struct bpf_insn insns[INSNS_MAX];
	size_t n;
};

void testrun_init(struct testrun *testrun, int from_fd, int to_fd)
{
	*testrun = (struct testrun){.prog_fd = {from_fd, to_fd}, .targets = -1};
}

/* Made when the first frame needs it: a replay of ordinary frames needs none. */
static int make_targets(struct testrun *testrun)
{
	if (testrun->targets >= 0)
		return 0;
	testrun->targets = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, sizeof(uint32_t), sizeof(uint32_t), 2, NULL);
	if (testrun->targets < 0)
		return -errno;
	for (uint32_t i = 0; i < 2; i++)
		if (bpf_map_update_elem(testrun->targets, &i, &testrun->prog_fd[i], BPF_ANY) < 0)
			return -errno;
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

static int load(const struct testrun *testrun, const struct testrun_prog *want)
{
	struct program program = {.n = 0};
	int fd;

	add(&program, MOVE_REG(BPF_REG_6, BPF_REG_1));
	if (want->type)
		add_type(&program, want->type);
	if (want->has_tag)
		add_tag(&program, want->tag);
	add(&program, MOVE_REG(BPF_REG_1, BPF_REG_6));
	add(&program, LOAD_MAP(BPF_REG_2, testrun->targets));
	add(&program, (struct bpf_insn){0}); /* the second half of the load */
	add(&program, MOVE_IMM(BPF_REG_3, want->to));
	add(&program, CALL(BPF_FUNC_tail_call));
	add(&program, MOVE_IMM(BPF_REG_0, TC_ACT_SHOT));
	add(&program, EXIT());
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "testrun", "GPL", program.insns, program.n, NULL);
	return fd < 0 ? -errno : fd;
}

static int find_prog(struct testrun *testrun, const struct testrun_prog *want)
{
	struct testrun_prog *prog = testrun->progs;
	int err;

	for (; prog < testrun->progs + testrun->n_progs; prog++)
		if (prog->to == want->to && prog->has_tag == want->has_tag && prog->tag == want->tag &&
		    prog->type == want->type)
			return prog->fd;
	if (testrun->n_progs == TESTRUN_PROGS_MAX)
		return -E2BIG;
	err = make_targets(testrun);
	if (err)
		return err;
	*prog = *want;
	prog->fd = load(testrun, want);
	if (prog->fd >= 0)
		testrun->n_progs++;
	return prog->fd;
}

static int run(int fd, const uint8_t *bytes, uint32_t len)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bytes, .data_size_in = len, .repeat = 1);

	if (fd < 0)
		return fd;
	return bpf_prog_test_run_opts(fd, &opts) < 0 ? -errno : 0;
}

/* The ethertype of an IP packet whose header is cut short, which test-run refuses (net/bpf/test_run.c, since Linux 6.18); else 0. */
static uint16_t cut_ip(const struct testrun_frame *frame)
{
	const uint16_t type = (uint16_t)(frame->bytes[ETH_HLEN - 2] << 8 | frame->bytes[ETH_HLEN - 1]);

	if ((type == ETH_P_IP && frame->len < ETH_HLEN + sizeof(struct iphdr)) ||
	    (type == ETH_P_IPV6 && frame->len < ETH_HLEN + sizeof(struct ipv6hdr)))
		return type;
	return 0;
}

int testrun_run(struct testrun *testrun, const struct testrun_frame *frame)
{
	const struct testrun_prog want = {
		.to = frame->to,
		.has_tag = frame->has_tag,
		.tag = frame->has_tag ? frame->tag : 0,
		.type = cut_ip(frame),
	};
	const int fd = want.has_tag || want.type ? find_prog(testrun, &want) : testrun->prog_fd[frame->to];
	uint8_t copy[ETH_HLEN + sizeof(struct ipv6hdr)] = {0};

	if (!want.type && frame->len >= SHORTEST)
		return run(fd, frame->bytes, frame->len);
	memcpy(copy, frame->bytes, frame->len);
	if (want.type) {
		copy[ETH_HLEN - 2] = ETH_P_802_EX1 >> 8;
		copy[ETH_HLEN - 1] = ETH_P_802_EX1 & 0xff;
	}
	return run(fd, copy, frame->len < SHORTEST ? SHORTEST : frame->len);
}

void testrun_free(struct testrun *testrun)
{
	for (int i = 0; i < testrun->n_progs; i++)
		close(testrun->progs[i].fd);
	if (testrun->targets >= 0)
		close(testrun->targets);
	testrun->n_progs = 0;
	testrun->targets = -1;
}
