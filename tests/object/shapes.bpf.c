// SPDX-License-Identifier: GPL-2.0-only
/*
 * shapes.bpf.c - functions that Linux 6.1 takes or refuses, for tests/object/run: what it must find and what it must let pass.
 *
 * Loops are in assembler, because a compiler's layout is its own: each program is a bounded loop, and the names say what 6.1 says of it. Of the
 * chains of calls only the depth counts. Never attached.
 */
typedef unsigned int u32;

#define SEC(name) __attribute__((section(name), used))
#define NOINLINE __attribute__((noinline))

/* The head is reached by a jump into the middle of the loop, and the loop's last instruction falls into it. */
SEC("socket") __attribute__((naked)) int loop_refused_falls(void)
{
	asm volatile("r0 = 0\n"
		     "goto 2f\n"
		     "1: r0 += 1\n"
		     "r2 = r0\n"
		     "2: r0 += 1\n"
		     "if r0 < 8 goto 1b\n"
		     "exit\n" ::
			     : "r0", "r1", "r2");
}

/* The same with a call of a helper before the head: a call is no jump. */
SEC("socket") __attribute__((naked)) int loop_refused_calls(void)
{
	asm volatile("r6 = 0\n"
		     "goto 2f\n"
		     "1: r6 += 1\n"
		     "call 5\n"
		     "2: r6 += 1\n"
		     "if r6 < 8 goto 1b\n"
		     "r0 = r6\n"
		     "exit\n" ::
			     : "r0", "r6");
}

/* The usual one: a conditional jump leads back. */
SEC("socket") __attribute__((naked)) int loop_taken_conditional(void)
{
	asm volatile("r0 = 0\n"
		     "1: r0 += 1\n"
		     "if r0 < 8 goto 1b\n"
		     "exit\n" ::
			     : "r0");
}

/* An unconditional one does. */
SEC("socket") __attribute__((naked)) int loop_taken_goto(void)
{
	asm volatile("r0 = 0\n"
		     "1: if r0 > 8 goto 2f\n"
		     "r0 += 1\n"
		     "goto 1b\n"
		     "2: exit\n" ::
			     : "r0");
}

/* Entered in its middle, but a conditional jump's next instruction is the head. */
SEC("socket") __attribute__((naked)) int loop_taken_falls(void)
{
	asm volatile("r0 = 0\n"
		     "goto 2f\n"
		     "1: r0 += 1\n"
		     "if r0 > 100 goto 3f\n"
		     "2: r0 += 1\n"
		     "if r0 < 8 goto 1b\n"
		     "3: exit\n" ::
			     : "r0");
}

static NOINLINE u32 fill(volatile char *at, u32 len)
{
	at[0] = 1;
	at[len - 1] = 2;
	return at[0] + at[len - 1];
}

/* With fill(), whose frame of nothing counts as 32: 480 bytes are a whole number of 32, one more is not. */
SEC("socket") int stack_taken(void)
{
	char room[480];

	return fill(room, sizeof(room));
}

static NOINLINE u32 deeper(u32 n)
{
	char room[216];

	room[0] = n;
	return fill(room, sizeof(room));
}

/* 264 + 216 + 0 = 480 bytes, and 288 + 224 + 32 by the rounding. */
SEC("socket") int stack_refused(void)
{
	char room[264];

	return fill(room, sizeof(room)) + deeper(7);
}

char _license[] SEC("license") = "GPL";
