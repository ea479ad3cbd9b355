// SPDX-License-Identifier: GPL-2.0-only
/*
 * event.c - see event.h.
 */
#include <stdio.h>
#include <time.h>

#include "addr.h"
#include "control.h"
#include "event.h"

#define NSEC_PER_SEC 1000000000LL
#define NSEC_PER_MSEC 1000000LL
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_ICMPV6 58
#define PROTO_SCTP 132

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

int64_t event_boot_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

int64_t event_now_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

const char *event_time(int64_t wall_ns, char buf[EVENT_TIME_MAX])
{
	const time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	struct tm utc;
	size_t len;

	if (wall_ns < 0 || !gmtime_r(&seconds, &utc))
		return "1970-01-01T00:00:00.000Z";
	len = strftime(buf, EVENT_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buf + len, EVENT_TIME_MAX - len, ".%03dZ", (int)(wall_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
	return buf;
}

const char *event_type_text(uint8_t type)
{
	static const char *const words[RF_EVENT_COUNT] = {
#define X(name, text) [RF_EVENT_##name] = text,
		RF_EVENT_LIST(X)
#undef X
	};

	return type < RF_EVENT_COUNT ? words[type] : "unread";
}

static const char *reason_text(uint8_t reason)
{
	static const char *const words[RF_REASON_COUNT] = {
#define X(name, text, verdict, sentence) [RF_REASON_##name] = text,
		RF_REASON_LIST(X)
#undef X
	};

	return reason < RF_REASON_COUNT ? words[reason] : "internal";
}

static json_t *addr_or_null(const struct rf_event *event, const struct rf_addr *from)
{
	const struct addr addr = addr_from_wire(*from);
	char text[ADDR_TEXT_MAX];

	return event->l3 ? json_string(addr_format(&addr, text)) : json_null();
}

static bool has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP;
}

static json_t *port_or_null(const struct rf_event *event, uint16_t port)
{
	return event->l3 && has_ports(event->proto) ? json_integer(port) : json_null();
}

static json_t *proto_or_null(const struct rf_event *event, const char *word)
{
	char number[4];

	if (!event->l3)
		return json_null();
	snprintf(number, sizeof(number), "%u", event->proto);
	return json_string(word ? word : number);
}

/* Who sent to whom: `remote` and `local` of the record are as seen from the device. */
static void set_ends(json_t *json, const struct rf_event *event)
{
	const bool from = event->direction == RF_DIRECTION_FROM;
	const uint16_t dport = from ? event->remote_port : event->local_port;

	json_object_set_new(json, "src", addr_or_null(event, from ? &event->local : &event->remote));
	json_object_set_new(json, "sport", port_or_null(event, from ? event->local_port : event->remote_port));
	json_object_set_new(json, "dst", addr_or_null(event, from ? &event->remote : &event->local));
	json_object_set_new(json, "dport", port_or_null(event, dport));
	/* The datapath puts the type where the destination's port would be. */
	if (event->l3 && (event->proto == PROTO_ICMP || event->proto == PROTO_ICMPV6))
		json_object_set_new(json, "icmp_type", json_integer(dport));
	if (!event->l3) {
		char text[8];

		snprintf(text, sizeof(text), "0x%04x", event->ethertype);
		json_object_set_new(json, "ethertype", json_string(text));
	}
	if (event->vlan)
		json_object_set_new(json, "vlan", json_integer(event->vlan));
}

/* Ticks are told against the moment that the record has on both clocks. */
static int64_t tick_ns(const struct rf_event *event, uint64_t ticks, const struct event_names *names)
{
	const int64_t now_ns = (int64_t)event->time_ns + names->boot_ns;

	if (!ticks || ticks > event->now_ticks || !names->hz)
		return now_ns;
	return now_ns - (int64_t)(event->now_ticks - ticks) * (NSEC_PER_SEC / names->hz);
}

static void set_times(json_t *json, const struct rf_event *event, const struct event_names *names)
{
	char buf[EVENT_TIME_MAX];

	json_object_set_new(json, "first", json_string(event_time(tick_ns(event, event->first_ticks, names), buf)));
	json_object_set_new(json, "last", json_string(event_time(tick_ns(event, event->last_ticks, names), buf)));
}

/* Not a packet, but an address that an answer carried, or that gave way: null if it was a name with all of its addresses. */
static void set_learned(json_t *json, const struct rf_event *event)
{
	const bool whole = event->type == RF_EVENT_EVICTED && !event->remote.hi && !event->remote.lo;

	json_object_set_new(json, "proto", json_null());
	json_object_set_new(json, "sport", json_null());
	json_object_set_new(json, "dport", json_null());
	json_object_set_new(json, "address", whole ? json_null() : addr_or_null(event, &event->remote));
	if (whole)
		json_object_set_new(json, "dst", json_null());
}

json_t *event_json(const struct rf_event *event, const struct event_names *names)
{
	char time[EVENT_TIME_MAX], mac_text[MAC_TEXT_MAX];
	struct mac mac;
	json_t *json;

	for (int i = 0; i < MAC_BYTES; i++)
		mac.bytes[i] = event->mac[i];
	json = json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:o, s:o}", "time",
			 event_time((int64_t)event->time_ns + names->boot_ns, time), "type",
			 event_type_text(event->type), "device", control_text(names->device), "mac",
			 mac_format(&mac, mac_text), "port", control_text(names->port), "direction",
			 event->direction == RF_DIRECTION_FROM ? "from" : "to", "reason", reason_text(event->reason),
			 "rule", control_text(names->rule), "proto", proto_or_null(event, names->proto));
	if (!json)
		return NULL;
	set_ends(json, event);
	json_object_set_new(json, "name", control_text(names->name));
	json_object_set_new(json, "packets", json_integer((json_int_t)event->packets));
	json_object_set_new(json, "bytes", json_integer((json_int_t)event->bytes));
	set_times(json, event, names);
	if (event->type == RF_EVENT_LEARNED || event->type == RF_EVENT_EVICTED)
		set_learned(json, event);
	return json;
}
