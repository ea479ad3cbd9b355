// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of `profiles`.
 */
#include <string.h>

#include "../common/text.h"
#include "reader.h"

#define ETHERTYPE_MIN 0x0600 /* IEEE 802.3: below it the field is a length */
#define ETHERTYPE_MAX 0xffff

/* So many different ethertypes are registered at most; more are repeats. */
#define ETHERTYPES_MAX 64

static void read_default(struct reader *r, const struct node *node, void *object)
{
	static const char *const words[] = {
		[POLICY_ALLOW] = "allow",
		[POLICY_DENY] = "deny",
		[POLICY_REJECT] = "reject",
		NULL,
	};
	struct policy_profile *profile = object;
	int i = reader_word(r, node, words, "`default`");

	if (i < 0)
		return;
	profile->default_action = (enum policy_action)i;
	profile->default_pos = node->pos;
	if (i == POLICY_REJECT)
		reader_feature(r, node->pos, FEATURE_REJECT);
}

static void read_services(struct reader *r, const struct node *node, void *object)
{
#define SERVICE_WORD(name, word) word,
	static const char *const words[] = {POLICY_SERVICES(SERVICE_WORD) NULL};
	struct policy_profile *profile = object;
	const struct node *item;
	struct items items;

	profile->services = 0;
	profile->services_pos = node->pos;
	if (!reader_list(r, node, "`services`", &items))
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		int service = reader_word(r, item, words, "a service");

		if (service < 0)
			continue;
		if (profile->services & 1u << service)
			reader_error(r, item->pos, "service %s is there twice", words[service]);
		profile->services |= 1u << service;
	}
}

static void read_dns(struct reader *r, const struct node *node, void *object)
{
	static const char *const words[] = {"any", "listed", NULL};
	int i = reader_word(r, node, words, "`dns`");

	if (i >= 0)
		((struct policy_profile *)object)->dns_listed = i;
}

static void read_profile_rules(struct reader *r, const struct node *node, void *object)
{
	read_rules(r, node, RULE_OUT, &((struct policy_profile *)object)->rules);
}

static void read_inbound(struct reader *r, const struct node *node, void *object)
{
	struct policy_profile *profile = object;

	profile->has_inbound = true;
	read_rules(r, node, RULE_IN, &profile->inbound);
}

/* What the core itself reads must not be let through unread; NULL: nothing of it. */
static const char *core_ethertype(uint64_t type)
{
	switch (type) {
	case 0x0800:
		return "IPv4";
	case 0x86dd:
		return "IPv6";
	case 0x0806:
		return "ARP";
	case 0x8100: /* 802.1Q */
	case 0x88a8: /* 802.1ad */
	case 0x9100: /* its forerunner */
		return "a VLAN tag";
	case 0x888e:
		return "EAPOL";
	default:
		return NULL;
	}
}

static void read_ethertype(struct reader *r, const struct node *node, struct policy_profile *profile)
{
	const char *text = reader_scalar(r, node, "an ethertype"), *core;
	bool twice = false;
	uint64_t type;

	if (!text)
		return;
	if (strcmp(text, "llc") == 0) {
		twice = profile->llc;
		profile->llc = true;
	} else if (!text_to_u64_hex(text, ETHERTYPE_MAX, &type) || type < ETHERTYPE_MIN) {
		reader_error(r, node->pos, "\"%s\" is no ethertype", text);
		reader_hint(r, "it is a number from 0x0600 to 0xffff, or llc");
		return;
	} else if ((core = core_ethertype(type))) {
		reader_error(r, node->pos, "%s is %s, which cannot be let through unread", text, core);
		reader_hint(r, "ARP and EAPOL always pass; IPv4 and IPv6 are decided by rules");
		return;
	} else {
		for (size_t i = 0; i < profile->n_ethertypes; i++)
			twice |= profile->ethertypes[i] == type;
		if (!twice)
			profile->ethertypes[profile->n_ethertypes++] = (uint16_t)type;
	}
	if (twice)
		reader_error(r, node->pos, "ethertype %s is there twice", text);
}

static void read_ethertypes(struct reader *r, const struct node *node, void *object)
{
	struct policy_profile *profile = object;
	const struct node *item;
	struct items items;

	if (!reader_list(r, node, "`ethertypes`", &items) || !items.count)
		return;
	if (items.count > ETHERTYPES_MAX) {
		reader_error(r, node->pos, "more than %d ethertypes", ETHERTYPES_MAX);
		return;
	}
	profile->ethertypes = reader_array(r, items.count, sizeof(*profile->ethertypes));
	if (!profile->ethertypes)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next)
		read_ethertype(r, item, profile);
}

static const struct key profile_keys[] = {
	{.name = "default", .read = read_default, .required = true},
	{.name = "services", .read = read_services},
	{.name = "dns", .read = read_dns},
	{.name = "deny-names", .read = read_deny_names},
	{.name = "rules", .read = read_profile_rules},
	{.name = "inbound", .read = read_inbound},
	{.name = "ethertypes", .read = read_ethertypes},
	{.name = "limit", .read = read_limit, .feature = FEATURE_LIMIT},
};

const struct key_table keys_profile = KEY_TABLE("profile", "a profile", profile_keys);

void read_profile(struct reader *r, const struct entry *entry, struct policy_profile *profile)
{
	uint32_t seen;

	profile->name = entry->name;
	profile->pos = entry->pos;
	profile->services = 1u << POLICY_SERVICE_DHCP | 1u << POLICY_SERVICE_DNS;
	if (strcmp(entry->name, "quarantine") == 0 || strcmp(entry->name, "monitor") == 0) {
		reader_error(r, entry->pos, "a profile cannot be called \"%s\"", entry->name);
		reader_hint(r, "in `unknown: %s` the word has a meaning of its own", entry->name);
	}
	reader_map(r, &keys_profile, entry->value, profile, &seen);
}
