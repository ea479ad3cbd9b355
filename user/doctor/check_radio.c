// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_radio.c - do stations of an access point on the bridge reach each other inside of the radio, and who listens before the fence? See checks.h.
 */
#include <linux/if_ether.h>
#include <string.h>

#include "checks.h"

static void tell_unknown(struct findings *findings, const struct survey_port *port)
{
	struct finding *finding = findings_add(findings, WAY_wifi, SEVERITY_WARNING);

	finding_about(finding, "%s", port->link->name);
	finding_seen(
		finding,
		"%s is an access point or a mesh, and no configuration of hostapd says that its stations are isolated: they "
		"may reach each other without the bridge",
		port->link->name);
	finding_close(finding,
		      "ap_isolate=1 in hostapd's configuration (OpenWrt: option isolate 1 in /etc/config/wireless). If "
		      "they are to reach each other by rules: bridge link set dev PORT hairpin on");
}

static void tell_together(struct findings *findings, const struct survey_port *port)
{
	struct finding *finding = findings_add(findings, WAY_wifi, SEVERITY_OPEN);
	char word[FINDING_WORD_MAX];

	finding_about(finding, "%s", port->link->name);
	finding_seen(finding,
		     "%s: %s does not isolate its stations: they reach each other inside of the radio, and the bridge "
		     "does not see it",
		     port->link->name, port->isolation_path);
	finding_close(
		finding,
		"ap_isolate=1 in its section there, and restart hostapd (OpenWrt: option isolate 1 in "
		"/etc/config/wireless, then wifi reload). If they are to reach each other by rules: bridge link set dev %s "
		"hairpin on",
		finding_word(port->link->name, word));
}

void check_wifi(const struct survey *survey, struct findings *findings)
{
	struct finding *finding;

	if (survey->wirelesses_err) {
		finding = findings_add(findings, WAY_wifi, SEVERITY_UNKNOWN);
		finding_seen(finding, "the kernel does not tell its wireless interfaces: %s",
			     strerror(-survey->wirelesses_err));
		return;
	}
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];

		if (!port->ap || port->role != SURVEY_INSIDE)
			continue;
		if (port->isolation == HOSTAPD_UNKNOWN)
			tell_unknown(findings, port);
		else if (port->isolation == HOSTAPD_TOGETHER)
			tell_together(findings, port);
	}
}

static bool is_xdp(enum hook hook)
{
	return hook == HOOK_XDP_NATIVE || hook == HOOK_XDP_GENERIC || hook == HOOK_XDP_SHARED;
}

/* Gets it packets of devices on this port? EAPOL and the like are for whoever asks for them. */
static bool listens_on(const struct packet_socket *socket, const struct survey_port *port)
{
	return (!socket->ifindex || socket->ifindex == port->link->ifindex) &&
	       (socket->ethertype == ETH_P_ALL || socket->ethertype == ETH_P_IP || socket->ethertype == ETH_P_IPV6);
}

void check_packet_sockets(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = NULL;
	char names[FINDING_NAMES_MAX];

	if (survey->packet_sockets_err) {
		finding = findings_add(findings, WAY_packet_sockets, SEVERITY_UNKNOWN);
		finding_seen(finding, "/proc/net/packet cannot be read: %s", strerror(-survey->packet_sockets_err));
		return;
	}
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];
		bool heard = false;

		for (size_t j = 0; j < survey->packet_sockets.n && !heard; j++)
			heard = listens_on(&survey->packet_sockets.items[j], port);
		if (!heard || port->role != SURVEY_INSIDE || is_xdp(port->hooks.from))
			continue;
		if (!finding)
			finding = findings_add(findings, WAY_packet_sockets, SEVERITY_ADVICE);
		finding_about(finding, "%s", port->link->name);
	}
	if (!finding)
		return;
	finding_seen(finding,
		     "%s: packet sockets (a capture, some DHCP servers) get frames before programs at TC drop them",
		     finding_names(finding, names));
	finding_close(finding, "`attach: {hook: xdp-native}` if such a program acts on what it reads; see ss -0 -p");
}
