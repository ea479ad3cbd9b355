/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine.h - the datapath's core, compiled natively over plain arrays: struct engine.
 *
 * The same text as in the kernel (bpf/core.h) behind another seam (seam_native.h), filled with the same compiled policy. `replay`, `explain`,
 * unit tests and fuzzers judge with it; it needs no privilege. Time is the caller's. One engine is one world: its state (rows, counters, folds)
 * is its own, so engines may live side by side, each used by one thread.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/abi.h"
#include "../common/counters.h"
#include "../common/known.h"
#include "../policy/ruleset.h"

struct engine;

struct engine_frame {
	const uint8_t *bytes; /* from the Ethernet header */
	size_t cap_len;	      /* bytes that are there */
	size_t wire_len;      /* bytes that were on the wire, not less than cap_len */
	uint64_t time_ns;     /* of any clock; must not go back by more than the caller can bear (rows end early) */
	uint32_t ifindex;     /* 0: not known; then ports are not checked */
	uint16_t vlan_tci;    /* tag that hardware took out, meant if has_vlan_tci */
	uint8_t has_vlan_tci;
};

/* What the parsers found. Addresses as in struct rf_addr. */
struct engine_facts {
	int malformed; /* then the rest may be incomplete */
	uint8_t l3;    /* 4, 6; 0: no IP */
	uint8_t proto;
	uint8_t has_ports;
	uint16_t ethertype; /* 0: 802.3 with LLC */
	uint16_t vlan;
	uint16_t sport, dport;
	struct rf_addr src, dst;
	uint64_t src_mac, dst_mac; /* 48-bit numbers */
};

/* Called for each event that the kernel side would send; the record is only lent. One of type RF_EVENT_EVICTED begins a struct rf_evicted. */
typedef void (*engine_event_fn)(void *data, const struct rf_event *event);

/*
 * An engine with this policy in force; the ruleset may be freed after. sizing RF_SIZING_AUTO: by the number of devices, as ringfenced does at its first start; a
 * reload keeps it. 0, -ENOMEM, -ENOSPC.
 */
int engine_new(const struct ruleset *ruleset, enum rf_sizing_id sizing, struct engine **ret_engine);
void engine_free(struct engine *engine);

/* Put another policy in force, as a reload does: state stays. 0, -ENOMEM, -ENOSPC (the old one stays). */
int engine_reload(struct engine *engine, const struct ruleset *ruleset);

/* Who gets the events; NULL: nobody. */
void engine_on_event(struct engine *engine, engine_event_fn fn, void *data);

/* Verdict and reason of one frame, in this direction. 0, or -EINVAL: wire_len is below cap_len. */
int engine_judge(struct engine *engine, enum rf_direction direction, const struct engine_frame *frame,
		 struct rf_result *ret_result);

/* The DNS name under which this engine has just allowed a frame (result->known) as text; NULL: under none. */
const char *engine_name(const struct engine *engine, const struct rf_result *result, char buf[KNOWN_TEXT_MAX]);

/* Counters of a device index. false: no such index. */
bool engine_counters(const struct engine *engine, uint32_t device, struct counters *ret_counters);

/* Borrowed. */
const struct rf_totals *engine_totals(const struct engine *engine);

/* What the core reads in a frame; needs no engine. */
void engine_read(const struct engine_frame *frame, struct engine_facts *ret_facts);

#endif
