/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach.h - may a device open a connection to an address of this machine? For doctor; the answer is that of explain, by the native engine.
 */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "../doctor/survey.h"
#include "judge.h"

struct reach {
	struct judge judge;
};

/* file must be compiled and outlive it. Exit codes of cli.h; complains by itself. */
int reach_open(const struct policy_file *file, struct reach *reach);
void reach_close(struct reach *reach);

#define AUTO_REACH __attribute__((cleanup(reach_close)))

/* A survey_reach_fn; context is a struct reach. device NULL: one that the policy does not name. */
int reach_ask(void *context, const struct policy_device *device, const struct addr *addr, uint8_t proto, uint16_t port);

#endif
