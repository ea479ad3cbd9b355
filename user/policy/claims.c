// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which device may use which source address: warn where one device's address
 * lies in a prefix that another may use, because the other could pose as it.
 *
 * Equal addresses are errors and are found while reading (read_device.c).
 */
#include <stdlib.h>

#include "reader.h"

struct claim {
	struct prefix prefix;
	uint32_t device;
};

/* A prefix that covers what follows in the sorted claims. */
struct cover {
	struct prefix prefix;
	uint32_t device;
	uint32_t other; /* a second device with the same prefix, or POLICY_NONE */
};

/* By family, so that ::/0 does not seem to cover the IPv4 that is mapped into it. */
static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = (int)prefix_is_v4(&x->prefix) - (int)prefix_is_v4(&y->prefix);

	if (!order)
		order = prefix_compare(&x->prefix, &y->prefix);
	if (!order)
		order = x->device < y->device ? -1 : x->device > y->device;
	return order;
}

static size_t collect(const struct policy *policy, struct claim **ret_claims)
{
	struct claim *claims;
	size_t n = 0;

	for (size_t i = 0; i < policy->n_devices; i++)
		n += policy->devices[i].n_addresses;
	claims = calloc(n ? n : 1, sizeof(*claims));
	*ret_claims = claims;
	if (!claims)
		return 0;
	n = 0;
	for (size_t i = 0; i < policy->n_devices; i++)
		for (size_t j = 0; j < policy->devices[i].n_addresses; j++)
			claims[n++] = (struct claim){policy->devices[i].addresses[j], (uint32_t)i};
	qsort(claims, n, sizeof(*claims), compare_claims);
	return n;
}

static void warn(struct reader *r, const struct claim *claim, uint32_t other)
{
	const struct policy_device *device = &r->policy->devices[claim->device];
	char buf[ADDR_TEXT_MAX];

	reader_warning(r, device->pos, "device \"%s\" may also use the address %s of \"%s\"",
		       r->policy->devices[other].name, addr_format(&claim->prefix.addr, buf), device->name);
}

/* Another device than the claim's own among the covers; POLICY_NONE: none. */
static uint32_t find_other(const struct cover *covers, size_t n, uint32_t device)
{
	for (size_t i = 0; i < n; i++) {
		if (covers[i].device != device)
			return covers[i].device;
		if (covers[i].other != POLICY_NONE)
			return covers[i].other;
	}
	return POLICY_NONE;
}

void claims_check(struct reader *r)
{
	struct cover covers[ADDR_BITS]; /* each longer than the one before it */
	AUTO_FREE struct claim *claims = NULL;
	size_t n = collect(r->policy, &claims), n_covers = 0;

	if (!claims) {
		r->no_memory = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct claim *claim = &claims[i];
		struct cover *top;

		while (n_covers && !prefix_contains(&covers[n_covers - 1].prefix, &claim->prefix.addr))
			n_covers--;
		top = n_covers ? &covers[n_covers - 1] : NULL;

		if (claim->prefix.len == ADDR_BITS) {
			uint32_t other = find_other(covers, n_covers, claim->device);

			if (other != POLICY_NONE)
				warn(r, claim, other);
		} else if (top && prefix_compare(&top->prefix, &claim->prefix) == 0) {
			if (claim->device != top->device)
				top->other = claim->device;
		} else {
			covers[n_covers++] = (struct cover){claim->prefix, claim->device, POLICY_NONE};
		}
	}
}
