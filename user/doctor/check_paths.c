// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_paths.c - do frames go by another path than through the programs on the ports? See checks.h.
 *
 * What is no such path, and why: hairpin, a flowtable in software, a VLAN interface on a port, broute. Their frames enter by a port's TC ingress
 * and leave by a port's TC egress all the same. A macvlan cannot stand on a port of a bridge: both want its receive handler.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

/* ---- one switch chip ---------------------------------------------------------------------------------------------- */

static bool same_chip(const struct link *a, const struct link *b)
{
	return a->switch_id_len && a->switch_id_len == b->switch_id_len && a->master && a->master == b->master &&
	       memcmp(a->switch_id, b->switch_id, a->switch_id_len) == 0;
}

struct chip {
	struct finding *finding;
	size_t n, inside, open; /* ports; of them inside ports; not isolated */
	bool uplink_open;
};

static void count_chip(const struct survey *survey, const struct link *first, struct chip *chip)
{
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];

		if (!same_chip(first, port->link))
			continue;
		chip->n++;
		chip->inside += port->role == SURVEY_INSIDE;
		chip->open += !port->link->isolated;
		chip->uplink_open |= port->role != SURVEY_INSIDE && !port->link->isolated;
	}
}

/* "bridge link set dev A isolated on && ..." of the ports that are not. */
static void isolate(const struct survey *survey, const struct link *first, struct finding *finding)
{
	char command[FINDING_NAMES_MAX], word[FINDING_WORD_MAX];
	size_t len = 0;

	for (size_t i = 0; i < survey->n_ports && len < sizeof(command); i++) {
		const struct link *link = survey->ports[i].link;

		if (same_chip(first, link) && !link->isolated)
			len += (size_t)snprintf(command + len, sizeof(command) - len,
						"%sbridge link set dev %s isolated on", len ? " && " : "",
						finding_word(link->name, word));
	}
	if (len < sizeof(command)) /* else of so many ports that one had better write a loop */
		finding_command(finding, "%s", command);
}

static void check_chip(const struct survey *survey, const struct link *first, struct findings *findings)
{
	char names[FINDING_NAMES_MAX];
	struct finding *finding;
	struct chip chip = {0};

	count_chip(survey, first, &chip);
	if (chip.n < 2 || !chip.inside || !chip.open)
		return;
	finding = findings_add(findings, WAY_switch_chip, SEVERITY_OPEN);
	for (size_t i = 0; i < survey->n_ports; i++)
		if (same_chip(first, survey->ports[i].link))
			finding_about(finding, "%s", survey->ports[i].link->name);
	finding_seen(finding, "%s are sockets of one switch chip, which forwards between them without this machine",
		     finding_names(finding, names));
	if (chip.uplink_open) {
		finding_close(
			finding,
			"the way out is one of them: it needs a bridge of its own, or a VLAN for each socket that ends in "
			"this machine");
		return;
	}
	finding_close(finding, "isolate each of them in the bridge, or give each a VLAN of its own");
	isolate(survey, first, finding);
}

void check_switch_chip(const struct survey *survey, struct findings *findings)
{
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct link *link = survey->ports[i].link;
		bool told = false;

		for (size_t j = 0; j < i && !told; j++)
			told = same_chip(link, survey->ports[j].link);
		if (!told)
			check_chip(survey, link, findings);
	}
}

/* ---- flows in hardware -------------------------------------------------------------------------------------------- */

/* An inside port, the interface that it stands on, or the bridge. */
static bool takes_ours(const struct survey *survey, const struct flowtable *flowtable)
{
	for (size_t i = 0; i < survey->n_bridges; i++) {
		const struct link *bridge = links_by_index(&survey->links, survey->bridges[i]);

		if (bridge && flowtable_takes(flowtable, bridge->name))
			return true;
	}
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];
		const struct link *lower = links_by_index(&survey->links, port->link->lower);

		if (port->role == SURVEY_INSIDE && (flowtable_takes(flowtable, port->link->name) ||
						    (lower && flowtable_takes(flowtable, lower->name))))
			return true;
	}
	return false;
}

static bool same_flowtable(const struct flowtable *a, const struct flowtable *b)
{
	return strcmp(a->family, b->family) == 0 && strcmp(a->table, b->table) == 0 && strcmp(a->name, b->name) == 0;
}

void check_flow_offload(const struct survey *survey, struct findings *findings)
{
	const struct flowtable *before = NULL; /* those of one flowtable stand together */
	struct finding *finding = NULL;

	if (survey->flowtables_err) {
		finding = findings_add(findings, WAY_flow_offload, SEVERITY_UNKNOWN);
		finding_seen(finding, "the kernel does not tell its flowtables: %s", strerror(-survey->flowtables_err));
		return;
	}
	for (size_t i = 0; i < survey->flowtables.n; i++) {
		const struct flowtable *flowtable = &survey->flowtables.items[i];

		if (!flowtable->hardware || !takes_ours(survey, flowtable))
			continue;
		if (!before || !same_flowtable(before, flowtable)) {
			finding = findings_add(findings, WAY_flow_offload, SEVERITY_OPEN);
			finding_seen(
				finding,
				"the flowtable %s of table %s %s hands connections to hardware: after their first packets "
				"nobody judges or counts them, and a change of policy does not stop them",
				flowtable->name, flowtable->family, flowtable->table);
			finding_close(finding,
				      "take `flags offload' out of it and load the ruleset again (OpenWrt: uci set "
				      "firewall.@defaults[0].flow_offloading_hw=0; uci commit firewall; fw4 restart)");
		}
		finding_about(finding, "%s", flowtable->port);
		before = flowtable;
	}
}

/* ---- ports and interfaces beside ---------------------------------------------------------------------------------- */

void check_other_ports(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = NULL;
	char names[FINDING_NAMES_MAX];

	for (size_t i = 0; i < survey->n_ports; i++) {
		if (survey->ports[i].role != SURVEY_LEFT_OUT)
			continue;
		if (!finding)
			finding = findings_add(findings, WAY_other_ports, SEVERITY_WARNING);
		finding_about(finding, "%s", survey->ports[i].link->name);
	}
	if (!finding)
		return;
	finding_seen(
		finding,
		"%s: of the same bridge and not in `attach.ports`, which is right for the way to the router; a device there is judged by nobody",
		finding_names(finding, names));
	finding_close(finding,
		      "name it in `attach.ports`, or follow all of them: `attach: {bridge: NAME, uplinks: [...]}`");
}

static bool is_upper_kind(const char *kind)
{
	static const char *const kinds[] = {"macvlan", "macvtap", "ipvlan", "ipvtap"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

void check_uppers(const struct survey *survey, struct findings *findings)
{
	for (size_t i = 0; i < survey->links.n; i++) {
		const struct link *link = &survey->links.items[i];
		const struct link *lower = links_by_index(&survey->links, link->lower);
		char word[FINDING_WORD_MAX];
		struct finding *finding;

		if (!lower || !is_upper_kind(link->kind) || !survey_is_bridge(survey, lower->ifindex))
			continue;
		finding = findings_add(findings, WAY_uppers, SEVERITY_WARNING);
		finding_about(finding, "%s", link->name);
		finding_seen(
			finding,
			"%s (%s on %s) is a door of its own to the bridge, behind no port: what a guest or container sends by "
			"it, nobody judges",
			link->name, link->kind, lower->name);
		finding_close(finding, "connect the guest by a port of the bridge (veth, tap) instead");
		finding_command(finding, "ip link del dev %s", finding_word(link->name, word));
	}
}

static bool is_port(const struct survey *survey, uint32_t ifindex)
{
	for (size_t i = 0; i < survey->n_ports; i++)
		if (survey->ports[i].link->ifindex == ifindex)
			return true;
	return false;
}

/* Layers of interfaces upon each other: more than the kernel allows (MAX_NEST_DEV 8). */
#define LAYERS_MAX 16

/* Does it stand on a bridge or a port of ours, so that its frames pass a port? */
static bool stands_on_ours(const struct survey *survey, const struct link *link)
{
	for (int i = 0; link && i < LAYERS_MAX; i++) {
		if (survey_is_bridge(survey, link->ifindex) || is_port(survey, link->ifindex))
			return true;
		link = links_by_index(&survey->links, link->lower);
	}
	return false;
}

static bool is_local(const struct policy *policy, const struct addr *addr)
{
	static const struct prefix defaults[] = {
		{{{[10] = 0xff, 0xff, 10}}, ADDR_V4_BITS + 8},
		{{{[10] = 0xff, 0xff, 172, 16}}, ADDR_V4_BITS + 12},
		{{{[10] = 0xff, 0xff, 192, 168}}, ADDR_V4_BITS + 16},
		{{{0xfc}}, 7},
	};
	static const struct prefix link_local[] = {
		{{{[10] = 0xff, 0xff, 169, 254}}, ADDR_V4_BITS + 16},
		{{{0xfe, 0x80}}, 10},
	};
	const struct prefix *items = policy ? policy->local.items : defaults;
	const size_t n = policy ? policy->local.n_items : sizeof(defaults) / sizeof(defaults[0]);
	bool found = false;

	for (size_t i = 0; i < n && !found; i++)
		found = prefix_contains(&items[i], addr);
	for (size_t i = 0; i < sizeof(link_local) / sizeof(link_local[0]); i++)
		found = found && !prefix_contains(&link_local[i], addr);
	return found;
}

static bool is_other_network(const struct survey *survey, const struct address *address)
{
	const struct link *link = links_by_index(&survey->links, address->ifindex);

	return link && link->running && !link->loopback && !link->point_to_point && address->len < ADDR_BITS &&
	       is_local(survey->policy, &address->addr) && !stands_on_ours(survey, link) &&
	       !own_addresses_leads_out(&survey->addresses, link->ifindex);
}

void check_networks(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = NULL;
	char names[FINDING_NAMES_MAX], text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < survey->addresses.n; i++) {
		const struct address *address = &survey->addresses.items[i];

		if (!is_other_network(survey, address))
			continue;
		if (!finding)
			finding = findings_add(findings, WAY_networks, SEVERITY_WARNING);
		finding_about(finding, "%s (%s)", links_by_index(&survey->links, address->ifindex)->name,
			      addr_format(&address->addr, text));
	}
	if (!finding)
		return;
	finding_seen(finding,
		     "%s: local networks of this machine without a fence: a device that is moved there is free",
		     finding_names(finding, names));
	finding_close(
		finding,
		"put up a second fence there (ringfenced with a policy, --run-dir and --pin-dir of its own), or keep devices "
		"that have one from joining");
}

void check_link_channel(const struct survey *survey, struct findings *findings)
{
	struct finding *finding;
	size_t inside = 0, open = 0;

	for (size_t i = 0; i < survey->n_ports; i++) {
		inside += survey->ports[i].role == SURVEY_INSIDE;
		open += survey->ports[i].role == SURVEY_INSIDE && !survey->ports[i].link->isolated;
	}
	if (inside < 2 || !open)
		return;
	finding = findings_add(findings, WAY_link_channel, SEVERITY_ADVICE);
	finding_seen(finding,
		     "%zu of %zu inside ports are not isolated: devices of different ports may exchange ARP, ND and "
		     "EAPOL, and in them data, whatever the rules say",
		     open, inside);
	finding_close(finding, "where devices need not reach each other: bridge link set dev PORT isolated on");
}
