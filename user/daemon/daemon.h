/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * daemon.h - everything that a running ringfenced is made of, and the acts that involve more than one part.
 *
 * main.c parses options; start.c raises the fence, reload.c changes the policy, serve.c runs the loop; ports.c follows the bridge; events.c tells what happens;
 * methods.c answers the control socket.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "../datapath/datapath.h"
#include "../datapath/view.h"
#include "dns.h"
#include "events.h"
#include "generation.h"
#include "history.h"
#include "interfaces.h"
#include "loop.h"
#include "ports.h"
#include "server.h"

struct daemon_options {
	const char *policy; /* path of the file */
	const char *run_dir;
	const char *pin_dir;
	bool once;
	bool wait; /* for a bridge or ports that are not there yet */
	enum rf_sizing_id sizing;
};

struct daemon {
	struct daemon_options options;
	struct loop loop;
	struct loop_source signals, timer, netlink, ring;
	int lock_fd;

	struct interfaces interfaces;
	struct datapath *datapath;
	struct view *view; /* of the pins */
	struct generation *now;
	struct generation *before; /* NULL: none */
	struct ports ports;
	struct history history;
	struct events events;
	struct dns dns;
	struct server server;
	int64_t started_ns;
	bool opened;	/* somebody detached everything while we ran */
	uint64_t ticks; /* seconds since the ports were looked at */
};

/* Exit status of ringfenced. */
enum daemon_exit {
	DAEMON_OK = 0,
	DAEMON_BAD_POLICY = 1,
	DAEMON_MISUSE = 2,
	DAEMON_CANNOT = 3,
};

/* From nothing to a fence that is up, or back to what was before. Logs. */
enum daemon_exit daemon_start(struct daemon *daemon);

/* Listen, drop privilege, serve until a signal ends it. The fence stays up. Logs. */
enum daemon_exit daemon_serve(struct daemon *daemon);

void daemon_end(struct daemon *daemon);

/*
 * Read the policy anew and make it current. On failure the old one stays, diags or fault say why (-EINVAL, -E2BIG, -ENOENT, ...: the
 * policy; others: fault). Logs.
 */
int daemon_reload(struct daemon *daemon, struct diags *diags, struct fault *fault);

#endif
