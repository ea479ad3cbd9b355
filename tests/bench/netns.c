// SPDX-License-Identifier: GPL-2.0-only
/*
 * netns.c - see netns.h.
 */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "../../user/common/cleanup.h"

int netns_enter(const char *name)
{
	char path[128];
	AUTO_CLOSE int fd = -1;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) {
		const int err = -errno;

		fprintf(stderr, "bench: cannot enter the network namespace %s: %s\n", name, strerror(-err));
		return err;
	}
	return 0;
}

uint32_t netns_ifindex(const char *link)
{
	return if_nametoindex(link);
}

int netns_received(const char *link, uint64_t *ret_frames)
{
	AUTO_FCLOSE FILE *in = fopen("/proc/thread-self/net/dev", "re");
	char line[512];

	if (!in)
		return -errno;
	while (fgets(line, sizeof(line), in)) {
		const char *name = line + strspn(line, " "), *colon = strchr(line, ':');
		uint64_t bytes, frames;

		if (!colon || strncmp(name, link, strlen(link)) != 0 || name + strlen(link) != colon)
			continue;
		/* NOLINTNEXTLINE(cert-err34-c): the kernel wrote it. */
		if (sscanf(colon + 1, "%" SCNu64 "%" SCNu64, &bytes, &frames) != 2)
			return -EPROTO;
		*ret_frames = frames;
		return 0;
	}
	return -ENODEV;
}

int netns_set_gro(const char *link, bool on)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = on};
	struct ifreq request = {.ifr_data = (void *)&value};

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}
