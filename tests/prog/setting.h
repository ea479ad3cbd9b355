/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * setting.h - what a packet case needs before a frame: its policies, compiled for the generations that they come into force in, and
 * the ports that it names.
 */
#ifndef TESTS_PROG_SETTING_H
#define TESTS_PROG_SETTING_H

#include "../../user/policy/ruleset.h"
#include "case.h"

#define SETTING_PORTS_MAX 16
#define SETTING_GENERATIONS_MAX 8 /* reloads in one case, and the beginning */
#define SETTING_IFINDEX_FIRST 100

struct setting {
	struct generation {
		struct policy *policy;
		struct ruleset *ruleset;
	} generations[SETTING_GENERATIONS_MAX];
	size_t n_generations;
	const char *ports[SETTING_PORTS_MAX]; /* borrowed from the case */
	size_t n_ports;
};

/* Read and compile all policies of a case. 0, or -errno: what is wrong was printed to stderr. */
int setting_make(const struct packet_case *packet_case, struct setting *ret_setting);
void setting_free(struct setting *setting);

/* The number of a port's name; 0: no name given. */
uint32_t setting_ifindex(const struct setting *setting, const char *port);

/* Make `sizes` large enough for the case as well. */
void setting_room(const struct setting *setting, struct ruleset_sizes *sizes);

#endif
