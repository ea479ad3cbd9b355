/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hostapd.h - what hostapd's configuration says of the isolation of an access point's stations. Reads only.
 */
#ifndef MACHINE_HOSTAPD_H
#define MACHINE_HOSTAPD_H

#define HOSTAPD_PATH_MAX 256

enum hostapd_isolation {
	HOSTAPD_UNKNOWN,  /* no configuration of this interface was found */
	HOSTAPD_TOGETHER, /* stations reach each other inside of the radio */
	HOSTAPD_ISOLATED, /* ap_isolate=1 */
};

/* What a configuration says of the interface (interface=, bss=) of this name. */
enum hostapd_isolation hostapd_parse(const char *text, const char *ifname);

/* Looks where hostapd and OpenWrt put theirs; path says where it was found, "" if nowhere. */
enum hostapd_isolation hostapd_read(const char *ifname, char ret_path[HOSTAPD_PATH_MAX]);

#endif
