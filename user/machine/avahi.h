/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * avahi.h - does avahi-daemon repeat mDNS from one network to another? From its configuration; reads only.
 */
#ifndef MACHINE_AVAHI_H
#define MACHINE_AVAHI_H

#include <stdbool.h>

#define AVAHI_CONFIG "/etc/avahi/avahi-daemon.conf"

bool avahi_parse(const char *text);
bool avahi_reflects(void);

#endif
