/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - the object of `ringfence status --json`: made by the daemon, or by the command line from the pins when no daemon runs.
 *
 *   {"daemon":{"pid":1,"started":"TIME","capabilities":"..."} or null,
 *    "enforcing":true,                 false if no port is enforced
 *    "bridge":"br-lan" or null,        the daemon knows; null without it
 *    "policy":{"file":"/etc/..." or null,"hash":"sha256:...","generation":3,"devices":9,"profiles":3 or null,"rules":40 or null,"loaded":"TIME" or null},
 *    "ports":[{"port":"eth1","ifindex":3,"enforced":true,"from":"tcx","to":"tcx","why":"..." or null,"error":"..." or null}],
 *    "maps":[{"name":"rf_nodes","used":40,"max":512}],
 *    "events":{"emitted":7,"lost":0,"packets_lost":0,"packets_quiet":0,"internal":0,"history":7 or null,"subscribers":1 or null},
 *    "dns":{"questions":9,"answers":8,"unasked":0,"unread":0,"learned":20,"evicted":0,
 *           "by_daemon":{"questions":0,"answers":0,"unasked":0,"unread":0,"learned":0} or missing},   what it read over TCP, since its start
 *    "kernel":"6.18.0","abi":1,"pin_dir":"/sys/fs/bpf/ringfence"}
 */
#ifndef DATAPATH_REPORT_H
#define DATAPATH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "hooks.h"
#include "view.h"

#define REPORT_WHY_MAX 256

struct report_port {
	char name[16];
	uint32_t ifindex;
	bool enforced; /* both directions, read back from the kernel */
	struct hooks hooks;
	char why[REPORT_WHY_MAX];   /* why these hooks; "": not known */
	char error[REPORT_WHY_MAX]; /* why not enforced; "" */
};

json_t *report_port_json(const struct report_port *port);

/* Everything that the pins and the kernel tell; `daemon` is null. Ports: those where links are pinned or our filters stand. NULL: no memory. */
json_t *report_json(const struct view *view, const char *pin_dir);

/* "sha256:" and 64 hex digits. */
#define REPORT_HASH_MAX 72
const char *report_hash(const uint8_t hash[32], char buf[REPORT_HASH_MAX]);

#endif
