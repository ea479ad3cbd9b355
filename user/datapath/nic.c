// SPDX-License-Identifier: GPL-2.0-only
/*
 * nic.c - see nic.h.
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../common/cleanup.h"
#include "nic.h"

/* Software that names a bus though there is none behind it, or stands on top of a port that has one. */
static bool is_virtual(const char *driver, const char *bus)
{
	static const char *const drivers[] = {
		"veth",	       "tun",	  "bridge",    "bonding",   "team",   "dummy",
		"macvlan",     "macvtap", "ipvlan",    "vxlan",	    "geneve", "802.1Q VLAN Support",
		"openvswitch", "ifb",	  "wireguard", "netdevsim",
	};

	if (!bus[0] || !strcmp(bus, "N/A") || !strcmp(bus, "tap") || !strcmp(bus, "tun"))
		return true;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (!strcmp(driver, drivers[i]))
			return true;
	return false;
}

void nic_read(const char *ifname, struct nic *ret_nic)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (char *)&info};
	struct nic nic = {.driver = "?"};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (fd >= 0 && !ioctl(fd, SIOCETHTOOL, &request)) {
		info.driver[sizeof(info.driver) - 1] = '\0';
		info.bus_info[sizeof(info.bus_info) - 1] = '\0';
		snprintf(nic.driver, sizeof(nic.driver), "%.31s", info.driver);
		nic.physical = !is_virtual(info.driver, info.bus_info);
	}
	*ret_nic = nic;
}
