// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules: the maps under `rules` and `inbound`.
 */
#include <string.h>

#include "../common/text.h"
#include "reader.h"

/* Port 0 is reserved, but packets with it exist, and rules may speak of them. */
#define PORT_MAX 65535

/* Protocol 0 is an IPv6 header, not a protocol of packets. */
#define PROTO_MIN 1
#define PROTO_MAX 255

/* What must be looked at once all keys of the rule are known. */
struct rule_parts {
	struct policy_rule *rule;
	const struct node *dest, *port;
	unsigned int n_actions;
};

static void read_action(struct reader *r, const struct node *node, struct rule_parts *parts, enum policy_action action)
{
	if (parts->n_actions++) {
		reader_error(r, node->pos, "a rule has only one of `allow`, `deny` and `reject`");
		return;
	}
	parts->rule->action = action;
	parts->dest = node;
}

static void read_allow(struct reader *r, const struct node *node, void *object)
{
	read_action(r, node, object, POLICY_ALLOW);
}

static void read_deny(struct reader *r, const struct node *node, void *object)
{
	read_action(r, node, object, POLICY_DENY);
}

static void read_reject(struct reader *r, const struct node *node, void *object)
{
	read_action(r, node, object, POLICY_REJECT);
}

static bool proto_number(const char *text, uint8_t *ret_proto)
{
	uint64_t number;

	for (int i = PROTO_MIN; i <= PROTO_MAX; i++) {
		const char *word = policy_proto_text((uint8_t)i);

		if (word && strcmp(word, text) == 0) {
			*ret_proto = (uint8_t)i;
			return true;
		}
	}
	if (!text_to_u64(text, PROTO_MAX, &number) || number < PROTO_MIN)
		return false;
	*ret_proto = (uint8_t)number;
	return true;
}

static void read_one_proto(struct reader *r, const struct node *node, struct policy_rule *rule)
{
#define PROTO_WORD(name, word, number) word,
	static const char *const words[] = {POLICY_PROTOS(PROTO_WORD) NULL};
	const char *text = reader_scalar(r, node, "a protocol");
	uint8_t proto;

	if (!text)
		return;
	if (!proto_number(text, &proto)) {
		reader_error(r, node->pos, "unknown protocol \"%s\"", text);
		if (!reader_hint_word(r, text, words))
			reader_hint(r,
				    "it is tcp, udp, sctp, icmp, icmpv6, igmp, esp, gre or a "
				    "number from %d to %d",
				    PROTO_MIN, PROTO_MAX);
		return;
	}
	for (size_t i = 0; i < rule->n_protos; i++) {
		if (rule->protos[i] == proto) {
			reader_error(r, node->pos, "protocol %s is there twice", text);
			return;
		}
	}
	rule->protos[rule->n_protos++] = proto;
}

static void read_proto(struct reader *r, const struct node *node, void *object)
{
	struct policy_rule *rule = ((struct rule_parts *)object)->rule;
	const struct node *item;
	struct items items;

	if (!reader_items(r, node, "the protocol", &items))
		return;
	/* There are no more different ones, and read_one_proto() refuses repeats. */
	rule->protos = reader_array(r, items.count < PROTO_MAX ? items.count : PROTO_MAX, 1);
	if (!rule->protos)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next)
		read_one_proto(r, item, rule);
}

static bool port_number(const char *text, uint16_t *ret_port)
{
	uint64_t number;

	if (!text_to_u64(text, PORT_MAX, &number))
		return false;
	*ret_port = (uint16_t)number;
	return true;
}

static void read_one_port(struct reader *r, const struct node *node, struct policy_ports *ports)
{
	const char *text = reader_scalar(r, node, "a port");
	char lo[sizeof("65535")];
	const char *dash;
	size_t len;

	if (!text)
		return;
	dash = strchr(text, '-');
	len = dash ? (size_t)(dash - text) : strlen(text);
	if (len < sizeof(lo)) {
		memcpy(lo, text, len);
		lo[len] = '\0';
	}
	if (len >= sizeof(lo) || !port_number(lo, &ports->lo) || !port_number(dash ? dash + 1 : lo, &ports->hi)) {
		reader_error(r, node->pos, "\"%s\" is no port", text);
		reader_hint(r, "it is a number up to %d, or LOW-HIGH", PORT_MAX);
	} else if (ports->lo > ports->hi) {
		reader_error(r, node->pos, "port range %s runs backwards", text);
		reader_hint(r, "did you mean %u-%u?", ports->hi, ports->lo);
	}
}

static void read_port(struct reader *r, const struct node *node, void *object)
{
	struct rule_parts *parts = object;
	struct policy_rule *rule = parts->rule;
	const struct node *item;
	struct items items;

	parts->port = node;
	if (!reader_items(r, node, "the port", &items))
		return;
	rule->ports = reader_array(r, items.count, sizeof(*rule->ports));
	if (!rule->ports)
		return;
	item = items.first;
	for (; rule->n_ports < items.count; item = item->next)
		read_one_port(r, item, &rule->ports[rule->n_ports++]);
}

static void read_rule_rate(struct reader *r, const struct node *node, void *object)
{
	read_rate(r, node, 1u << POLICY_RATE_PACKETS | 1u << POLICY_RATE_BITS,
		  &((struct rule_parts *)object)->rule->rate);
}

static void read_when(struct reader *r, const struct node *node, void *object)
{
	struct policy_rule *rule = ((struct rule_parts *)object)->rule;
	const char *name = reader_scalar(r, node, "`when`");

	if (name)
		rule->when = reader_refer(r, NAMES_SCHEDULES, name, node->pos);
}

static void read_log(struct reader *r, const struct node *node, void *object)
{
	static const char *const words[] = {"false", "true", NULL};
	int i = reader_word(r, node, words, "`log`");

	if (i >= 0)
		((struct rule_parts *)object)->rule->log = i;
}

static void read_note(struct reader *r, const struct node *node, void *object)
{
	const char *text = reader_scalar(r, node, "`note`");

	if (text)
		((struct rule_parts *)object)->rule->note = reader_text(r, text);
}

static const struct key rule_keys[] = {
	{.name = "allow", .read = read_allow},
	{.name = "deny", .read = read_deny},
	{.name = "reject", .read = read_reject, .feature = FEATURE_REJECT},
	{.name = "proto", .read = read_proto},
	{.name = "port", .read = read_port},
	{.name = "rate", .read = read_rule_rate, .feature = FEATURE_RATE},
	{.name = "when", .read = read_when, .feature = FEATURE_WHEN},
	{.name = "log", .read = read_log},
	{.name = "note", .read = read_note},
};

const struct key_table keys_rule = KEY_TABLE("rule", "a rule", rule_keys);

static bool proto_has_ports(uint8_t proto)
{
	return proto == POLICY_PROTO_TCP || proto == POLICY_PROTO_UDP || proto == POLICY_PROTO_SCTP;
}

static void check_ports(struct reader *r, const struct policy_rule *rule, const struct node *port)
{
	if (!rule->n_protos && !rule->protos) {
		reader_error(r, port->pos, "`port` needs `proto: tcp`, udp or sctp");
		return;
	}
	for (size_t i = 0; i < rule->n_protos; i++) {
		const char *word = policy_proto_text(rule->protos[i]);

		if (proto_has_ports(rule->protos[i]))
			continue;
		if (word)
			reader_error(r, port->pos, "%s has no ports", word);
		else
			reader_error(r, port->pos, "protocol %u has no ports here", rule->protos[i]);
		reader_hint(r, "only tcp, udp and sctp have; write two rules");
		return;
	}
}

/* Who may come in is known by its address: a name says only where one may go. */
static void check_inbound(struct reader *r, const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_dests; i++) {
		const struct policy_dest *dest = &rule->dests[i];

		if (dest->kind == POLICY_DEST_NAME || dest->kind == POLICY_DEST_WILDCARD)
			reader_error(r, dest->pos, "a DNS name cannot be used under `inbound`");
		else if (dest->kind == POLICY_DEST_MULTICAST || dest->kind == POLICY_DEST_BROADCAST)
			reader_warning(r, dest->pos, "nothing comes from `%s`", policy_dest_text(dest->kind));
		else
			continue;
		reader_hint(r, "name who may open a connection: an address, a prefix, local, "
			       "device:NAME, group:NAME");
	}
}

static void read_rule(struct reader *r, const struct node *node, enum rule_place place, struct policy_rule *rule)
{
	struct rule_parts parts = {.rule = rule};
	uint32_t seen;

	rule->pos = node->pos;
	rule->log = true;
	rule->when = POLICY_NONE;
	if (!reader_map(r, &keys_rule, node, &parts, &seen))
		return;
	if (parts.dest)
		read_dests(r, parts.dest, rule);
	/* The bits of allow, deny and reject: a value that could not be read is reported already. */
	else if (!(seen & 7))
		reader_error(r, node->pos, "a rule needs one of `allow`, `deny` and `reject`");
	if (parts.port)
		check_ports(r, rule, parts.port);
	if (place == RULE_IN)
		check_inbound(r, rule);
}

void read_rules(struct reader *r, const struct node *node, enum rule_place place, struct policy_rules *ret_rules)
{
	const struct node *item;
	struct items items;

	if (!reader_list(r, node, place == RULE_IN ? "`inbound`" : "`rules`", &items) || !items.count)
		return;
	ret_rules->items = reader_array(r, items.count, sizeof(*ret_rules->items));
	if (!ret_rules->items)
		return;
	item = items.first;
	for (; ret_rules->n_items < items.count; item = item->next)
		read_rule(r, item, place, &ret_rules->items[ret_rules->n_items++]);
}
