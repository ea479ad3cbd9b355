// SPDX-License-Identifier: GPL-2.0-only
/*
 * ports.c - see ports.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/log.h"
#include "daemon.h"
#include "ports.h"

int ports_wanted(const struct policy *policy, const struct interfaces *interfaces, const struct interface ***ret_ports,
		 size_t *ret_n)
{
	const struct interface *bridge = policy->bridge ? interfaces_by_name(interfaces, policy->bridge) : NULL;
	const struct interface **ports = calloc(interfaces->n ? interfaces->n : 1, sizeof(const struct interface *));
	size_t n = 0;

	if (!ports)
		return -ENOMEM;
	for (size_t i = 0; i < interfaces->n; i++)
		if (policy_has_port(policy, interfaces->items[i].name,
				    bridge && interfaces->items[i].master == bridge->ifindex))
			ports[n++] = &interfaces->items[i];
	*ret_ports = ports;
	*ret_n = n;
	return 0;
}

const struct port *ports_find(const struct ports *ports, uint32_t ifindex)
{
	for (size_t i = 0; i < ports->n; i++)
		if (ports->items[i].report.ifindex == ifindex)
			return &ports->items[i];
	return NULL;
}

static struct port *add(struct ports *ports, const struct interface *interface)
{
	struct port *items = realloc(ports->items, (ports->n + 1) * sizeof(*items));
	struct port *port;

	if (!items)
		return NULL;
	ports->items = items;
	port = &items[ports->n++];
	*port = (struct port){.report.ifindex = interface->ifindex, .wanted = true};
	memcpy(port->report.name, interface->name, sizeof(interface->name));
	return port;
}

void ports_free(struct ports *ports)
{
	free(ports->items);
	*ports = (struct ports){0};
}

static struct datapath_port request_of(const struct policy *policy, bool vlan, const char *name, uint32_t ifindex)
{
	return (struct datapath_port){.ifindex = ifindex, .name = name, .hook = policy->hook, .vlan = vlan};
}

int ports_requests(const struct daemon *daemon, const struct policy *policy, struct datapath_port **ret_requests,
		   size_t *ret_n)
{
	struct datapath_port *requests = calloc(daemon->ports.n ? daemon->ports.n : 1, sizeof(*requests));
	size_t n = 0;

	if (!requests)
		return -ENOMEM;
	for (size_t i = 0; i < daemon->ports.n; i++) {
		const struct report_port *report = &daemon->ports.items[i].report;

		if (report->enforced)
			requests[n++] =
				request_of(policy, generation_has_vlan(daemon->now), report->name, report->ifindex);
	}
	*ret_requests = requests;
	*ret_n = n;
	return 0;
}

static void tell_attached(struct daemon *daemon, const struct report_port *report)
{
	log_info("port %s: frames from devices at %s, to devices at %s (%s)", report->name,
		 hook_text(report->hooks.from), hook_text(report->hooks.to), report->why);
	events_port(daemon, "attach", report);
}

/* ---- start -------------------------------------------------------------------------------------------------------- */

static int attach_new(struct daemon *daemon, const struct policy *policy, const struct interface *interface)
{
	const struct datapath_port request =
		request_of(policy, generation_has_vlan(daemon->now), interface->name, interface->ifindex);
	struct hooks hooks;
	struct port *port;
	int err;

	datapath_hooks(daemon->datapath, interface->ifindex, &hooks);
	if (hooks.from != HOOK_NONE || hooks.to != HOOK_NONE)
		return 0;
	port = add(&daemon->ports, interface);
	if (!port)
		return -ENOMEM;
	err = datapath_attach(daemon->datapath, &request, &port->report);
	if (err)
		log_error("port %s cannot be policed: %s", interface->name, port->report.error);
	else
		tell_attached(daemon, &port->report);
	return err;
}

int ports_attach_new(struct daemon *daemon, const struct policy *policy)
{
	AUTO_FREE const struct interface **wanted = NULL;
	size_t n = 0;
	int err = ports_wanted(policy, &daemon->interfaces, &wanted, &n);

	for (size_t i = 0; i < n && !err; i++)
		err = attach_new(daemon, policy, wanted[i]);
	if (err)
		ports_undo(daemon);
	return err;
}

void ports_undo(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->ports.n; i++)
		datapath_detach_port(daemon->datapath, daemon->ports.items[i].report.ifindex);
	ports_free(&daemon->ports);
}

/* ---- follow ------------------------------------------------------------------------------------------------------- */

static void attach(struct daemon *daemon, struct port *port)
{
	const struct datapath_port request = request_of(daemon->now->policy, generation_has_vlan(daemon->now),
							port->report.name, port->report.ifindex);
	const bool was = port->report.enforced;
	const struct hooks had = port->report.hooks;
	char name[IF_NAMESIZE];

	memcpy(name, port->report.name, sizeof(name));
	if (!datapath_attach(daemon->datapath, &request, &port->report)) {
		if (!was || port->told || had.from != port->report.hooks.from || had.to != port->report.hooks.to)
			tell_attached(daemon, &port->report);
		port->told = false;
		return;
	}
	if (!port->told)
		log_error("port %s is %s: %s", name,
			  port->report.enforced ? "policed as before, not as the policy asks" : "NOT ENFORCED",
			  port->report.error);
	port->told = true;
}

static void drop(struct daemon *daemon, size_t i)
{
	struct port *port = &daemon->ports.items[i];

	/* The interface may be gone, and its programs with it; a pin of its link is not. */
	datapath_detach_port(daemon->datapath, port->report.ifindex);
	log_info("port %s left: no longer policed", port->report.name);
	port->report.enforced = false;
	events_port(daemon, "detach", &port->report);
	*port = daemon->ports.items[--daemon->ports.n];
}

/* Note which ports should be, adding those that are new. */
static int mark(struct daemon *daemon)
{
	AUTO_FREE const struct interface **wanted = NULL;
	size_t n = 0;
	int err = ports_wanted(daemon->now->policy, &daemon->interfaces, &wanted, &n);

	if (err)
		return err;
	for (size_t i = 0; i < daemon->ports.n; i++)
		daemon->ports.items[i].wanted = false;
	for (size_t i = 0; i < n; i++) {
		const struct port *have = ports_find(&daemon->ports, wanted[i]->ifindex);
		struct port *port =
			have ? &daemon->ports.items[have - daemon->ports.items] : add(&daemon->ports, wanted[i]);

		if (!port)
			return -ENOMEM;
		port->wanted = true;
		if (strcmp(port->report.name, wanted[i]->name) != 0)
			log_info("port %s is now called %s", port->report.name, wanted[i]->name);
		memcpy(port->report.name, wanted[i]->name, sizeof(wanted[i]->name));
	}
	return 0;
}

static void bind_device(struct daemon *daemon, const struct ruleset_device *device)
{
	uint32_t ifindex[RF_IDENT_PORTS] = {0};

	for (size_t i = 0; i < device->device->n_ports && i < RF_IDENT_PORTS; i++) {
		const struct interface *interface = interfaces_by_name(&daemon->interfaces, device->device->ports[i]);

		ifindex[i] = interface ? interface->ifindex : 0;
	}
	datapath_bind(daemon->datapath, device->index, ifindex);
}

int ports_sync(struct daemon *daemon, bool renew)
{
	struct ports *ports = &daemon->ports;
	const struct ruleset *ruleset = daemon->now->ruleset;
	int bad = 0;

	/* The fence was opened: not to be put up again by the next port that moves. serve.c ends us. */
	if (!datapath_pinned(daemon->datapath))
		return 0;
	if (mark(daemon)) {
		log_error("no memory to follow the ports of the bridge");
		return 1;
	}
	/* First what is new: a port that joined while it was up forwards until then. */
	for (size_t i = 0; i < ports->n && !renew; i++)
		if (ports->items[i].wanted && !ports->items[i].report.enforced)
			attach(daemon, &ports->items[i]);
	/* A port of that name may have come back with another number. Until then devices that are bound to it are on a wrong one. */
	for (uint32_t i = 0; i < ruleset->n_devices; i++)
		if (ruleset->devices[i].device->n_ports)
			bind_device(daemon, &ruleset->devices[i]);
	for (size_t i = 0; i < ports->n;) {
		if (!ports->items[i].wanted) {
			drop(daemon, i);
			continue;
		}
		if (renew)
			attach(daemon, &ports->items[i]);
		bad += !ports->items[i].report.enforced;
		i++;
	}
	return bad;
}

void ports_check(struct daemon *daemon, bool retry)
{
	if (!datapath_pinned(daemon->datapath))
		return;
	for (size_t i = 0; i < daemon->ports.n; i++) {
		struct port *port = &daemon->ports.items[i];
		struct hooks hooks;

		if (!port->report.enforced && !retry)
			continue;
		datapath_hooks(daemon->datapath, port->report.ifindex, &hooks);
		if (hooks.from == port->report.hooks.from && hooks.to == port->report.hooks.to && port->report.enforced)
			continue;
		if (port->report.enforced) {
			log_error(
				"port %s: somebody took our programs away (from devices: %s, to devices: %s); putting them back",
				port->report.name, hook_text(hooks.from), hook_text(hooks.to));
			port->report.enforced = false;
			events_port(daemon, "detach", &port->report);
		}
		attach(daemon, port);
	}
}

void ports_resolve(const struct daemon *daemon, struct ruleset *ruleset)
{
	for (uint32_t i = 0; i < ruleset->n_devices; i++) {
		const struct policy_device *device = ruleset->devices[i].device;

		for (size_t j = 0; j < device->n_ports && j < RF_IDENT_PORTS; j++) {
			const struct interface *interface = interfaces_by_name(&daemon->interfaces, device->ports[j]);

			ruleset->idents[ruleset->devices[i].index].ifindex[j] = interface ? interface->ifindex : 0;
		}
	}
}
