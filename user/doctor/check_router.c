// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_router.c - does the policy know the router by all of its addresses, the MAC address included? See checks.h.
 */
#include <string.h>

#include "checks.h"
#include "rules.h"

static bool is_own(const struct survey *survey, const struct addr *addr)
{
	for (size_t i = 0; i < survey->addresses.n; i++)
		if (memcmp(&survey->addresses.items[i].addr, addr, sizeof(*addr)) == 0)
			return true;
	return false;
}

/* What `gateway` means: what the policy says, else the bridge's own addresses. */
static bool is_gateway(const struct survey *survey, const struct address *address)
{
	const struct policy_prefixes *gateway = &survey->policy->gateway;

	if (!gateway->given)
		return survey_is_bridge(survey, address->ifindex);
	for (size_t i = 0; i < gateway->n_items; i++)
		if (prefix_contains(&gateway->items[i], &address->addr))
			return true;
	return false;
}

static bool denies_gateway(const struct rules_place *place, void *context)
{
	bool *found = context;

	*found |= place->rule->action != POLICY_ALLOW && rule_has(place->rule, POLICY_DEST_GATEWAY);
	return !*found;
}

/* Is a gateway of the policy this machine? If it is another one behind an uplink, its addresses are not known here. */
static bool is_router(const struct survey *survey)
{
	const struct policy_prefixes *gateway = &survey->policy->gateway;

	for (size_t i = 0; i < gateway->n_items; i++)
		if (is_own(survey, &gateway->items[i].addr))
			return true;
	return !gateway->given;
}

void check_gateway(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = NULL;
	char names[FINDING_NAMES_MAX], text[ADDR_TEXT_MAX];
	bool denied = false;

	rules_each(survey->policy, denies_gateway, &denied);
	for (size_t i = 0; i < survey->addresses.n && denied && is_router(survey); i++) {
		const struct address *address = &survey->addresses.items[i];

		if (!survey_answers(survey, address) || is_gateway(survey, address))
			continue;
		if (!finding)
			finding = findings_add(findings, WAY_gateway, SEVERITY_WARNING);
		finding_about(finding, "%s", addr_format(&address->addr, text));
	}
	if (!finding)
		return;
	finding_seen(
		finding,
		"%s: addresses of this machine that `gateway` does not mean: where {deny: gateway} stands, a later rule may "
		"allow them, and its services answer there",
		finding_names(finding, names));
	finding_close(finding,
		      "list them in `network.gateway`, or have the services listen on the gateway's address only");
}

/* ---- the router's MAC address ------------------------------------------------------------------------------------- */

static const struct policy_device *owner_of(const struct policy *policy, const struct mac *mac)
{
	for (size_t i = 0; i < policy->n_devices; i++)
		for (size_t j = 0; j < policy->devices[i].n_macs; j++)
			if (memcmp(&policy->devices[i].macs[j], mac, sizeof(*mac)) == 0)
				return &policy->devices[i];
	return NULL;
}

static void check_mac(const struct survey *survey, const struct addr *addr, struct findings *findings)
{
	const struct neighbour *neighbour = neighbours_find(&survey->neighbours, addr);
	const struct policy_device *device = neighbour ? owner_of(survey->policy, &neighbour->mac) : NULL;
	char address[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];
	struct finding *finding;

	if (device && device->n_ports)
		return;
	finding = findings_add(findings, WAY_router_mac, neighbour ? SEVERITY_WARNING : SEVERITY_ADVICE);
	finding_about(finding, "%s", addr_format(addr, address));
	finding_seen(
		finding,
		"the router %s%s%s is not this machine: whoever sends ARP with its MAC address from an inside port makes the "
		"bridge send it others' traffic",
		address, neighbour ? ", " : "", neighbour ? mac_format(&neighbour->mac, mac) : "");
	finding_close(finding,
		      "name it in the policy as a device bound to a port that is not there: router: {mac: \"%s\", "
		      "profile: PROFILE, ports: [nowhere]}",
		      neighbour ? mac : "ITS MAC");
}

void check_router_mac(const struct survey *survey, struct findings *findings)
{
	const struct policy_prefixes *gateway = &survey->policy->gateway;

	for (size_t i = 0; i < gateway->n_items; i++)
		if (gateway->items[i].len == ADDR_BITS && !is_own(survey, &gateway->items[i].addr))
			check_mac(survey, &gateway->items[i].addr, findings);
}
