/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nic.h - what is behind a network interface: hardware, and by which driver.
 */
#ifndef DATAPATH_NIC_H
#define DATAPATH_NIC_H

#include <stdbool.h>

struct nic {
	char driver[32];
	bool physical; /* frames come from a device on a bus, not from other software */
};

/* By ethtool, which, unlike sysfs, looks into the network namespace that we are in. Unknown: driver "?", not physical. */
void nic_read(const char *ifname, struct nic *ret_nic);

#endif
