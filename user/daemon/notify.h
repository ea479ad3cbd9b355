/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * notify.h - tell the service manager how we are: sd_notify(3) in a datagram, without its library.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* Lines like "READY=1". Nothing happens without $NOTIFY_SOCKET. */
void notify(const char *state);

#endif
