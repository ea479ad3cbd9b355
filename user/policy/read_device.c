// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of `devices`, `groups` and `lists`.
 */
#include <errno.h>
#include <string.h>

#include "../common/text.h"
#include "reader.h"

/* IEEE 802.1Q: 0 is no VLAN, 4095 is reserved. */
#define VLAN_MIN 1
#define VLAN_MAX 4094

static uint32_t device_index(const struct reader *r, const struct policy_device *device)
{
	return (uint32_t)(device - r->policy->devices);
}

/* Two claims of one key are an error that names who was first. */
static void report_claim(struct reader *r, const struct node *node, const struct policy_device *device, uint32_t owner)
{
	const struct policy_device *first = &r->policy->devices[owner];

	if (first == device) {
		reader_error(r, node->pos, "%s is there twice", node->text);
		return;
	}
	reader_error(r, node->pos, "%s belongs to device \"%s\" already", node->text, first->name);
	reader_hint(r, "\"%s\" is at line %u", first->name, first->pos.line);
}

static void claim_mac(struct reader *r, const struct node *node, const struct policy_device *device,
		      const struct mac *mac)
{
	uint32_t owner;
	int added = index_add(&r->macs, mac, sizeof(*mac), device_index(r, device), &owner);

	if (added == -EEXIST)
		report_claim(r, node, device, owner);
	else if (added < 0)
		r->no_memory = true;
}

static void read_one_mac(struct reader *r, const struct node *node, struct policy_device *device)
{
	const char *text = reader_scalar(r, node, "a MAC address");
	struct mac mac;

	if (!text)
		return;
	if (!mac_parse(text, &mac)) {
		reader_error(r, node->pos, "\"%s\" is no MAC address", text);
		reader_hint(r, "it is six bytes: 00:62:6e:93:41:75");
	} else if (mac_is_multicast(&mac)) {
		reader_error(r, node->pos, "%s is a multicast address: no device sends from it", text);
	} else if (mac_is_zero(&mac)) {
		reader_error(r, node->pos, "%s is no device's address", text);
	} else {
		device->macs[device->n_macs] = mac;
		claim_mac(r, node, device, &device->macs[device->n_macs++]);
	}
}

static void read_mac(struct reader *r, const struct node *node, void *object)
{
	struct policy_device *device = object;
	const struct node *item;
	struct items items;

	if (!reader_items(r, node, "the MAC address", &items))
		return;
	device->macs = reader_array(r, items.count, sizeof(*device->macs));
	if (!device->macs)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next)
		read_one_mac(r, item, device);
}

static void read_device_profile(struct reader *r, const struct node *node, void *object)
{
	const char *name = reader_scalar(r, node, "`profile`");

	if (name)
		((struct policy_device *)object)->profile = reader_refer(r, NAMES_PROFILES, name, node->pos);
}

static void read_mode(struct reader *r, const struct node *node, void *object)
{
#define MODE_WORD(name, word) word,
	static const char *const words[] = {POLICY_MODES(MODE_WORD) NULL};
	int i = reader_word(r, node, words, "`mode`");

	if (i >= 0)
		((struct policy_device *)object)->mode = (enum policy_mode)i;
}

static bool has_string(const struct policy_strings *strings, const char *text)
{
	for (size_t i = 0; i < strings->n_items; i++)
		if (strcmp(strings->items[i], text) == 0)
			return true;
	return false;
}

/* A device can only be behind a port that is fenced. */
static void check_port(struct reader *r, const struct node *node)
{
	const struct policy *policy = r->policy;

	if (node->kind != NODE_SCALAR)
		return;
	if (has_string(&policy->uplinks, node->text)) {
		reader_error(r, node->pos, "\"%s\" is an uplink: devices are not policed there", node->text);
	} else if (policy->ports.n_items && !has_string(&policy->ports, node->text)) {
		reader_error(r, node->pos, "\"%s\" is none of the `ports` of `attach`", node->text);
	}
}

static void read_device_ports(struct reader *r, const struct node *node, void *object)
{
	struct policy_device *device = object;
	struct policy_strings ports;

	if (node->kind == NODE_LIST && !node->count) {
		reader_error(r, node->pos, "`ports` is empty: the device could be nowhere");
		return;
	}
	ports = read_ifnames(r, node, "`ports`");
	device->ports = ports.items;
	device->n_ports = ports.n_items;
	if (node->kind == NODE_LIST)
		for (const struct node *item = node->first; item; item = item->next)
			check_port(r, item);
}

static void read_vlan(struct reader *r, const struct node *node, void *object)
{
	const char *text = reader_scalar(r, node, "`vlan`");
	uint64_t vlan;

	if (!text)
		return;
	if (!text_to_u64(text, VLAN_MAX, &vlan) || vlan < VLAN_MIN)
		reader_error(r, node->pos, "`vlan` must be a number from %d to %d, not \"%s\"", VLAN_MIN, VLAN_MAX,
			     text);
	else
		((struct policy_device *)object)->vlan = (uint16_t)vlan;
}

/* One address belongs to one device; a prefix is a range that several may share. */
static void claim_address(struct reader *r, const struct node *node, struct policy_device *device,
			  const struct prefix *prefix)
{
	struct prefix *kept = &device->addresses[device->n_addresses++];
	uint32_t owner;
	int added;

	*kept = *prefix;
	if (prefix->len < ADDR_BITS)
		return;
	added = index_add(&r->addresses, &kept->addr, sizeof(kept->addr), device_index(r, device), &owner);
	if (added == -EEXIST)
		report_claim(r, node, device, owner);
	else if (added < 0)
		r->no_memory = true;
}

static void read_address(struct reader *r, const struct node *node, struct policy_device *device)
{
	const char *text = reader_scalar(r, node, "an address");
	enum addr_status status;
	struct prefix prefix;

	if (!text)
		return;
	if (strcmp(text, "dhcp") == 0) {
		device->addresses_dhcp = true;
		reader_feature(r, node->pos, FEATURE_ADDRESSES_DHCP);
		return;
	}
	status = prefix_parse(text, &prefix);
	if (status != ADDR_OK)
		read_prefix_error(r, node, status, &prefix);
	else if (addr_is_multicast(&prefix.addr))
		reader_error(r, node->pos, "\"%s\" is multicast: no device sends from it", text);
	else if (prefix.len == ADDR_BITS && addr_is_zero(&prefix.addr))
		reader_error(r, node->pos, "\"%s\" is the address of no device", text);
	else
		claim_address(r, node, device, &prefix);
}

static void read_addresses(struct reader *r, const struct node *node, void *object)
{
	struct policy_device *device = object;
	const struct node *item;
	struct items items;

	if (!reader_items(r, node, "the address", &items))
		return;
	device->addresses = reader_array(r, items.count, sizeof(*device->addresses));
	if (!device->addresses)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next)
		read_address(r, item, device);
}

static void read_device_rules(struct reader *r, const struct node *node, void *object)
{
	read_rules(r, node, RULE_OUT, &((struct policy_device *)object)->rules);
}

static const struct key device_keys[] = {
	{.name = "mac", .read = read_mac, .required = true},
	{.name = "profile", .read = read_device_profile, .required = true},
	{.name = "mode", .read = read_mode},
	{.name = "ports", .read = read_device_ports},
	{.name = "vlan", .read = read_vlan},
	{.name = "addresses", .read = read_addresses},
	{.name = "rules", .read = read_device_rules},
};

const struct key_table keys_device = KEY_TABLE("device", "a device", device_keys);

void read_device(struct reader *r, const struct entry *entry, struct policy_device *device)
{
	uint32_t seen;

	device->name = entry->name;
	device->pos = entry->pos;
	device->profile = POLICY_NONE;
	reader_map(r, &keys_device, entry->value, device, &seen);
}

void read_group(struct reader *r, const struct entry *entry, struct policy_group *group)
{
	AUTO_INDEX struct index seen = {0};
	const struct node *item;
	struct items items;

	group->name = entry->name;
	group->pos = entry->pos;
	if (!reader_list(r, entry->value, "a group", &items) || !items.count)
		return;
	group->devices = reader_array(r, items.count, sizeof(*group->devices));
	if (!group->devices)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		const char *name = reader_scalar(r, item, "a device");
		uint32_t device;

		if (!name)
			continue;
		device = reader_refer(r, NAMES_DEVICES, name, item->pos);
		if (device != POLICY_NONE && reader_once(r, item, &seen))
			group->devices[group->n_devices++] = device;
	}
}

static void read_file(struct reader *r, const struct node *node, void *object)
{
	const char *text = reader_scalar(r, node, "`file`");

	if (text)
		((struct policy_list *)object)->file = reader_text(r, text);
}

static const struct key list_keys[] = {
	{.name = "file", .read = read_file, .required = true},
};

const struct key_table keys_list = KEY_TABLE("list", "a list", list_keys);

void read_list(struct reader *r, const struct entry *entry, struct policy_list *list)
{
	uint32_t seen;

	list->name = entry->name;
	list->pos = entry->pos;
	reader_map(r, &keys_list, entry->value, list, &seen);
}
