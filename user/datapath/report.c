// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.c - see report.h.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../common/control.h"
#include "../common/sizing.h"
#include "names.h"
#include "report.h"

static json_t *text_or_null(const char *text)
{
	return control_text(text[0] ? text : NULL);
}

json_t *report_port_json(const struct report_port *port)
{
	return json_pack("{s:o, s:i, s:b, s:s, s:s, s:o, s:o}", "port", control_text(port->name), "ifindex",
			 (int)port->ifindex, "enforced", port->enforced, "from", hook_text(port->hooks.from), "to",
			 hook_text(port->hooks.to), "why", text_or_null(port->why), "error", text_or_null(port->error));
}

const char *report_hash(const uint8_t hash[32], char buf[REPORT_HASH_MAX])
{
	size_t len = (size_t)snprintf(buf, REPORT_HASH_MAX, "sha256:");

	for (int i = 0; i < 32; i++)
		len += (size_t)snprintf(buf + len, REPORT_HASH_MAX - len, "%02x", hash[i]);
	return buf;
}

/* Ports as the kernel has them: with a program of ours on either side. */
static json_t *ports_json(bool *ret_enforcing)
{
	struct if_nameindex *interfaces = if_nameindex();
	json_t *ports = json_array();
	bool enforcing = false;

	for (const struct if_nameindex *i = interfaces; i && i->if_index; i++) {
		struct report_port port = {.ifindex = i->if_index};

		snprintf(port.name, sizeof(port.name), "%s", i->if_name);
		hooks_read(port.ifindex, NULL, &port.hooks);
		if (port.hooks.from == HOOK_NONE && port.hooks.to == HOOK_NONE)
			continue;
		port.enforced = port.hooks.from != HOOK_NONE && port.hooks.to != HOOK_NONE;
		enforcing |= port.enforced;
		if (!port.enforced)
			snprintf(port.error, sizeof(port.error),
				 "frames %s devices are not policed: (re)start ringfenced",
				 port.hooks.from == HOOK_NONE ? "from" : "to");
		json_array_append_new(ports, report_port_json(&port));
	}
	if_freenameindex(interfaces);
	*ret_enforcing = enforcing;
	return ports;
}

static json_t *fill_json(const struct view_fill *fill)
{
	return json_pack("{s:s, s:I, s:I}", "name", fill->name, "used", (json_int_t)fill->used, "max",
			 (json_int_t)fill->max);
}

static json_t *maps_json(const struct view *view)
{
	struct view_fill fill, known, learned;
	json_t *maps = json_array();

	for (int id = 0; id < MAP_COUNT; id++)
		if (view_fill(view, (enum map_id)id, &fill))
			json_array_append_new(maps, fill_json(&fill));
	names_fill(view, &known, &learned);
	json_array_append_new(maps, fill_json(&known));
	json_array_append_new(maps, fill_json(&learned));
	return maps;
}

static json_t *events_json(const struct view *view)
{
	struct rf_totals totals = {0};

	view_totals(view, &totals);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:n, s:n}", "emitted", (json_int_t)totals.events_emitted, "lost",
			 (json_int_t)totals.events_lost, "packets_lost", (json_int_t)totals.packets_lost,
			 "packets_quiet", (json_int_t)totals.packets_quiet, "internal", (json_int_t)totals.internal,
			 "history", "subscribers");
}

static json_t *dns_json(const struct view *view)
{
	struct rf_totals totals = {0};

	view_totals(view, &totals);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "questions", (json_int_t)totals.dns_questions, "answers",
			 (json_int_t)totals.dns_answers, "unasked", (json_int_t)totals.dns_unasked, "unread",
			 (json_int_t)totals.dns_unread, "learned", (json_int_t)totals.dns_learned, "evicted",
			 (json_int_t)totals.dns_evicted);
}

static json_t *policy_json(const struct view *view)
{
	const struct rf_bank *bank = view_bank(view);
	char hash[REPORT_HASH_MAX];
	int devices = 0;

	for (uint32_t device = 0; device < view_devices(view); device++)
		devices += view_info(view, device) != NULL;
	return json_pack("{s:n, s:s, s:i, s:i, s:n, s:n, s:n}", "file", "hash", report_hash(bank->policy_hash, hash),
			 "generation", (int)bank->generation, "devices", devices, "profiles", "rules", "loaded");
}

json_t *report_json(const struct view *view, const char *pin_dir)
{
	struct utsname kernel = {0};
	bool enforcing;
	json_t *ports = ports_json(&enforcing);

	uname(&kernel);
	return json_pack("{s:n, s:b, s:n, s:o, s:o, s:o, s:o, s:o, s:s, s:i, s:s, s:o}", "daemon", "enforcing",
			 enforcing, "bridge", "policy", policy_json(view), "ports", ports, "maps", maps_json(view),
			 "events", events_json(view), "dns", dns_json(view), "kernel", kernel.release, "abi",
			 RF_ABI_VERSION, "sizing", sizing_text(view_sizing(view)), "pin_dir",
			 control_text(pin_dir ? pin_dir : DATAPATH_PIN_DIR));
}
