// SPDX-License-Identifier: GPL-2.0-only
/*
 * privilege.c - see privilege.h.
 */
#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "privilege.h"

/* Known since Linux 5.8; libcap-ng's headers may be older. */
#define PRIVILEGE_CAP_PERFMON 38
#define PRIVILEGE_CAP_BPF 39
#define PRIVILEGE_CAP_LAST 40

/* Attach XDP, TCX and clsact; use maps and load programs; have them verified as privileged ones. */
static const unsigned int kept[] = {CAP_NET_ADMIN, PRIVILEGE_CAP_BPF, PRIVILEGE_CAP_PERFMON};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

int privilege_drop(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < KEPT; i++)
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET, kept[i]))
			return -EINVAL;
	/* The bounding set needs CAP_SETPCAP to shrink; a service manager that took that has shrunk it already. */
	if (capng_apply(CAPNG_SELECT_BOTH) && capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

const char *privilege_text(char buf[PRIVILEGE_TEXT_MAX])
{
	size_t len = 0;

	buf[0] = '\0';
	capng_get_caps_process();
	for (unsigned int cap = 0; cap <= PRIVILEGE_CAP_LAST; cap++) {
		const char *name = capng_capability_to_name(cap);

		if (name && len < PRIVILEGE_TEXT_MAX && capng_have_capability(CAPNG_EFFECTIVE, cap))
			len += (size_t)snprintf(buf + len, PRIVILEGE_TEXT_MAX - len, "%s%s", len ? " " : "", name);
	}
	return buf;
}
