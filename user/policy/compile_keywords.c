// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the destination words mean, as address sets; and the bank's gateways and resolvers.
 *
 * local is network.local and always link-local: a device without a lease has nothing else. The broadcast addresses of
 * IPv4 prefixes are `broadcast` and not `local`. internet is what is left when local, multicast and broadcast are
 * taken away.
 */
#include "compile.h"

#define V4(a, b, c, d, length)                                                                                         \
	{                                                                                                              \
		.addr = {{[10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b), [14] = (c), [15] = (d)}},                  \
		.len = ADDR_V4_BITS + (length)                                                                         \
	}

static const struct prefix always_local[] = {
	V4(169, 254, 0, 0, 16),		     /* RFC 3927 */
	{.addr = {{0xfe, 0x80}}, .len = 10}, /* RFC 4291 2.5.6 */
};

static const struct prefix all_multicast[] = {
	V4(224, 0, 0, 0, 4),	      /* RFC 5771 */
	{.addr = {{0xff}}, .len = 8}, /* RFC 4291 2.7 */
};

static const struct prefix limited_broadcast = V4(255, 255, 255, 255, 32); /* RFC 919 */

/* The longest IPv4 prefix that has a broadcast address: a /31 is two hosts (RFC 3021). */
#define BROADCAST_LEN_MAX (ADDR_V4_BITS + 30)

static int add_prefixes(struct compiler *c, const struct prefix *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = addresses_add_prefix(&c->addresses, &prefixes[i]);

		if (r)
			return r;
	}
	return 0;
}

static int add_broadcast_of(struct compiler *c, const struct prefix *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum family family;
		struct range range = address_range(&prefixes[i], &family);
		int r;

		if (family != FAMILY_4 || prefixes[i].len > BROADCAST_LEN_MAX)
			continue;
		range.first = range.last;
		r = addresses_add_range(&c->addresses, family, range);
		if (r)
			return r;
	}
	return 0;
}

static int define_broadcast(struct compiler *c)
{
	struct address_set *set = &c->words[POLICY_DEST_BROADCAST];
	int r;

	addresses_begin(&c->addresses, set);
	r = add_prefixes(c, &limited_broadcast, 1);
	if (!r)
		r = add_broadcast_of(c, c->policy->local.items, c->policy->local.n_items);
	if (!r)
		r = add_broadcast_of(c, always_local, sizeof(always_local) / sizeof(always_local[0]));
	addresses_end(&c->addresses, set);
	return r;
}

static int define_local(struct compiler *c)
{
	struct address_set all;
	int r;

	addresses_begin(&c->addresses, &all);
	r = add_prefixes(c, c->policy->local.items, c->policy->local.n_items);
	if (!r)
		r = add_prefixes(c, always_local, sizeof(always_local) / sizeof(always_local[0]));
	addresses_end(&c->addresses, &all);
	if (r)
		return r;
	return addresses_difference(&c->addresses, &all, &c->words[POLICY_DEST_BROADCAST],
				    &c->words[POLICY_DEST_LOCAL]);
}

static int define_multicast(struct compiler *c)
{
	struct address_set *set = &c->words[POLICY_DEST_MULTICAST];
	int r;

	addresses_begin(&c->addresses, set);
	r = add_prefixes(c, all_multicast, sizeof(all_multicast) / sizeof(all_multicast[0]));
	addresses_end(&c->addresses, set);
	return r;
}

static int define_internet_and_any(struct compiler *c)
{
	static const enum policy_dest_kind not_internet[] = {POLICY_DEST_LOCAL, POLICY_DEST_MULTICAST,
							     POLICY_DEST_BROADCAST};
	struct address_set *internet = &c->words[POLICY_DEST_INTERNET];
	struct address_set *any = &c->words[POLICY_DEST_ANY];
	struct address_set rest, none;
	int r = 0;

	addresses_begin(&c->addresses, &rest);
	for (size_t i = 0; i < sizeof(not_internet) / sizeof(not_internet[0]) && !r; i++)
		r = addresses_add_set(&c->addresses, &c->words[not_internet[i]], FAMILIES_ALL);
	addresses_end(&c->addresses, &rest);
	if (r)
		return r;

	addresses_begin(&c->addresses, internet);
	r = addresses_add_complement(&c->addresses, &rest, FAMILIES_ALL);
	addresses_end(&c->addresses, internet);
	if (r)
		return r;

	addresses_begin(&c->addresses, &none);
	addresses_begin(&c->addresses, any);
	r = addresses_add_complement(&c->addresses, &none, FAMILIES_ALL);
	addresses_end(&c->addresses, any);
	return r;
}

/* A word that means these hosts. */
static int define_hosts(struct compiler *c, enum policy_dest_kind word, const struct rf_addr *hosts, uint32_t n)
{
	struct address_set *set = &c->words[word];
	int r = 0;

	addresses_begin(&c->addresses, set);
	for (uint32_t i = 0; i < n && !r; i++) {
		struct prefix prefix = {.addr = addr_from_wire(hosts[i]), .len = ADDR_BITS};

		r = addresses_add_prefix(&c->addresses, &prefix);
	}
	addresses_end(&c->addresses, set);
	return r;
}

static int define_gateways(struct compiler *c)
{
	const struct policy_prefixes *said = &c->policy->gateway;
	struct rf_bank *bank = &c->ruleset->bank;
	size_t n = said->given ? said->n_items : c->input->n_gateways;

	if (n > RF_GATEWAYS_MAX)
		return compile_limit(c, (struct diag_pos){0},
				     said->given ? "network: gateway: %zu addresses, at most %d are possible"
						 : "this machine has %zu gateway addresses, at most %d are possible: "
						   "name those that count under network: gateway:",
				     n, RF_GATEWAYS_MAX);
	for (size_t i = 0; i < n; i++)
		bank->gateway[i] = addr_to_wire(said->given ? &said->items[i].addr : &c->input->gateways[i]);
	bank->n_gateways = (uint8_t)n;
	return define_hosts(c, POLICY_DEST_GATEWAY, bank->gateway, bank->n_gateways);
}

static int define_resolvers(struct compiler *c)
{
	const struct policy_prefixes *said = &c->policy->resolvers;
	struct rf_bank *bank = &c->ruleset->bank;
	size_t n = said->given ? said->n_items : bank->n_gateways;

	_Static_assert(RF_RESOLVERS_MAX >= RF_GATEWAYS_MAX, "gateways are the resolvers by default");
	if (n > RF_RESOLVERS_MAX)
		return compile_limit(c, (struct diag_pos){0},
				     "network: resolvers: %zu addresses, at most %d are possible", n, RF_RESOLVERS_MAX);
	for (size_t i = 0; i < n; i++)
		bank->resolver[i] = said->given ? addr_to_wire(&said->items[i].addr) : bank->gateway[i];
	bank->n_resolvers = (uint8_t)n;
	return define_hosts(c, POLICY_DEST_RESOLVERS, bank->resolver, bank->n_resolvers);
}

int compile_keywords(struct compiler *c)
{
	int r = define_broadcast(c);

	if (!r)
		r = define_local(c);
	if (!r)
		r = define_multicast(c);
	if (!r)
		r = define_internet_and_any(c);
	if (!r)
		r = define_gateways(c);
	if (!r)
		r = define_resolvers(c);
	return r;
}
