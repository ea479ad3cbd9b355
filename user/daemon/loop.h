/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loop.h - wait for descriptors and call whoever owns them. One event at a time, so that a source may end another one.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop {
	int epoll_fd;
	bool stop;
};

/* Lives in its owner; must stay in place while it is added. */
struct loop_source {
	int fd;
	void (*ready)(void *context, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
	void *context;
};

int loop_init(struct loop *loop);
void loop_close(struct loop *loop);
int loop_add(struct loop *loop, struct loop_source *source, uint32_t events);
int loop_change(struct loop *loop, struct loop_source *source, uint32_t events);
void loop_remove(struct loop *loop, const struct loop_source *source);

/* Until stop is set. 0 or negative errno. */
int loop_run(struct loop *loop);

#endif
