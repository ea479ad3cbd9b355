// SPDX-License-Identifier: GPL-2.0-only
/*
 * survey.c - read the machine for the checks: see survey.h.
 *
 * Which interfaces count is decided here, what that means in the checks. Changes nothing.
 */
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "../machine/avahi.h"
#include "../machine/list.h"
#include "survey.h"

/* ---- which ports -------------------------------------------------------------------------------------------------- */

bool survey_is_bridge(const struct survey *survey, uint32_t ifindex)
{
	for (size_t i = 0; i < survey->n_bridges; i++)
		if (survey->bridges[i] == ifindex)
			return true;
	return false;
}

bool survey_answers(const struct survey *survey, const struct address *address)
{
	static const struct prefix link_local[] = {
		{{{[10] = 0xff, 0xff, 169, 254}}, ADDR_V4_BITS + 16},
		{{{0xfe, 0x80}}, 10},
	};
	const struct link *link = links_by_index(&survey->links, address->ifindex);
	bool local = false;

	for (size_t i = 0; i < sizeof(link_local) / sizeof(link_local[0]); i++)
		local |= prefix_contains(&link_local[i], &address->addr);
	return link && !link->loopback && (!local || survey_is_bridge(survey, address->ifindex));
}

bool survey_has_programs(const struct survey_port *port)
{
	return port->hooks.from != HOOK_NONE || port->hooks.to != HOOK_NONE;
}

static void add_bridge(struct survey *survey, uint32_t ifindex)
{
	if (ifindex && !survey_is_bridge(survey, ifindex) && survey->n_bridges < SURVEY_BRIDGES_MAX)
		survey->bridges[survey->n_bridges++] = ifindex;
}

static bool has_programs(const struct link *link)
{
	struct survey_port port = {0};

	hooks_read(link->ifindex, NULL, &port.hooks);
	return survey_has_programs(&port);
}

static bool is_named(const struct survey *survey, const struct link *link)
{
	return survey->policy && policy_has_port(survey->policy, link->name, false);
}

static void find_bridges(struct survey *survey)
{
	const char *name = survey->policy ? survey->policy->bridge : survey->bridge;
	const struct link *bridge = name ? links_by_name(&survey->links, name) : NULL;

	if (bridge)
		add_bridge(survey, bridge->ifindex);
	for (size_t i = 0; i < survey->links.n && !name; i++) {
		const struct link *link = &survey->links.items[i];

		if (survey->policy ? is_named(survey, link) : has_programs(link))
			add_bridge(survey, link->master);
	}
}

static enum survey_role role_of(const struct survey *survey, const struct link *link, bool programs)
{
	if (!survey->policy)
		return programs ? SURVEY_INSIDE : SURVEY_UNCLEAR;
	if (policy_has_port(survey->policy, link->name, survey_is_bridge(survey, link->master)))
		return SURVEY_INSIDE;
	return survey->policy->bridge ? SURVEY_UPLINK : SURVEY_LEFT_OUT;
}

/* ---- a port ------------------------------------------------------------------------------------------------------- */

static void read_programs(struct survey *survey, struct survey_port *port)
{
	struct ahead ahead[AHEAD_MAX];
	const uint32_t ifindex = port->link->ifindex;

	port->n_ahead = ahead_read(ifindex, &port->hooks, ahead);
	if (port->n_ahead) {
		port->ahead = calloc(port->n_ahead, sizeof(ahead[0]));
		if (port->ahead)
			memcpy(port->ahead, ahead, port->n_ahead * sizeof(ahead[0]));
		else
			survey->err = -ENOMEM;
	}
	/* What cannot be read is as if there were no clsact: a kernel without it. */
	filters_read(ifindex, false, &port->from);
	filters_read(ifindex, true, &port->to);
}

static void read_radio(const struct survey *survey, struct survey_port *port)
{
	const struct wireless *wireless = wireless_by_index(&survey->wirelesses, port->link->ifindex);

	port->ap = wireless && wireless->role != WIRELESS_STATION;
	if (wireless && wireless->role == WIRELESS_AP)
		port->isolation = hostapd_read(port->link->name, port->isolation_path);
}

static void add_port(struct survey *survey, const struct link *link)
{
	struct survey_port port = {.link = link}, *items;
	char name[IF_NAMESIZE];

	hooks_read(link->ifindex, NULL, &port.hooks);
	/* Gone meanwhile: that it has no programs is no finding. */
	if (!survey_has_programs(&port) && !if_indextoname(link->ifindex, name))
		return;
	port.role = role_of(survey, link, survey_has_programs(&port));
	items = list_grow(survey->ports, survey->n_ports, &survey->ports_room, sizeof(*items));
	if (!items) {
		survey->err = -ENOMEM;
		return;
	}
	survey->ports = items;
	items[survey->n_ports++] = port;
	read_programs(survey, &items[survey->n_ports - 1]);
	read_radio(survey, &items[survey->n_ports - 1]);
}

static void read_ports(struct survey *survey)
{
	const bool by_programs = !survey->policy && !survey->n_bridges;

	for (size_t i = 0; i < survey->links.n; i++) {
		const struct link *link = &survey->links.items[i];

		if (survey_is_bridge(survey, link->master) || is_named(survey, link) ||
		    (by_programs && has_programs(link)))
			add_port(survey, link);
	}
}

/* ---- the rest ----------------------------------------------------------------------------------------------------- */

static bool is_there(const char *pattern)
{
	glob_t found = {0};
	const bool there = glob(pattern, 0, NULL, &found) == 0;

	globfree(&found);
	return there;
}

static void read_init(struct survey *survey)
{
	if (is_there("/run/systemd/system")) {
		survey->init = SURVEY_INIT_SYSTEMD;
		survey->enabled = is_there("/etc/systemd/system/*.wants/ringfence.service");
	} else if (is_there("/etc/rc.common")) {
		survey->init = SURVEY_INIT_OPENWRT;
		survey->enabled = is_there("/etc/rc.d/S*ringfence");
	}
}

int survey_take(struct survey *survey)
{
	int err = links_read(&survey->links);

	if (!err)
		err = own_addresses_read(&survey->addresses);
	if (!err)
		err = neighbours_read(&survey->neighbours);
	if (err)
		return err;
	survey->listeners_err = listeners_read(&survey->listeners);
	survey->flowtables_err = flowtables_read(&survey->flowtables);
	survey->wirelesses_err = wireless_read(&survey->wirelesses);
	survey->packet_sockets_err = packet_sockets_read(&survey->packet_sockets);
	read_init(survey);
	survey->avahi_reflects = avahi_reflects();
	find_bridges(survey);
	read_ports(survey);
	return survey->err;
}

void survey_free(struct survey *survey)
{
	for (size_t i = 0; i < survey->n_ports; i++) {
		free(survey->ports[i].ahead);
		filters_free(&survey->ports[i].from);
		filters_free(&survey->ports[i].to);
	}
	free(survey->ports);
	links_free(&survey->links);
	own_addresses_free(&survey->addresses);
	listeners_free(&survey->listeners);
	flowtables_free(&survey->flowtables);
	wireless_free(&survey->wirelesses);
	neighbours_free(&survey->neighbours);
	packet_sockets_free(&survey->packet_sockets);
	*survey = (struct survey){0};
}
