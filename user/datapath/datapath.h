/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * datapath.h - load the packet programs, give them a policy, attach them to ports, and take them away.
 *
 * struct ruleset -> datapath_open, _stage, _attach, _flip, _publish -> pins that go on without us. For the daemon (all of it), for
 * `ringfence detach`, and for `replay --engine kernel` and test-run (datapath_open without a pin directory). Nothing here logs.
 *
 * Under the pin directory: maps/ holds the maps, links/ the attachments as IFINDEX-from and IFINDEX-to. clsact filters cannot be pinned; the kernel
 * keeps them by itself. Whatever fails leaves what was pinned and attached before as it was.
 */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H

#include <stdbool.h>
#include <stdint.h>

#include "../common/cleanup.h"
#include "../policy/ruleset.h"
#include "fault.h"
#include "report.h"

struct datapath;

enum datapath_prog { DATAPATH_XDP_FROM, DATAPATH_TC_FROM, DATAPATH_TC_TO, DATAPATH_PROG_COUNT };

/* Ticks a second of the virtual world: the same on every machine, and those of the native engine. */
#define DATAPATH_VIRTUAL_HZ 1000

struct datapath_options {
	const char *pin_dir; /* NULL: nothing is pinned nor reused: for test-run */
	bool virtual_world;  /* time and lengths come from struct rf_virtual */
	/* RF_SIZING_AUTO: that of what is pinned; where nothing is, by the number of devices. */
	enum rf_sizing_id sizing;
	bool without_flows; /* each frame is judged by itself (bpf/flow.h): to measure what that costs */
};

/*
 * Load. Pinned maps are taken over where ABI and size allow it, with the state in them; the rest is new. Nothing that is
 * attached is changed yet. -EPERM: not privileged; -EINVAL, -E2BIG, -EACCES: the kernel refuses the program (fault has its last words).
 */
int datapath_open(const struct datapath_options *options, const struct ruleset_sizes *need, struct fault *fault,
		  struct datapath **ret_datapath);
void datapath_close(struct datapath *datapath);

/* true: datapath_open found and took over the pinned maps of a fence that is up. */
bool datapath_reused(const struct datapath *datapath);

/* How large the rows of a device are: never RF_SIZING_AUTO. State of another sizing was not taken over, counters apart. */
enum rf_sizing_id datapath_sizing(const struct datapath *datapath);

/* Bytes of all its maps in the kernel. */
uint64_t datapath_bytes(const struct datapath *datapath);

/* Copy into the idle bank. -ENOSPC: does not fit, see datapath_grow. */
int datapath_stage(struct datapath *datapath, const struct ruleset *ruleset);

/* Make what was staged current for all ports and both directions at once, and wait until no frame is judged by the bank before. */
void datapath_flip(struct datapath *datapath);

/*
 * Police a port, both directions or nothing, or exchange what is there for the programs of this datapath without a gap.
 * ret_port is filled also on failure (enforced false, error says why).
 */
struct datapath_port {
	uint32_t ifindex;
	const char *name;
	enum policy_hook hook;
	bool vlan; /* the policy needs VLAN tags: not at XDP */
};
int datapath_attach(struct datapath *datapath, const struct datapath_port *port, struct report_port *ret_port);

/* What the kernel says is on a port now. */
void datapath_hooks(const struct datapath *datapath, uint32_t ifindex, struct hooks *ret_hooks);

/* No longer police a port (it left the bridge). 0 also if nothing was there. */
int datapath_detach_port(struct datapath *datapath, uint32_t ifindex);

/* Put the maps in the place of those that were pinned before. After this, restarts and the command line see them. */
int datapath_publish(struct datapath *datapath, struct fault *fault);

/* Are the maps still pinned? Not: somebody opened the fence (`ringfence detach`). */
bool datapath_pinned(const struct datapath *datapath);

/*
 * A ruleset that did not fit: load anew with more room, carry the state over, stage, and exchange the programs on
 * the n ports. On failure everything is as before. May be called only after datapath_publish.
 */
int datapath_grow(struct datapath *datapath, const struct ruleset *ruleset, const struct datapath_port *ports,
		  size_t n_ports, struct fault *fault);

/* Ports of the device in the active bank; ifindices beyond n are 0. */
void datapath_bind(struct datapath *datapath, uint32_t device, const uint32_t ifindex[RF_IDENT_PORTS]);

/* Remove attachments of earlier runs on interfaces that are not among the n given: ports that left while no daemon ran. Gives how many. */
int datapath_prune(struct datapath *datapath, const uint32_t *ifindices, size_t n);

/* ---- events ------------------------------------------------------------------------------------------------------- */

/* One of type RF_EVENT_EVICTED begins a struct rf_evicted. */
typedef void (*datapath_event_fn)(void *context, const struct rf_event *event);

/* From now on, events go to callback. The descriptor is for epoll; it changes with nothing. */
int datapath_listen(struct datapath *datapath, datapath_event_fn callback, void *context);
int datapath_event_fd(const struct datapath *datapath);

/* What the programs cannot read of DNS, for whoever can: record and the bytes behind it, lent. After datapath_listen. */
typedef void (*datapath_segment_fn)(void *context, const struct rf_segment *segment, const uint8_t *bytes);
int datapath_listen_segments(struct datapath *datapath, datapath_segment_fn callback, void *context);

/* Take what is in the ring buffer. How many, or negative errno. */
int datapath_consume(struct datapath *datapath);

/* Report what devices first..first+n-1 have folded and not yet told. */
void datapath_sweep(struct datapath *datapath, uint32_t first, uint32_t n);

/* Give back what only a start or a reload needs: freed memory, and the pages of the embedded object. It works after that as before. */
void datapath_trim(void);

/* One more than the highest device index that there is room for. */
uint32_t datapath_devices(const struct datapath *datapath);

/* ---- test-run ----------------------------------------------------------------------------------------------------- */

int datapath_prog_fd(const struct datapath *datapath, enum datapath_prog prog);
int datapath_virtual_write(struct datapath *datapath, const struct rf_virtual *virtual);
int datapath_virtual_read(struct datapath *datapath, struct rf_virtual *ret_virtual);

/* The maps, for reading what a test-run counted. Borrowed; NULL never. */
const struct maps *datapath_maps(const struct datapath *datapath);

/* ---- removal ------------------------------------------------------------------------------------------------------ */

/* Told of every thing that is removed, in words. */
typedef void (*datapath_removed_fn)(void *context, const char *what);

/*
 * Open the fence: remove attachments (only ours), pins and maps. How many things were removed; 0: nothing was there. Goes on after a
 * failure, and then gives its negative errno.
 */
int datapath_detach(const char *pin_dir, datapath_removed_fn removed, void *context, struct fault *fault);

static inline void datapath_cleanup(struct datapath **datapath)
{
	datapath_close(*datapath);
}

#define AUTO_DATAPATH CLEANUP(datapath_cleanup)

#endif
