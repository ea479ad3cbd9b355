// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_services.c - which programs of this machine carry on what devices send them, and which devices may send it? See checks.h.
 *
 * A listener that the policy keeps every device from is no way around, so the caller's engine is asked for each device.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../machine/avahi.h"
#include "checks.h"

#define SSDP 1900
#define PCP 5351 /* NAT-PMP and PCP */
#define MDNS 5353

#define PORTS_TEXT_MAX 128 /* of the ports of one program that a sentence lists */

/* ---- what can be reached ------------------------------------------------------------------------------------------ */

static bool is_loopback(const struct addr *addr)
{
	static const struct prefix loopback[] = {{{{[10] = 0xff, 0xff, 127}}, ADDR_V4_BITS + 8},
						 {{{[15] = 1}}, ADDR_BITS}};

	return prefix_contains(&loopback[0], addr) || prefix_contains(&loopback[1], addr);
}

/* Whatever is not bound to another link. */
static bool is_reachable(const struct survey *survey, const struct listener *listener)
{
	return !is_loopback(&listener->addr) && (!listener->ifindex || survey_is_bridge(survey, listener->ifindex));
}

static bool takes(const struct listener *listener, const struct addr *addr)
{
	return addr_is_v4(addr) ? listener->v4 : listener->v6;
}

/* By its own address or, if it takes any, by one of the machine's. What cannot be said is taken for yes. */
static bool may_reach(const struct survey *survey, const struct policy_device *device, const struct listener *listener)
{
	if (!listener_is_any(listener))
		return survey->reach(survey->reach_context, device, &listener->addr, listener->proto, listener->port) !=
		       0;
	for (size_t i = 0; i < survey->addresses.n; i++) {
		const struct address *address = &survey->addresses.items[i];

		if (survey_answers(survey, address) && takes(listener, &address->addr) &&
		    survey->reach(survey->reach_context, device, &address->addr, listener->proto, listener->port) != 0)
			return true;
	}
	return false;
}

/* ---- whose listeners ---------------------------------------------------------------------------------------------- */

struct kind {
	enum way way;
	/* Is it one of these programs' listeners? */
	bool (*belongs)(const struct survey *survey, const struct listener *listener);
	const char *does;
	const char *close;
};

static bool has_name(const struct listener *listener, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(listener->owner, *names) == 0)
			return true;
	return false;
}

static bool is_mapper(const struct survey *survey, const struct listener *listener)
{
	static const char *const names[] = {"miniupnpd", "upnpd", "igd2", "natpmpd", NULL};

	if (listener->proto == IPPROTO_UDP && (listener->port == SSDP || listener->port == PCP))
		return true;
	if (has_name(listener, names))
		return true;
	/* What the same process listens on by TCP is where it takes orders by UPnP. */
	for (size_t i = 0; i < survey->listeners.n && listener->pid; i++) {
		const struct listener *other = &survey->listeners.items[i];

		if (other->pid == listener->pid && other->proto == IPPROTO_UDP &&
		    (other->port == SSDP || other->port == PCP))
			return true;
	}
	return false;
}

static bool is_proxy(const struct survey *survey, const struct listener *listener)
{
	static const char *const names[] = {"squid",  "tinyproxy",  "privoxy",	"danted", "sockd",
					    "3proxy", "microsocks", "tor",	"polipo", "ss-server",
					    "v2ray",  "xray",	    "sing-box", NULL};
	static const uint16_t ports[] = {1080, 3128, 8118, 9050};

	(void)survey;
	if (listener->proto != IPPROTO_TCP)
		return false;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (listener->port == ports[i])
			return true;
	return has_name(listener, names);
}

static bool is_reflector(const struct survey *survey, const struct listener *listener)
{
	static const char *const names[] = {"mdns-repeater", "mdns-reflector", "bonjour-reflect", NULL};

	if (listener->proto != IPPROTO_UDP || listener->port != MDNS)
		return false;
	return has_name(listener, names) || (survey->avahi_reflects && strcmp(listener->owner, "avahi-daemon") == 0);
}

/* ---- of each process one finding ---------------------------------------------------------------------------------- */

/* Those of one process, or of nobody who is seen, on one port. */
static bool same_program(const struct listener *a, const struct listener *b)
{
	return a->pid && b->pid ? a->pid == b->pid : a->pid == b->pid && a->proto == b->proto && a->port == b->port;
}

static bool counts(const struct survey *survey, const struct kind *kind, const struct listener *listener)
{
	return is_reachable(survey, listener) && kind->belongs(survey, listener);
}

/* The listeners of one program that count: more than one has. */
#define LISTENERS_MAX 64

struct program {
	const struct listener *listeners[LISTENERS_MAX];
	size_t n;
};

static void collect(const struct survey *survey, const struct kind *kind, const struct listener *first,
		    struct program *program)
{
	for (size_t i = 0; i < survey->listeners.n && program->n < LISTENERS_MAX; i++) {
		const struct listener *listener = &survey->listeners.items[i];

		if (same_program(first, listener) && counts(survey, kind, listener))
			program->listeners[program->n++] = listener;
	}
}

static bool reaches_program(const struct survey *survey, const struct program *program,
			    const struct policy_device *device)
{
	for (size_t i = 0; i < program->n; i++)
		if (may_reach(survey, device, program->listeners[i]))
			return true;
	return false;
}

/* "tcp/5000, udp/1900": where the program listens. */
static void list_ports(const struct program *program, char buf[PORTS_TEXT_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < program->n && len < PORTS_TEXT_MAX; i++) {
		const struct listener *listener = program->listeners[i];

		len += (size_t)snprintf(buf + len, PORTS_TEXT_MAX - len, "%s%s/%u", len ? ", " : "",
					listener->proto == IPPROTO_TCP ? "tcp" : "udp", listener->port);
	}
}

static void tell(const struct kind *kind, const struct program *program, struct finding *finding)
{
	const struct listener *first = program->listeners[0];
	char names[FINDING_NAMES_MAX], ports[PORTS_TEXT_MAX];

	finding_names(finding, names);
	list_ports(program, ports);
	if (first->pid)
		finding_seen(finding, "%s (pid %d, %s) %s, and may be used by %zu: %s", first->owner, first->pid, ports,
			     kind->does, finding->count, names);
	else
		finding_seen(finding, "somebody (%s) %s, and may be used by %zu: %s", ports, kind->does, finding->count,
			     names);
	finding_close(finding, "%s", kind->close);
}

static void check_program(const struct survey *survey, const struct kind *kind, const struct listener *first,
			  struct findings *findings)
{
	const struct policy *policy = survey->policy;
	struct finding *finding = NULL;
	struct program program = {0};

	collect(survey, kind, first, &program);
	for (size_t i = 0; i <= policy->n_devices; i++) {
		const struct policy_device *device = i < policy->n_devices ? &policy->devices[i] : NULL;

		if (!reaches_program(survey, &program, device))
			continue;
		if (!finding)
			finding = findings_add(findings, kind->way, SEVERITY_WARNING);
		finding_about(finding, "%s", device ? device->name : "(unknown devices)");
	}
	if (finding)
		tell(kind, &program, finding);
}

static bool is_first(const struct survey *survey, const struct kind *kind, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (same_program(&survey->listeners.items[i], &survey->listeners.items[place]) &&
		    counts(survey, kind, &survey->listeners.items[i]))
			return false;
	return true;
}

static void check_kind(const struct survey *survey, const struct kind *kind, struct findings *findings)
{
	if (survey->listeners_err) {
		struct finding *finding = findings_add(findings, kind->way, SEVERITY_UNKNOWN);

		finding_seen(finding, "the kernel does not tell who listens: %s", strerror(-survey->listeners_err));
		finding_close(finding,
			      "a kernel with INET_DIAG and INET_UDP_DIAG (OpenWrt: the package kmod-inet-diag)");
		return;
	}
	for (size_t i = 0; i < survey->listeners.n; i++)
		if (counts(survey, kind, &survey->listeners.items[i]) && is_first(survey, kind, i))
			check_program(survey, kind, &survey->listeners.items[i], findings);
}

void check_port_mapper(const struct survey *survey, struct findings *findings)
{
	static const struct kind kind = {
		WAY_port_mapper, is_mapper, "listens where devices ask for ports to be opened to them from outside",
		"stop it, or deny the gateway to those that need no open port: {deny: gateway} in front of what allows it"};

	check_kind(survey, &kind, findings);
}

void check_proxy(const struct survey *survey, struct findings *findings)
{
	static const struct kind kind = {
		WAY_proxy, is_proxy, "looks like a proxy, which goes to any host on a device's behalf",
		"stop it, have it listen on 127.0.0.1, or deny its port: {deny: gateway, proto: tcp, port: N}"};

	check_kind(survey, &kind, findings);
}

void check_reflector(const struct survey *survey, struct findings *findings)
{
	static const struct kind kind = {WAY_reflector, is_reflector,
					 "repeats mDNS on other networks, and what it carries",
					 "enable-reflector=no in " AVAHI_CONFIG ", or stop it"};

	check_kind(survey, &kind, findings);
}
