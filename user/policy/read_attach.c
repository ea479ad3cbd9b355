// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sections `attach` and `network`.
 */
#include <net/if.h>
#include <string.h>

#include "reader.h"

/* Nobody has more networks; keeps the search for repeats short. */
#define NETWORK_MAX 256

/* The kernel's BR_MAX_PORTS: a bridge cannot have more. */
#define IFNAMES_MAX 1024

/* What the kernel's dev_valid_name() takes; more could never be attached to. */
static bool valid_ifname(const char *name)
{
	size_t len = strlen(name);

	return len && len < IFNAMSIZ && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strpbrk(name, "/: ");
}

static const char *read_ifname(struct reader *r, const struct node *node, const char *what)
{
	const char *name = reader_scalar(r, node, what);

	if (!name)
		return NULL;
	if (!valid_ifname(name)) {
		reader_error(r, node->pos, "\"%s\" is no interface name", name);
		reader_hint(r, "at most %d characters, no space, \"/\" or \":\"", IFNAMSIZ - 1);
		return NULL;
	}
	return reader_text(r, name);
}

struct policy_strings read_ifnames(struct reader *r, const struct node *node, const char *what)
{
	struct policy_strings names = {0};
	AUTO_INDEX struct index seen = {0};
	const struct node *item;
	struct items items;

	if (!reader_list(r, node, what, &items) || !items.count)
		return names;
	if (items.count > IFNAMES_MAX) {
		reader_error(r, node->pos, "more than %d interfaces", IFNAMES_MAX);
		return names;
	}
	names.items = reader_array(r, items.count, sizeof(*names.items));
	if (!names.items)
		return names;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		const char *name = read_ifname(r, item, "an interface");

		if (name && reader_once(r, item, &seen))
			names.items[names.n_items++] = name;
	}
	return names;
}

static void read_bridge(struct reader *r, const struct node *node, void *object)
{
	((struct policy *)object)->bridge = read_ifname(r, node, "`bridge`");
}

static void read_uplinks(struct reader *r, const struct node *node, void *object)
{
	((struct policy *)object)->uplinks = read_ifnames(r, node, "`uplinks`");
}

static void read_ports(struct reader *r, const struct node *node, void *object)
{
	struct policy *policy = object;
	struct items items;

	if (node->kind == NODE_LIST && !node->count)
		reader_error(r, node->pos, "`ports` is empty: nothing would be fenced");
	else if (reader_list(r, node, "`ports`", &items))
		policy->ports = read_ifnames(r, node, "`ports`");
}

static void read_hook(struct reader *r, const struct node *node, void *object)
{
#define HOOK_WORD(name, word) word,
	static const char *const words[] = {POLICY_HOOKS(HOOK_WORD) NULL};
	int i = reader_word(r, node, words, "`hook`");

	if (i >= 0)
		((struct policy *)object)->hook = (enum policy_hook)i;
}

/* In this order: read_attach() asks for the bits. */
enum {
	SEEN_BRIDGE = 1 << 0,
	SEEN_UPLINKS = 1 << 1,
	SEEN_PORTS = 1 << 2,
};

static const struct key attach_keys[] = {
	{.name = "bridge", .read = read_bridge},
	{.name = "uplinks", .read = read_uplinks},
	{.name = "ports", .read = read_ports},
	{.name = "hook", .read = read_hook},
};

const struct key_table keys_attach = KEY_TABLE("attach", "`attach`", attach_keys);

void read_attach(struct reader *r, const struct node *node, void *policy)
{
	uint32_t seen;

	if (!reader_map(r, &keys_attach, node, policy, &seen))
		return;
	if (!(seen & (SEEN_BRIDGE | SEEN_PORTS)))
		reader_error(r, node->pos, "`attach` needs `bridge` or `ports`");
	else if (seen & SEEN_BRIDGE && seen & SEEN_PORTS) {
		reader_error(r, node->pos, "`attach` has both `bridge` and `ports`");
		reader_hint(r, "`bridge` follows all ports of it but `uplinks`; `ports` names them "
			       "one by one");
	} else if (seen & SEEN_UPLINKS && !(seen & SEEN_BRIDGE)) {
		reader_error(r, node->pos, "`uplinks` means something only with `bridge`");
		reader_hint(r, "only what `ports` names is fenced");
	}
}

enum prefix_use {
	USE_LOCAL, /* prefixes */
	USE_HOSTS, /* addresses of single hosts */
};

static bool read_net_prefix(struct reader *r, const struct node *node, enum prefix_use use, struct prefix *ret_prefix)
{
	const char *text = reader_scalar(r, node, "an address");
	enum addr_status status;

	if (!text)
		return false;
	status = prefix_parse(text, ret_prefix);
	if (status != ADDR_OK) {
		read_prefix_error(r, node, status, ret_prefix);
		return false;
	}
	if (use == USE_HOSTS && strchr(text, '/')) {
		reader_error(r, node->pos, "\"%s\" is a prefix; here stand addresses of hosts", text);
		return false;
	}
	if (addr_is_multicast(&ret_prefix->addr)) {
		reader_error(r, node->pos, "\"%s\" is multicast", text);
		return false;
	}
	if (use == USE_HOSTS && addr_is_zero(&ret_prefix->addr)) {
		reader_error(r, node->pos, "\"%s\" is the address of no host", text);
		return false;
	}
	return true;
}

static void read_prefixes(struct reader *r, const struct node *node, enum prefix_use use,
			  struct policy_prefixes *prefixes)
{
	const struct node *item;
	struct items items;

	prefixes->given = true;
	if (!reader_items(r, node, "the address", &items))
		return;
	if (items.count > NETWORK_MAX) {
		reader_error(r, node->pos, "more than %d addresses", NETWORK_MAX);
		return;
	}
	prefixes->items = reader_array(r, items.count, sizeof(*prefixes->items));
	if (!prefixes->items)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		struct prefix prefix;
		bool twice = false;

		if (!read_net_prefix(r, item, use, &prefix))
			continue;
		for (size_t j = 0; j < prefixes->n_items; j++)
			twice |= prefix_compare(&prefix, &prefixes->items[j]) == 0;
		if (twice)
			reader_error(r, item->pos, "\"%s\" is there twice", item->text);
		else
			prefixes->items[prefixes->n_items++] = prefix;
	}
}

static void read_local(struct reader *r, const struct node *node, void *object)
{
	read_prefixes(r, node, USE_LOCAL, &((struct policy *)object)->local);
}

static void read_gateway(struct reader *r, const struct node *node, void *object)
{
	read_prefixes(r, node, USE_HOSTS, &((struct policy *)object)->gateway);
}

static void read_resolvers(struct reader *r, const struct node *node, void *object)
{
	read_prefixes(r, node, USE_HOSTS, &((struct policy *)object)->resolvers);
}

static const struct key network_keys[] = {
	{.name = "local", .read = read_local},
	{.name = "gateway", .read = read_gateway},
	{.name = "resolvers", .read = read_resolvers},
};

const struct key_table keys_network = KEY_TABLE("network", "`network`", network_keys);

void read_network(struct reader *r, const struct node *node, void *policy)
{
	uint32_t seen;

	reader_map(r, &keys_network, node, policy, &seen);
}
