// SPDX-License-Identifier: GPL-2.0-only
/*
 * events.c - see events.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/event.h"
#include "../common/log.h"
#include "../datapath/names.h"
#include "daemon.h"
#include "events.h"

/* Devices whose folds are looked at in one tick: 3.5 KiB each, so 7 MiB, some milliseconds. */
#define SWEEP_DEVICES 2048
/* Devices whose place is looked at in one tick: a system call each. */
#define PLACE_DEVICES 512

int events_init(struct daemon *daemon)
{
	daemon->events.unknown = calloc(EVENTS_UNKNOWN_MAX, sizeof(*daemon->events.unknown));
	return daemon->events.unknown ? 0 : -ENOMEM;
}

void events_free(struct events *events)
{
	free(events->unknown);
	free(events->places);
	*events = (struct events){0};
}

void events_tell(struct daemon *daemon, const char *type, json_t *details)
{
	const int64_t now = event_now_ns();
	char time[EVENT_TIME_MAX];
	json_t *event = json_pack("{s:s, s:s}", "time", event_time(now, time), "type", type);

	if (event && details)
		json_object_update(event, details);
	json_decref(details);
	if (history_add(&daemon->history, event, now))
		log_warning("no memory to remember an event of type %s", type);
	server_feed(&daemon->server);
}

void events_port(struct daemon *daemon, const char *type, const struct report_port *port)
{
	events_tell(daemon, type, report_port_json(port));
}

/* ---- unknown MACs ----------------------------------------------------------------------------------------------- */

static const char *port_name(const struct daemon *daemon, uint32_t ifindex)
{
	const struct interface *interface = interfaces_by_index(&daemon->interfaces, ifindex);

	return interface ? interface->name : NULL;
}

static void mac_text(const uint8_t mac[6], char text[MAC_TEXT_MAX])
{
	struct mac parsed;

	memcpy(parsed.bytes, mac, sizeof(parsed.bytes));
	mac_format(&parsed, text);
}

static struct unknown_mac *place_for(struct events *events, const uint8_t mac[6])
{
	struct unknown_mac *oldest = events->unknown;

	for (size_t i = 0; i < events->n_unknown; i++) {
		if (!memcmp(events->unknown[i].mac, mac, 6))
			return &events->unknown[i];
		if (events->unknown[i].last_ns < oldest->last_ns)
			oldest = &events->unknown[i];
	}
	if (events->n_unknown < EVENTS_UNKNOWN_MAX)
		oldest = &events->unknown[events->n_unknown++];
	*oldest = (struct unknown_mac){0};
	memcpy(oldest->mac, mac, 6);
	return oldest;
}

static void note_unknown(struct daemon *daemon, const struct rf_event *event)
{
	struct events *events = &daemon->events;
	struct unknown_mac *unknown = place_for(events, event->mac);
	const bool is_new = !unknown->first_ns;
	char mac[MAC_TEXT_MAX];
	const char *port = port_name(daemon, event->ifindex);

	unknown->last_ns = event_now_ns();
	unknown->ifindex = event->ifindex;
	if (!is_new)
		return;
	unknown->first_ns = unknown->last_ns;
	if (events->new_in_tick++ >= EVENTS_NEW_PER_TICK) {
		events->new_untold++;
		return;
	}
	mac_text(event->mac, mac);
	log_notice("a device that the policy does not know: %s on %s", mac, port ? port : "?");
	events_tell(daemon, "new-device",
		    json_pack("{s:n, s:s, s:o}", "device", "mac", mac, "port", control_text(port)));
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

static const struct generation *generation_of(const struct daemon *daemon, uint32_t number)
{
	if (daemon->now && generation_number(daemon->now) == number)
		return daemon->now;
	if (daemon->before && generation_number(daemon->before) == number)
		return daemon->before;
	return NULL; /* of before this daemon's start: its lines are not known any more */
}

/* By which name the device may know the other end; what it just learned has the rule that the name grants, too. */
static void add_name(const struct daemon *daemon, const struct rf_event *event, struct names_entry *entry,
		     struct event_names *names)
{
	const uint32_t state = event->device < RF_UNKNOWN_DEVICES ? names_state(event->mac) : event->device;

	if (event->l3 && daemon->view && names_find(daemon->view, state, &event->remote, entry))
		names->name = entry->name;
}

/* What gave way is looked up nowhere any more: its record holds the name. */
static const char *evicted_name(const struct rf_event *event, char buf[KNOWN_TEXT_MAX])
{
	const struct rf_evicted *evicted = (const struct rf_evicted *)event;

	return known_text(evicted->wire, evicted->len, buf);
}

void events_record(void *context, const struct rf_event *event)
{
	struct daemon *daemon = context;
	const struct generation *generation = generation_of(daemon, event->generation);
	const bool unknown = event->device < RF_UNKNOWN_DEVICES;
	char rule[GENERATION_RULE_MAX];
	struct names_entry learned;
	struct event_names names = {
		.port = port_name(daemon, event->ifindex),
		.proto = policy_proto_text(event->proto),
		.rule = generation ? generation_rule(generation, event->rule, rule) : NULL,
		.boot_ns = event_boot_ns(),
		.hz = view_hz(),
	};

	if (!unknown)
		names.device = generation_device(generation ? generation : daemon->now, event->device);
	else if (event->direction == RF_DIRECTION_FROM)
		note_unknown(daemon, event);
	/* Only told once: as new-device. */
	if (event->type == RF_EVENT_SEEN)
		return;
	if (event->type == RF_EVENT_EVICTED)
		names.name = evicted_name(event, learned.name);
	else
		add_name(daemon, event, &learned, &names);
	if (event->type == RF_EVENT_LEARNED && names.name && generation)
		names.rule = generation_rule(generation, learned.rule, rule);
	history_add(&daemon->history, event_json(event, &names), (int64_t)event->time_ns + names.boot_ns);
}

/* ---- once a second ------------------------------------------------------------------------------------------------ */

static int places_resize(struct events *events, uint32_t n)
{
	uint32_t *places;

	if (n <= events->n_places)
		return 0;
	places = realloc(events->places, n * sizeof(*places));
	if (!places)
		return -ENOMEM;
	memset(places + events->n_places, 0, (n - events->n_places) * sizeof(*places));
	events->places = places;
	events->n_places = n;
	return 0;
}

static void check_place(struct daemon *daemon, uint32_t device)
{
	uint32_t *place = &daemon->events.places[device];
	const char *name = generation_device(daemon->now, device), *from, *to;
	struct counters counters;
	uint32_t was = *place;

	if (!name || view_counters(daemon->view, device, &counters) || !counters.first.ifindex ||
	    counters.first.ifindex == was)
		return;
	*place = counters.first.ifindex;
	if (!was)
		return;
	from = port_name(daemon, was);
	to = port_name(daemon, counters.first.ifindex);
	log_notice("%s moved from %s to %s", name, from ? from : "a port that is gone", to ? to : "?");
	events_tell(daemon, "moved",
		    json_pack("{s:s, s:o, s:o}", "device", name, "port", control_text(to), "from_port",
			      control_text(from)));
}

static void check_places(struct daemon *daemon)
{
	struct events *events = &daemon->events;
	const uint32_t n = daemon->now->n_indices;

	if (!daemon->view || places_resize(events, n) || n <= RF_UNKNOWN_DEVICES)
		return;
	for (uint32_t i = 0; i < PLACE_DEVICES && i < n - RF_UNKNOWN_DEVICES; i++) {
		if (events->next_place < RF_UNKNOWN_DEVICES || events->next_place >= n)
			events->next_place = RF_UNKNOWN_DEVICES;
		check_place(daemon, events->next_place++);
	}
}

static void check_lost(struct daemon *daemon)
{
	struct events *events = &daemon->events;
	struct rf_totals totals;

	if (!daemon->view || view_totals(daemon->view, &totals))
		return;
	/* What was lost before this start was told or not by the daemon before. */
	if (events->totals_known && totals.events_lost > events->lost)
		events_tell(daemon, "lost",
			    json_pack("{s:I, s:I}", "events", (json_int_t)(totals.events_lost - events->lost),
				      "packets", (json_int_t)(totals.packets_lost - events->packets_lost)));
	events->totals_known = true;
	events->lost = totals.events_lost;
	events->packets_lost = totals.packets_lost;
}

static void sweep(struct daemon *daemon)
{
	struct events *events = &daemon->events;
	const uint32_t n = daemon->now->n_indices;

	datapath_sweep(daemon->datapath, 0, RF_UNKNOWN_DEVICES);
	if (events->next_sweep < RF_UNKNOWN_DEVICES || events->next_sweep >= n)
		events->next_sweep = RF_UNKNOWN_DEVICES;
	if (events->next_sweep < n)
		datapath_sweep(daemon->datapath, events->next_sweep,
			       n - events->next_sweep < SWEEP_DEVICES ? n - events->next_sweep : SWEEP_DEVICES);
	events->next_sweep += SWEEP_DEVICES;
}

void events_tick(struct daemon *daemon)
{
	struct events *events = &daemon->events;

	if (events->new_untold)
		log_notice("%u more devices that the policy does not know in one second", events->new_untold);
	events->new_in_tick = events->new_untold = 0;
	sweep(daemon);
	check_places(daemon);
	check_lost(daemon);
	server_feed(&daemon->server);
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

static json_t *unknown_json(const struct daemon *daemon, const struct unknown_mac *unknown)
{
	char first[EVENT_TIME_MAX], last[EVENT_TIME_MAX], mac[MAC_TEXT_MAX];

	mac_text(unknown->mac, mac);
	return json_pack("{s:s, s:o, s:s, s:s}", "mac", mac, "port", control_text(port_name(daemon, unknown->ifindex)),
			 "first_seen", event_time(unknown->first_ns, first), "last_seen",
			 event_time(unknown->last_ns, last));
}

json_t *events_devices(const struct daemon *daemon)
{
	const struct events *events = &daemon->events;
	json_t *unknown = json_array(), *ports = json_object();

	for (size_t i = 0; i < events->n_unknown; i++)
		json_array_append_new(unknown, unknown_json(daemon, &events->unknown[i]));
	for (uint32_t i = RF_UNKNOWN_DEVICES; i < events->n_places; i++) {
		const char *name = generation_device(daemon->now, i);
		const char *port = events->places[i] ? port_name(daemon, events->places[i]) : NULL;

		if (name && port)
			json_object_set_new(ports, name, control_text(port));
	}
	return json_pack("{s:o, s:o}", "unknown", unknown, "ports", ports);
}
