// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_unseen.c - ways around that leave nothing on this machine to be seen: advice, with the reason why it can be no more. See checks.h.
 */
#include "checks.h"

static void advise(struct findings *findings, enum way way, const char *seen, const char *close)
{
	struct finding *finding = findings_add(findings, way, SEVERITY_ADVICE);

	finding_seen(finding, "%s", seen);
	finding_close(finding, "%s", close);
}

void check_dhcp(const struct survey *survey, struct findings *findings)
{
	(void)survey;
	advise(findings, WAY_dhcp,
	       "leases for invented hardware addresses use up the range; how many the server gives, only it knows",
	       "a limit at the server (dnsmasq: dhcp-lease-max), and reservations outside of the range");
}

void check_behind_switch(const struct survey *survey, struct findings *findings)
{
	(void)survey;
	advise(findings, WAY_behind_switch,
	       "devices behind one unmanaged switch or repeater reach each other without the bridge; nothing tells that it is there",
	       "a port of the bridge for each, or a managed switch with a VLAN or port isolation for each");
}

void check_flooding(const struct survey *survey, struct findings *findings)
{
	(void)survey;
	advise(findings, WAY_flooding,
	       "a frame whose receiver the bridge has not learned leaves every port: others read it, which no counter tells",
	       "bridge link set dev PORT flood off where devices do not change, or static entries (bridge fdb)");
}

void check_radio(const struct survey *survey, struct findings *findings)
{
	(void)survey;
	advise(findings, WAY_radio,
	       "a SIM, Bluetooth or a neighbour's open network is a way out that does not touch this machine",
	       "none here; a device that is silent on this network (ringfence devices: last seen) is a hint");
}
