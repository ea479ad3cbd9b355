// SPDX-License-Identifier: GPL-2.0-only
/*
 * list.c - see list.h.
 */
#include "list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../../user/common/cleanup.h"

static int print_policy(const struct scene_size *size)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int err = scene_policy(size, &text, &len);

	if (!err && fwrite(text, 1, len, stdout) != len)
		err = -EIO;
	return err;
}

int list_print(const struct scene_size *size, const char *what)
{
	const bool macs = strcmp(what, "macs") == 0;

	if (strcmp(what, "policy") == 0)
		return print_policy(size);
	if (!macs && strcmp(what, "prefixes") != 0)
		return -EINVAL;
	for (uint32_t i = 0; i < (macs ? size->devices : size->prefixes); i++) {
		const uint64_t mac = scene_mac(SCENE_FENCED, i);
		const struct in_addr addr = {htonl(scene_prefix_addr(i))};

		if (macs)
			printf("%02x:%02x:%02x:%02x:%02x:%02x\n", (unsigned int)(mac >> 40),
			       (unsigned int)(mac >> 32 & 255), (unsigned int)(mac >> 24 & 255),
			       (unsigned int)(mac >> 16 & 255), (unsigned int)(mac >> 8 & 255),
			       (unsigned int)(mac & 255));
		else
			printf("%s/%u\n", inet_ntoa(addr), scene_prefix_bits(i));
	}
	return 0;
}
