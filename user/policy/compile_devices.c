// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: their indices, the device table, and what identify and user space need besides.
 *
 * An index outlives reloads (counters, connections and learned names stand under it), so a device keeps the one it had.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/hash.h"
#include "compile.h"
#include "table.h"

#define INDEX_NONE UINT32_MAX

static int index_compare(const void *name, const void *item)
{
	const struct ruleset_index *index = item;

	return strcmp(name, index->name);
}

static uint32_t index_before(const struct ruleset_input *input, const char *name)
{
	const struct ruleset_index *found = NULL;

	if (input->n_indices)
		found = bsearch(name, input->indices, input->n_indices, sizeof(*input->indices), index_compare);
	return found && found->device >= RF_UNKNOWN_DEVICES && found->device < RULESET_DEVICES_MAX ? found->device
												   : INDEX_NONE;
}

int compile_indices(struct compiler *c)
{
	struct ruleset *ruleset = c->ruleset;
	uint32_t next = RF_UNKNOWN_DEVICES;
	AUTO_FREE bool *taken = NULL;

	ruleset->n_indices = RF_UNKNOWN_DEVICES;
	taken = calloc(RULESET_DEVICES_MAX, sizeof(*taken));
	if (!taken)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->n_devices; i++) {
		uint32_t index = index_before(c->input, c->policy->devices[i].name);

		if (index != INDEX_NONE && taken[index])
			index = INDEX_NONE;
		if (index != INDEX_NONE)
			taken[index] = true;
		ruleset->devices[i] = (struct ruleset_device){.index = index, .device = &c->policy->devices[i]};
	}
	for (uint32_t i = 0; i < ruleset->n_devices; i++) {
		struct ruleset_device *device = &ruleset->devices[i];

		while (device->index == INDEX_NONE) {
			if (!taken[next])
				device->index = next;
			next++;
		}
		if (device->index >= ruleset->n_indices)
			ruleset->n_indices = device->index + 1;
	}
	return 0;
}

/* May it claim an address of the gateway in ARP and ND? Only if the policy says that it is its own: a range is nobody's own. */
static bool is_gateway(const struct compiler *c, const struct policy_device *device)
{
	for (uint32_t g = 0; g < c->ruleset->bank.n_gateways; g++) {
		struct addr gateway = addr_from_wire(c->ruleset->bank.gateway[g]);

		for (size_t i = 0; i < device->n_addresses; i++)
			if (device->addresses[i].len == ADDR_BITS && prefix_contains(&device->addresses[i], &gateway))
				return true;
	}
	return false;
}

static uint64_t device_key(const struct compiler *c, const struct policy_device *device)
{
	uint64_t flags = RF_DEVICE_VALID;

	if (device->n_ports)
		flags |= RF_DEVICE_PORTS;
	if (device->vlan)
		flags |= RF_DEVICE_VLAN;
	if (device->n_addresses)
		flags |= RF_DEVICE_ADDRESSES;
	if (is_gateway(c, device))
		flags |= RF_DEVICE_GATEWAY;
	return (uint64_t)device->mode << RF_DEVICE_MODE_SHIFT | flags << RF_DEVICE_FLAGS_SHIFT;
}

static uint64_t mac_number(const struct mac *mac)
{
	uint64_t number = 0;

	for (int i = 0; i < MAC_BYTES; i++)
		number = number << 8 | mac->bytes[i];
	return number;
}

static struct rf_device_slot *add_slots(const struct compiler *c, const struct ruleset_device *device,
					struct rf_device_slot *slots)
{
	uint64_t key = device_key(c, device->device);

	for (size_t i = 0; i < device->device->n_macs; i++)
		*slots++ = (struct rf_device_slot){
			.key = key | mac_number(&device->device->macs[i]),
			.device = device->index,
			.profile = device->profile,
		};
	return slots;
}

/* An entry that does not stand in its first bucket says so there: whoever finds no such mark need not look in the second. */
static void mark_spilled(struct ruleset *ruleset, uint64_t hash, uint32_t bucket)
{
	uint32_t first = rf_place_first(hash, ruleset->bank.bucket_mask);

	if (first != bucket)
		ruleset->buckets[first].slot[0].key |= (uint64_t)RF_DEVICE_SPILLED << RF_DEVICE_FLAGS_SHIFT;
}

/* The buckets of these slots. */
static int fill_buckets(struct compiler *c, const struct rf_device_slot *slots, uint32_t n)
{
	struct ruleset *ruleset = c->ruleset;
	AUTO_FREE uint64_t *hashes = NULL;
	struct table table = {0};
	int r;

	hashes = malloc((n ? n : 1) * sizeof(*hashes));
	if (!hashes)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		hashes[i] = rf_mac_hash(slots[i].key & RF_MAC_MASK, c->input->seed);
	r = table_build(hashes, n, &table);
	if (r == -E2BIG)
		return compile_limit(c, (struct diag_pos){0},
				     "no place for %u MAC addresses in their table: try another seed", n);
	if (r)
		return r;
	ruleset->buckets = calloc(table.n_buckets, sizeof(*ruleset->buckets));
	ruleset->n_buckets = table.n_buckets;
	ruleset->bank.bucket_mask = table.n_buckets - 1;
	for (uint32_t i = 0; i < table.n_buckets * RF_BUCKET_SLOTS && ruleset->buckets; i++)
		if (table.slots[i] != TABLE_FREE)
			ruleset->buckets[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS] = slots[table.slots[i]];
	for (uint32_t i = 0; i < table.n_buckets * RF_BUCKET_SLOTS && ruleset->buckets; i++)
		if (table.slots[i] != TABLE_FREE)
			mark_spilled(ruleset, hashes[table.slots[i]], i / RF_BUCKET_SLOTS);
	table_free(&table);
	return ruleset->buckets ? 0 : -ENOMEM;
}

static int add_ident(struct compiler *c, const struct policy_device *device, struct rf_ident *ident)
{
	int r = 0;

	if (device->n_ports > RF_IDENT_PORTS)
		r = compile_limit(c, device->pos, "device %s is bound to %zu ports, at most %d are possible",
				  device->name, device->n_ports, RF_IDENT_PORTS);
	if (device->n_addresses > RF_IDENT_ADDRESSES)
		r = compile_limit(c, device->pos, "device %s has %zu addresses, at most %d are possible: use prefixes",
				  device->name, device->n_addresses, RF_IDENT_ADDRESSES);
	if (r)
		return r;
	ident->n_ports = (uint8_t)device->n_ports;
	ident->vlan = device->vlan;
	ident->n_addresses = (uint8_t)device->n_addresses;
	for (size_t i = 0; i < device->n_addresses; i++) {
		ident->address[i] = addr_to_wire(&device->addresses[i].addr);
		ident->prefix_len[i] = device->addresses[i].len;
	}
	return 0;
}

static int add_info(struct compiler *c, const struct policy_device *device, struct rf_device_info *info)
{
	const char *profile = c->policy->profiles[device->profile].name;

	if (strlen(device->name) >= RF_NAME_MAX || strlen(profile) >= RF_NAME_MAX)
		return compile_limit(c, device->pos, "device %s, profile %s: a name is at most %d bytes", device->name,
				     profile, RF_NAME_MAX - 1);
	snprintf(info->name, sizeof(info->name), "%s", device->name);
	snprintf(info->profile, sizeof(info->profile), "%s", profile);
	info->mode = (uint8_t)device->mode;
	return 0;
}

static int add_tables(struct compiler *c)
{
	struct ruleset *ruleset = c->ruleset;
	int result = 0;

	ruleset->idents = calloc(ruleset->n_indices, sizeof(*ruleset->idents));
	ruleset->infos = calloc(ruleset->n_indices, sizeof(*ruleset->infos));
	if (!ruleset->idents || !ruleset->infos)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->n_devices; i++) {
		const struct ruleset_device *device = &ruleset->devices[i];
		int r = add_ident(c, device->device, &ruleset->idents[device->index]);

		if (!r)
			r = add_info(c, device->device, &ruleset->infos[device->index]);
		if (r)
			result = r; /* go on: all devices that are wrong are told in one run */
	}
	return result;
}

int compile_devices(struct compiler *c)
{
	struct ruleset *ruleset = c->ruleset;
	AUTO_FREE struct rf_device_slot *slots = NULL;
	struct rf_device_slot *end;
	size_t n = 0;
	int r;

	r = add_tables(c);
	if (r)
		return r;
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		n += ruleset->devices[i].device->n_macs;
	if (n > RULESET_DEVICES_MAX)
		return compile_limit(c, (struct diag_pos){0}, "%zu MAC addresses, at most %u are possible", n,
				     RULESET_DEVICES_MAX);
	slots = malloc((n ? n : 1) * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	end = slots;
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		end = add_slots(c, &ruleset->devices[i], end);
	return fill_buckets(c, slots, (uint32_t)(end - slots));
}
