// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compiled form as text: what the datapath reads, in words.
 *
 * Everything is read back from the arrays. Lists are numbered in the order in which they are first met, and tables
 * are printed sorted, so the text depends neither on the seed nor on where things stand.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset_walk.h"

struct printer {
	const struct ruleset *ruleset;
	FILE *out;
	uint32_t *list_of_chunk; /* its number + 1; 0: not met yet */
	uint32_t *chunk_of_list;
	uint32_t n_lists;
	uint32_t *profile_of_root;  /* + 1, the profile under which the tree was printed */
	struct rf_peer_slot *peers; /* sorted by key: by profile, set and device */
	uint32_t n_peers, next_peer;
	const char *set; /* of the tree that is being printed */
};

#define X(name, text) [RF_MODE_##name] = text,
static const char *const mode_texts[RF_MODE_COUNT] = {RF_MODE_LIST(X)};
#undef X

#define X(name, text, verdict, sentence) [RF_REASON_##name] = text,
static const char *const reason_texts[RF_REASON_COUNT] = {RF_REASON_LIST(X)};
#undef X

static const char *const set_texts[RF_SET_COUNT] = {[RF_SET_OUT] = "out", [RF_SET_IN] = "in"};

struct flag_text {
	uint32_t flag;
	const char *text;
};

static void print_flags(FILE *out, uint32_t flags, const struct flag_text *texts)
{
	for (; texts->text; texts++)
		if (flags & texts->flag)
			fprintf(out, ", %s", texts->text);
}

static uint32_t list_number(struct printer *p, uint32_t chunk)
{
	if (!p->list_of_chunk[chunk]) {
		p->chunk_of_list[p->n_lists] = chunk;
		p->list_of_chunk[chunk] = ++p->n_lists;
	}
	return p->list_of_chunk[chunk];
}

static void print_wire(const struct rf_addr *wire, FILE *out)
{
	struct addr addr = addr_from_wire(*wire);
	char text[ADDR_TEXT_MAX];

	fputs(addr_format(&addr, text), out);
}

static void print_hosts(const char *word, const struct rf_addr *hosts, uint32_t n, FILE *out)
{
	fprintf(out, "%s:", word);
	for (uint32_t i = 0; i < n; i++) {
		fputc(' ', out);
		print_wire(&hosts[i], out);
	}
	fputs(n ? "\n" : " none\n", out);
}

static void print_bank(struct printer *p)
{
	const struct rf_bank *bank = &p->ruleset->bank;

	fprintf(p->out, "unknown: profile %u, mode %s\n", bank->unknown_profile, mode_texts[bank->unknown_mode]);
	print_hosts("gateways", bank->gateway, bank->n_gateways, p->out);
	print_hosts("resolvers", bank->resolver, bank->n_resolvers, p->out);
}

static void print_rule(const struct ruleset *ruleset, uint32_t id, FILE *out)
{
	const struct ruleset_rule *rule = &ruleset->rules[id];

	fprintf(out, "rule %u: ", id);
	if (rule->rule) {
		fprintf(out, "line %u ", rule->line);
		policy_print_rule(ruleset->policy, rule->rule, out);
	} else {
		fputs(rule->text, out);
	}
	fputc('\n', out);
}

/* How many of the address's last bits the range covers, if it is a prefix; else -1. */
static int range_bits(const struct range *range)
{
	uint64_t hi = range->first.hi ^ range->last.hi;
	uint64_t lo = range->first.lo ^ range->last.lo;
	bool low_ones = (lo & (lo + 1)) == 0;
	bool high_ones = (hi & (hi + 1)) == 0;

	if (!low_ones || !high_ones || (hi && lo != UINT64_MAX))
		return -1;
	if (range->first.hi & hi || range->first.lo & lo)
		return -1;
	return __builtin_popcountll(hi) + __builtin_popcountll(lo);
}

static void print_range(const struct range *range, enum family family, FILE *out)
{
	struct prefix prefix = {.addr = address_of_key(family, range->first)};
	struct addr last = address_of_key(family, range->last);
	int bits = range_bits(range);
	char text[ADDR_TEXT_MAX];

	if (bits < 0) {
		fprintf(out, "%s-", addr_format(&prefix.addr, text));
		fputs(addr_format(&last, text), out);
		return;
	}
	prefix.len = (uint8_t)(ADDR_BITS - bits);
	fputs(prefix_format(&prefix, text), out);
}

struct tree_print {
	struct printer *printer;
	enum family family;
};

static void print_interval(const struct ruleset_interval *interval, void *data)
{
	struct tree_print *tree = data;
	struct printer *p = tree->printer;

	fprintf(p->out, "  %s ", p->set);
	print_range(&interval->range, tree->family, p->out);
	fprintf(p->out, ": list %u\n", list_number(p, interval->chunk));
}

static void print_tree(struct printer *p, uint32_t profile, enum family family, uint32_t root)
{
	struct tree_print tree = {.printer = p, .family = family};

	if (p->profile_of_root[root]) {
		fprintf(p->out, "  %s ipv%d: as profile %u\n", p->set, family == FAMILY_4 ? 4 : 6,
			p->profile_of_root[root] - 1);
		return;
	}
	p->profile_of_root[root] = profile + 1;
	ruleset_walk(p->ruleset, family, root, print_interval, &tree);
}

/* Profiles and sets are printed in the order of the keys. */
static void print_peers(struct printer *p, uint32_t profile, enum rf_rule_set set)
{
	for (; p->next_peer < p->n_peers; p->next_peer++) {
		const struct rf_peer_slot *peer = &p->peers[p->next_peer];
		uint64_t device = peer->key - rf_peer_key(profile, set, 0);

		if (device > UINT32_MAX)
			return;
		fprintf(p->out, "  %s device %u: list %u\n", set_texts[set], (uint32_t)device,
			list_number(p, peer->chunk));
	}
}

/* Whose profile it is. The line of a device says which one it has. */
static void print_owner(const struct printer *p, uint32_t number)
{
	const struct policy *policy = p->ruleset->policy;

	if (number < RF_PROFILE_FIRST) {
		fputs(number == RF_PROFILE_QUARANTINE ? " (quarantine)" : " (unknown)", p->out);
		return;
	}
	if (number - RF_PROFILE_FIRST < policy->n_profiles) {
		fprintf(p->out, " (%s)", policy->profiles[number - RF_PROFILE_FIRST].name);
		return;
	}
	fputs(" (of one device)", p->out);
}

static void print_profile(struct printer *p, uint32_t number)
{
	static const struct flag_text flags[] = {
		{RF_PROFILE_PEERS_OUT, "peers out"},
		{RF_PROFILE_PEERS_IN, "peers in"},
		{RF_PROFILE_NAMES, "names"},
		{RF_PROFILE_DNS_LISTED, "dns listed"},
		{RF_PROFILE_DENY_NAMES, "deny-names"},
		{RF_PROFILE_LLC, "llc"},
		{0, NULL},
	};
	const struct rf_profile *profile = &p->ruleset->profiles[number];

	fprintf(p->out, "profile %u", number);
	print_owner(p, number);
	print_flags(p->out, profile->flags, flags);
	for (uint32_t i = 0; i < profile->n_ethertypes; i++)
		fprintf(p->out, ", ethertype 0x%04x", profile->ethertypes[i]);
	fputc('\n', p->out);
	for (int set = 0; set < RF_SET_COUNT; set++) {
		p->set = set_texts[set];
		print_tree(p, number, FAMILY_4, profile->root4[set]);
		print_tree(p, number, FAMILY_6, profile->root6[set]);
		print_peers(p, number, (enum rf_rule_set)set);
	}
}

static void print_ports(const char *word, uint16_t lo, uint16_t hi, FILE *out)
{
	if (lo == 0 && hi == UINT16_MAX)
		return;
	fprintf(out, lo == hi ? " %s %u" : " %s %u-%u", word, lo, hi);
}

static void print_line(const struct ruleset_line *line, FILE *out)
{
	static const struct flag_text flags[] = {
		{RF_RULE_QUIET, "quiet"},
		{RF_RULE_DEFAULT, "default"},
		{LINE_LAST, "last"},
		{0, NULL},
	};
	const char *proto = policy_proto_text(line->proto);

	fprintf(out, "  %s ", line->flags & RF_RULE_DENY ? "drop" : "pass");
	if (line->flags & LINE_ANY_PROTO)
		fputs("any", out);
	else if (proto)
		fputs(proto, out);
	else
		fprintf(out, "proto %u", line->proto);
	print_ports("from", line->sport_lo, line->sport_hi, out);
	print_ports(line->flags & LINE_ICMP_TYPE ? "type" : "to", line->dport_lo, line->dport_hi, out);
	fprintf(out, ": %s, rule %u", reason_texts[line->reason], line->id);
	print_flags(out, line->flags, flags);
	fputc('\n', out);
}

static void print_list(const struct printer *p, uint32_t number)
{
	uint32_t chunk = p->chunk_of_list[number];

	fprintf(p->out, "list %u\n", number + 1);
	for (uint32_t i = 0;; i++) {
		const struct ruleset_line *line =
			&p->ruleset->chunks[chunk + i / RF_CHUNK_RULES].rule[i % RF_CHUNK_RULES];

		print_line(line, p->out);
		if (line->flags & LINE_LAST)
			return;
	}
}

static int slot_compare(const void *a, const void *b)
{
	const struct rf_device_slot *x = a, *y = b;
	uint64_t m = x->key & RF_MAC_MASK, n = y->key & RF_MAC_MASK;

	return m < n ? -1 : m > n;
}

static void print_slot(const struct printer *p, const struct rf_device_slot *slot)
{
	static const struct flag_text flags[] = {
		{RF_DEVICE_PORTS, "ports"},	{RF_DEVICE_VLAN, "vlan"},	{RF_DEVICE_ADDRESSES, "addresses"},
		{RF_DEVICE_GATEWAY, "gateway"}, {RF_DEVICE_UNKNOWN, "unknown"}, {0, NULL},
	};
	struct mac mac;
	char text[MAC_TEXT_MAX];

	for (int i = 0; i < MAC_BYTES; i++)
		mac.bytes[i] = (uint8_t)(slot->key >> (8 * (MAC_BYTES - 1 - i)));
	fprintf(p->out, "mac %s: device %u, profile %u, mode %s", mac_format(&mac, text), slot->device, slot->profile,
		mode_texts[(slot->key >> RF_DEVICE_MODE_SHIFT & 0xff) % RF_MODE_COUNT]);
	print_flags(p->out, (uint32_t)(slot->key >> RF_DEVICE_FLAGS_SHIFT), flags);
	fputc('\n', p->out);
}

static int print_slots(const struct printer *p)
{
	const struct ruleset *ruleset = p->ruleset;
	AUTO_FREE struct rf_device_slot *slots = NULL;
	uint32_t n = 0;

	slots = malloc((size_t)ruleset->n_buckets * RF_BUCKET_SLOTS * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->n_buckets * RF_BUCKET_SLOTS; i++) {
		const struct rf_device_slot *slot = &ruleset->buckets[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS];

		if (slot->key)
			slots[n++] = *slot;
	}
	qsort(slots, n, sizeof(*slots), slot_compare);
	for (uint32_t i = 0; i < n; i++)
		print_slot(p, &slots[i]);
	return 0;
}

static void print_device(const struct printer *p, uint32_t index)
{
	const struct rf_ident *ident = &p->ruleset->idents[index];
	const struct rf_device_info *info = &p->ruleset->infos[index];

	if (!info->name[0])
		return;
	fprintf(p->out, "device %u: %s, profile %s, mode %s", index, info->name, info->profile, mode_texts[info->mode]);
	if (ident->n_ports)
		fprintf(p->out, ", %u ports", ident->n_ports);
	if (ident->vlan)
		fprintf(p->out, ", vlan %u", ident->vlan);
	for (uint32_t i = 0; i < ident->n_addresses; i++) {
		struct prefix prefix = {.addr = addr_from_wire(ident->address[i]), .len = ident->prefix_len[i]};
		char text[ADDR_TEXT_MAX];

		fprintf(p->out, ", address %s", prefix_format(&prefix, text));
	}
	fputc('\n', p->out);
}

static int peer_compare(const void *a, const void *b)
{
	const struct rf_peer_slot *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int printer_start(struct printer *p)
{
	const struct ruleset *ruleset = p->ruleset;

	p->list_of_chunk = calloc((size_t)ruleset->n_chunks + 1, sizeof(*p->list_of_chunk));
	p->chunk_of_list = calloc((size_t)ruleset->n_chunks + 1, sizeof(*p->chunk_of_list));
	p->profile_of_root = calloc((size_t)ruleset->n_nodes + 1, sizeof(*p->profile_of_root));
	p->peers = malloc((size_t)ruleset->n_peers * sizeof(*ruleset->peers) + 1);
	if (!p->list_of_chunk || !p->chunk_of_list || !p->profile_of_root || !p->peers)
		return -ENOMEM;
	for (uint32_t i = 0; i < ruleset->n_peers * RF_BUCKET_SLOTS; i++) {
		const struct rf_peer_slot *slot = &ruleset->peers[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS];

		if (slot->key)
			p->peers[p->n_peers++] = *slot;
	}
	qsort(p->peers, p->n_peers, sizeof(*p->peers), peer_compare);
	return 0;
}

static int print_all(struct printer *p)
{
	int r = printer_start(p);

	if (r)
		return r;
	print_bank(p);
	for (uint32_t i = 0; i < p->ruleset->n_indices; i++)
		print_device(p, i);
	r = print_slots(p);
	if (r)
		return r;
	for (uint32_t i = 0; i < p->ruleset->n_rules; i++)
		print_rule(p->ruleset, i, p->out);
	for (uint32_t i = 0; i < p->ruleset->n_profiles; i++)
		print_profile(p, i);
	for (uint32_t i = 0; i < p->n_lists; i++)
		print_list(p, i);
	return 0;
}

int ruleset_print(const struct ruleset *ruleset, FILE *out)
{
	struct printer p = {.ruleset = ruleset, .out = out};
	int r = print_all(&p);

	free(p.list_of_chunk);
	free(p.chunk_of_list);
	free(p.profile_of_root);
	free(p.peers);
	return r;
}
