// SPDX-License-Identifier: GPL-2.0-only
/*
 * setup.c - see setup.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../common/log.h"
#include "daemon.h"
#include "setup.h"

#define NAMES_MAX 512 /* of the bridges that a message lists */

/* A diagnostic has up to four lines, a line of the log one. */
static void log_diag(const struct diag *diag)
{
	AUTO_FREE char *text = diag_text(diag);
	char *rest = text;

	while (rest) {
		const char *line = strsep(&rest, "\n");

		if (diag->severity == DIAG_ERROR)
			log_error("%s", line);
		else
			log_warning("%s", line);
	}
}

void setup_log(struct diags *diags)
{
	diags_sort(diags);
	for (size_t i = 0; i < diags->n_items; i++)
		log_diag(&diags->items[i]);
	if (diags->n_errors > diags->n_items)
		log_error("and %zu more errors", diags->n_errors - diags->n_items);
}

uint32_t setup_gateway_interface(const struct daemon *daemon, const struct policy *policy)
{
	const struct interface *interface = NULL;

	if (policy->bridge) {
		interface = interfaces_by_name(&daemon->interfaces, policy->bridge);
	} else {
		for (size_t i = 0; i < policy->ports.n_items && !interface; i++)
			interface = interfaces_by_name(&daemon->interfaces, policy->ports.items[i]);
		if (interface && interface->master)
			return interface->master;
	}
	return interface ? interface->ifindex : 0;
}

static void list_bridges(const struct daemon *daemon, char names[NAMES_MAX])
{
	size_t len = 0;

	names[0] = '\0';
	for (size_t i = 0; i < daemon->interfaces.n; i++)
		if (daemon->interfaces.items[i].is_bridge && len < NAMES_MAX)
			len += (size_t)snprintf(names + len, NAMES_MAX - len, "%s%s", len ? ", " : "",
						daemon->interfaces.items[i].name);
	if (!names[0])
		snprintf(names, NAMES_MAX, "none");
}

/* All ports that the policy names must be there, or, with --wait, will be. */
static int check_ports(const struct daemon *daemon, const struct policy *policy, struct fault *fault)
{
	for (size_t i = 0; i < policy->ports.n_items && !daemon->options.wait; i++)
		if (!interfaces_by_name(&daemon->interfaces, policy->ports.items[i]))
			return fault_set(
				fault, -ENODEV,
				"there is no interface %s, which attach.ports in %s names (--wait waits for it)",
				policy->ports.items[i], policy->file);
	return 0;
}

/* Is there what the policy wants to attach to? */
static int check_machine(const struct daemon *daemon, const struct policy *policy, struct fault *fault)
{
	const struct interface *bridge =
		policy->bridge ? interfaces_by_name(&daemon->interfaces, policy->bridge) : NULL;
	char names[NAMES_MAX];

	list_bridges(daemon, names);
	if (!policy->bridge && !policy->ports.n_items)
		return fault_set(
			fault, -EINVAL,
			"%s has no `attach:`: say which bridge to follow, for example `attach: {bridge: NAME}` (bridges here: %s)",
			policy->file, names);
	if (policy->bridge && !bridge && !daemon->options.wait)
		return fault_set(
			fault, -ENODEV,
			"there is no interface %s, which attach.bridge in %s names (bridges here: %s; --wait waits for it)",
			policy->bridge, policy->file, names);
	if (bridge && !bridge->is_bridge)
		return fault_set(fault, -ENODEV, "%s is not a bridge (bridges here: %s)", policy->bridge, names);
	return check_ports(daemon, policy, fault);
}

static int read_gateways(const struct daemon *daemon, struct generation *generation, struct fault *fault)
{
	const uint32_t ifindex = setup_gateway_interface(daemon, generation->policy);
	int err = ifindex ? interfaces_gateways(ifindex, &generation->gateways) : 0;

	if (err)
		return fault_errno(fault, err, "cannot read the addresses of the bridge");
	if (!generation->gateways.n && !generation->policy->gateway.given)
		log_warning(
			"the bridge has no address and no default route leads out of it: `gateway` and `resolvers` mean nothing "
			"until it has, or until the policy says network.gateway");
	return 0;
}

int setup_prepare(const struct daemon *daemon, const struct generation_past *past, struct diags *diags,
		  struct fault *fault, struct generation **ret_generation)
{
	AUTO_GENERATION struct generation *generation = NULL;
	int err = generation_read(daemon->options.policy, diags, &generation);

	if (!err)
		err = check_machine(daemon, generation->policy, fault);
	if (!err)
		err = read_gateways(daemon, generation, fault);
	if (!err)
		err = generation_compile(generation, past, diags);
	if (err)
		return diags_ok(diags) && !fault->text[0]
			       ? fault_errno(fault, err, "cannot read %s", daemon->options.policy)
			       : err;
	ports_resolve(daemon, generation->ruleset);
	*ret_generation = TAKE_PTR(generation);
	return 0;
}

int setup_view(struct daemon *daemon, struct fault *fault)
{
	view_close(daemon->view);
	daemon->view = NULL;
	return view_lend(datapath_maps(daemon->datapath), fault, &daemon->view);
}
