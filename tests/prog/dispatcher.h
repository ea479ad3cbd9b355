/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dispatcher.h - keeps an XDP program in the kernel's dispatcher, so that test-run need not put it there and wait for RCU each time.
 *
 * The program is attached to one end of a veth pair in a network namespace of our own, where no frame comes.
 */
#ifndef TESTS_PROG_DISPATCHER_H
#define TESTS_PROG_DISPATCHER_H

struct dispatcher;

/* 0, or -errno: no veth, no native XDP on it, no namespace. */
int dispatcher_open(int prog_fd, struct dispatcher **ret_dispatcher);
void dispatcher_close(struct dispatcher *dispatcher);

#endif
