// SPDX-License-Identifier: GPL-2.0-only
/*
 * scene.c - see scene.h.
 */
#include "scene.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/diag.h"
#include "../../user/datapath/state.h"
#include "../../user/policy/policy.h"

#define SEED 0x5eed5eed5eedULL
#define ROUTER_MAC 0x0600000000feULL
/* Odd, so that multiplying by it visits every number of 24 (or 32) bits once, in no order that a cache or a trie would like. */
#define SCATTER 0x9e3779b1U

static const char *const class_names[SCENE_CLASSES] = {"fenced", "off", "few", "many", "huge"};

/* ---- names, addresses ---- */

uint64_t scene_mac(enum scene_device class, uint32_t number)
{
	return 0x020000000000ULL | (uint64_t) class << 32 | (uint32_t)(number * SCATTER);
}

uint64_t scene_unknown_mac(uint32_t number)
{
	return 0x0a0000000000ULL | (uint32_t)(number * SCATTER);
}

uint32_t scene_device_addr(uint32_t number)
{
	return 0xc0a80000U | (number % 60000 + 256);
}

/* Prefixes as such lists have them: mostly /24, some smaller, all over the unicast space below 192/8. */
uint32_t scene_prefix_bits(uint32_t number)
{
	static const uint8_t bits[] = {24, 24, 28, 32};

	return bits[number % sizeof(bits)];
}

static uint32_t prefix_network(uint32_t number)
{
	/* 2^23 places from 16/8 to 144/8; 127/8 is given to what no scene has as many prefixes to reach. */
	uint32_t place = (uint32_t)(number * SCATTER) & 0x7fffff;
	uint32_t network = 0x10000000U + (place << 8);

	return network >> 24 == 127 ? network + (24U << 24) : network;
}

uint32_t scene_prefix_addr(uint32_t number)
{
	return prefix_network(number) | (scene_prefix_bits(number) == 24 ? 77 : 0);
}

uint32_t scene_index(const struct scene *scene, enum scene_device class, uint32_t number)
{
	return scene->ruleset->devices[scene->first[class] + number].index;
}

static uint32_t class_size(const struct scene_size *size, enum scene_device class)
{
	if (class == SCENE_FENCED)
		return size->devices;
	if (class == SCENE_OFF)
		return size->plain ? 0 : SCENE_ACTIVE;
	if (class == SCENE_NAMES_MANY)
		return size->names ? SCENE_LEARNERS : 0;
	return size->names ? SCENE_ACTIVE : 0;
}

/* ---- the policy ---- */

static void write_prefix_rule(FILE *out, uint32_t n)
{
	fprintf(out, "      - {proto: udp, port: %d-%d, allow: [", SCENE_PORT_OPEN, SCENE_PORT_OPEN + 999);
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t network = prefix_network(i);

		fprintf(out, "%s%u.%u.%u.%u/%u", i ? ", " : "", network >> 24, network >> 16 & 255, network >> 8 & 255,
			network & 255, scene_prefix_bits(i));
	}
	fprintf(out, ", \"2001:db8:%x::/48\"]}\n", SCENE_SITE);
}

static void write_profile(FILE *out, enum scene_device class, const struct scene_size *size, uint32_t names)
{
	fprintf(out, "  %s:\n    default: deny\n    services: [dhcp, dns]\n    rules:\n", class_names[class]);
	for (uint32_t i = 0; i < size->rules; i++)
		fprintf(out, "      - {proto: udp, port: %u, allow: internet}\n", 10000 + i);
	write_prefix_rule(out, size->prefixes);
	fprintf(out, "      - {proto: tcp, port: %d-%d, allow: %s}\n", SCENE_FLOW_PORT, SCENE_FLOW_PORT + 1,
		SCENE_FLOW_ADDR);
	for (uint32_t i = 0; i < names; i++)
		fprintf(out, "      - {allow: host%u.vendor.example, proto: udp, port: %d}\n", i, SCENE_NAME_PORT);
}

static void write_devices(FILE *out, const struct scene_size *size)
{
	fputs("devices:\n", out);
	for (int class = 0; class < SCENE_CLASSES; class ++)
		for (uint32_t i = 0; i < class_size(size, class); i++) {
			const uint64_t mac = scene_mac(class, i);

			fprintf(out, "  %s-%u: {mac: \"%02x:%02x:%02x:%02x:%02x:%02x\", profile: %s%s}\n",
				class_names[class], i, (unsigned int)(mac >> 40), (unsigned int)(mac >> 32 & 255),
				(unsigned int)(mac >> 24 & 255), (unsigned int)(mac >> 16 & 255),
				(unsigned int)(mac >> 8 & 255), (unsigned int)(mac & 255),
				class == SCENE_OFF ? class_names[SCENE_FENCED] : class_names[class],
				class == SCENE_OFF ? ", mode: off" : "");
		}
}

int scene_policy(const struct scene_size *size, char **ret_text, size_t *ret_len)
{
	FILE *out = open_memstream(ret_text, ret_len);

	if (!out)
		return -errno;
	fputs("attach: {ports: [bench0]}\n"
	      "network: {local: [192.168.0.0/16], gateway: [192.168.0.1], resolvers: [192.168.0.1]}\n"
	      "profiles:\n",
	      out);
	write_profile(out, SCENE_FENCED, size, 0);
	if (size->names) {
		write_profile(out, SCENE_NAMES_FEW, size, SCENE_FEW);
		write_profile(out, SCENE_NAMES_MANY, size, SCENE_MANY);
		write_profile(out, SCENE_NAMES_HUGE, size, SCENE_HUGE);
	}
	write_devices(out, size);
	return fclose(out) ? -errno : 0;
}

static int compile(struct scene *scene)
{
	const struct ruleset_input input = {.generation = 1, .seed = SEED, .name_seed = SEED};
	AUTO_DIAGS struct diags diags = {0};
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int err = scene_policy(&scene->size, &text, &len);

	if (!err)
		err = policy_read_text("bench", text, len, &diags, &scene->policy);
	if (!err)
		err = ruleset_compile(scene->policy, &input, &diags, &scene->ruleset);
	if (err)
		diags_print(&diags, stderr);
	return err;
}

/* Where each class begins: devices stand in the order of the file. */
static int find_classes(struct scene *scene)
{
	uint32_t at = 0;

	for (int class = 0; class < SCENE_CLASSES; class ++) {
		char name[32];

		scene->first[class] = at;
		if (!class_size(&scene->size, class))
			continue;
		snprintf(name, sizeof(name), "%s-0", class_names[class]);
		if (at >= scene->ruleset->n_devices || strcmp(scene->ruleset->devices[at].device->name, name) != 0) {
			fprintf(stderr, "bench: device %s is not where the policy has it\n", name);
			return -EPROTO;
		}
		at += class_size(&scene->size, class);
	}
	return 0;
}

int scene_open(const struct scene_size *size, struct scene *ret_scene)
{
	const struct datapath_options options = {.pin_dir = size->pin_dir, .without_flows = size->each};
	struct fault fault = {{0}};
	struct scene scene = {.size = *size};
	int err = compile(&scene);

	if (!err)
		err = find_classes(&scene);
	if (!err) {
		const struct ruleset_sizes need = ruleset_sizes(scene.ruleset);

		err = datapath_open(&options, &need, &fault, &scene.datapath);
		if (!err)
			err = datapath_stage(scene.datapath, scene.ruleset);
		if (!err)
			err = load_xdp(scene.datapath); /* which otherwise waits for a port that needs it */
		if (err)
			fprintf(stderr, "bench: %u devices, %u prefixes: %s\n", size->devices, size->prefixes,
				fault.text[0] ? fault.text : strerror(-err));
	}
	if (err) {
		scene_close(&scene);
		return err;
	}
	datapath_flip(scene.datapath);
	*ret_scene = scene;
	return 0;
}

void scene_close(struct scene *scene)
{
	datapath_close(scene->datapath);
	ruleset_free(scene->ruleset);
	policy_free(scene->policy);
	*scene = (struct scene){0};
}

/* ---- keys ---- */

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL; /* Knuth, MMIX */
	return (uint32_t)(*state >> 33);
}

/* As loads of four and two bytes see the six bytes of an address. */
static void set_macs(struct bench_key *key, uint64_t dst, uint64_t src)
{
	key->dst_mac_high = htonl((uint32_t)(dst >> 16));
	key->dst_mac_low = htons((uint16_t)dst);
	key->src_mac_high = htons((uint16_t)(src >> 32));
	key->src_mac_low = htonl((uint32_t)src);
}

void scene_key(const struct scene_keys *what, uint32_t device, uint32_t prefix, struct bench_key *key)
{
	const uint64_t mac =
		what->traffic == SCENE_UNKNOWN ? scene_unknown_mac(device) : scene_mac(what->class, device);
	const uint32_t own = scene_device_addr(device);
	uint32_t remote = scene_prefix_addr(prefix);
	uint16_t own_port = (uint16_t)(20000 + prefix % 16), remote_port = SCENE_PORT_OPEN;

	if (what->traffic == SCENE_ANSWERS) {
		remote = 0xc0a8fa00U | prefix % 200;
		own_port = SCENE_PORT_INBOUND;
		remote_port = 30000;
	}
	set_macs(key, what->to ? mac : ROUTER_MAC, what->to ? ROUTER_MAC : mac);
	key->saddr = htonl(what->to ? remote : own);
	key->daddr = htonl(what->to ? own : remote);
	key->sport = htons(what->to ? remote_port : own_port);
	key->dport = htons(what->to ? own_port : remote_port);
}

size_t scene_keys(const struct scene *scene, const struct scene_keys *what, struct bench_key *keys)
{
	const uint32_t n_devices = class_size(&scene->size, what->class);
	const uint32_t active = n_devices < SCENE_ACTIVE ? n_devices : SCENE_ACTIVE;
	const uint32_t first_prefix = what->traffic == SCENE_DENIED ? scene->size.prefixes : 0;
	const size_t n = what->cold ? SCENE_COLD_KEYS : active * SCENE_REMOTES;
	uint64_t state = SEED;

	memset(keys, 0, n * sizeof(*keys));
	for (size_t i = 0; i < n; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a scene has at least one of each, see its option. */
		uint32_t device = (uint32_t)i % active, prefix = (uint32_t)i % scene->size.prefixes;

		/* Devices spread over the table as they happen to be, not its first ones side by side. */
		if (n_devices > active)
			device = device * (n_devices / active);
		if (what->cold) {
			device = next_random(&state) % n_devices;
			prefix = next_random(&state) % scene->size.prefixes;
		}
		scene_key(what, device, first_prefix + prefix, &keys[i]);
		keys[i].device = what->traffic == SCENE_UNKNOWN ? 0 : scene_index(scene, what->class, device);
	}
	return n;
}
