/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * setup.h - what start and reload have in common: from the file and the machine to a generation that can be staged.
 */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include <stdint.h>

#include "../common/diag.h"
#include "../datapath/fault.h"
#include "generation.h"

struct daemon;

/*
 * Read the policy, look for the bridge and its addresses, compile. Changes nothing. On failure either diags says what is wrong with
 * the policy, or fault what is wrong with the machine.
 */
int setup_prepare(const struct daemon *daemon, const struct generation_past *past, struct diags *diags,
		  struct fault *fault, struct generation **ret_generation);

/* The bridge that the policy follows, or the ports' own, whose addresses are the gateway. 0: none there. */
uint32_t setup_gateway_interface(const struct daemon *daemon, const struct policy *policy);

/* Open daemon->view on the maps of the datapath. */
int setup_view(struct daemon *daemon, struct fault *fault);

/* All diagnostics to the log. */
void setup_log(struct diags *diags);

#endif
