/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scene.h - a policy of so many devices and prefixes, in force in maps of its own, and the keys of frames that are to be offered to it.
 *
 * Written as policy text and compiled and loaded by the code that the daemon uses: what is measured is what runs.
 */
#ifndef BENCH_SCENE_H
#define BENCH_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../user/datapath/datapath.h"
#include "key.h"

#define SCENE_ACTIVE 16 /* devices that send in a warm measurement, each to SCENE_REMOTES addresses: 64 keys */
#define SCENE_REMOTES 4
#define SCENE_COLD_KEYS (1U << 17) /* of a cold one: more than the caches hold lines for */

#define SCENE_SERVER 0xc0a80001U	/* 192.168.0.1: gateway and resolver */
#define SCENE_PORT_OPEN 4000		/* of the rule that allows */
#define SCENE_SITE 1			/* 2001:db8:1::/48, which it allows, too */
#define SCENE_FLOW_ADDR "192.168.200.1" /* of the TCP server that all fenced devices reach, and its first port of two */
#define SCENE_FLOW_PORT 5201
#define SCENE_PORT_INBOUND 8080 /* of a device: from local hosts */

/* Classes of devices in the policy. */
enum scene_device {
	SCENE_FENCED,	 /* so many as the scene has */
	SCENE_OFF,	 /* mode off */
	SCENE_NAMES_FEW, /* rules by SCENE_FEW names, and the same prefixes */
	SCENE_NAMES_MANY,
	SCENE_NAMES_HUGE,
	SCENE_CLASSES
};

#define SCENE_FEW 10
#define SCENE_MANY 1000
#define SCENE_HUGE 10000
#define SCENE_LEARNERS 512 /* devices of SCENE_NAMES_MANY: a device keeps 64 names at most */
#define SCENE_NAME_PORT 443

struct scene_size {
	uint32_t devices;
	uint32_t prefixes;
	uint32_t rules;	     /* that cover each address: so many others stand before the one that allows; 0: none */
	bool names;	     /* with the devices that have rules by name */
	bool each;	     /* each frame is judged by itself, none by its flow */
	bool plain;	     /* without those of mode off: as many devices as it says */
	const char *pin_dir; /* for who attaches it; NULL: test-run only */
};

struct scene {
	struct scene_size size;
	struct policy *policy;
	struct ruleset *ruleset;
	struct datapath *datapath;
	uint32_t first[SCENE_CLASSES]; /* in ruleset->devices */
};

/* Its text, to be freed. */
int scene_policy(const struct scene_size *size, char **ret_text, size_t *ret_len);

/* 0 or negative errno, said on stderr. */
int scene_open(const struct scene_size *size, struct scene *ret_scene);
void scene_close(struct scene *scene);

uint64_t scene_mac(enum scene_device class, uint32_t number);
uint64_t scene_unknown_mac(uint32_t number);
uint32_t scene_index(const struct scene *scene, enum scene_device class, uint32_t number);
uint32_t scene_device_addr(uint32_t number); /* IPv4, host byte order */
uint32_t scene_prefix_bits(uint32_t number);
/* An address inside of prefix `number`; from `size.prefixes` on: of none. */
uint32_t scene_prefix_addr(uint32_t number);

/* Keys, from the device. `keys` has room for SCENE_COLD_KEYS; how many were made. */
enum scene_traffic {
	SCENE_ALLOWED,
	SCENE_DENIED,
	SCENE_ANSWERS, /* to who opened a connection to the device */
	SCENE_UNKNOWN,
	SCENE_TRAFFIC_COUNT
};

struct scene_keys {
	enum scene_traffic traffic;
	enum scene_device class;
	bool cold; /* any device and any prefix of the scene */
	bool to;   /* the same frames on their way to the device */
};

/* One: of device `device` to or from prefix `prefix`; from size.prefixes on, none. */
void scene_key(const struct scene_keys *what, uint32_t device, uint32_t prefix, struct bench_key *key);
size_t scene_keys(const struct scene *scene, const struct scene_keys *what, struct bench_key *keys);

#endif
