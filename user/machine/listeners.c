// SPDX-License-Identifier: GPL-2.0-only
/*
 * listeners.c - see listeners.h.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "../common/text.h"
#include "list.h"
#include "listeners.h"
#include "netlink.h"

#define PATH_LEN 64

bool listener_is_any(const struct listener *listener)
{
	return addr_is_zero(&listener->addr);
}

/* ---- sockets ------------------------------------------------------------------------------------------------------ */

static struct addr address_of(const struct inet_diag_msg *message)
{
	struct addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if (message->idiag_family == AF_INET6)
		memcpy(addr.bytes, message->id.idiag_src, ADDR_BYTES);
	else if (message->id.idiag_src[0])
		memcpy(addr.bytes + 12, message->id.idiag_src, 4);
	else
		addr = (struct addr){0};
	return addr;
}

/* A socket of IPv6 takes IPv4, too, unless it says that it does not. */
static int hear_attr(const struct nlattr *attr, void *data)
{
	struct listener *listener = data;

	if (mnl_attr_get_type(attr) == INET_DIAG_SKV6ONLY && mnl_attr_validate(attr, MNL_TYPE_U8) >= 0 &&
	    mnl_attr_get_u8(attr))
		listener->v4 = false;
	return MNL_CB_OK;
}

static int hear(const struct nlmsghdr *header, void *data)
{
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	struct listeners *listeners = data;
	struct listener *listener;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return MNL_CB_OK;
	listener = LIST_ADD(listeners);
	if (!listener)
		return MNL_CB_OK;
	*listener = (struct listener){
		.proto = listeners->proto,
		.port = ntohs(message->id.idiag_sport),
		.ifindex = message->id.idiag_if,
		.inode = message->idiag_inode,
		.addr = address_of(message),
		.v4 = true,
		.v6 = message->idiag_family == AF_INET6,
	};
	mnl_attr_parse(header, sizeof(*message), hear_attr, listener);
	return MNL_CB_OK;
}

static void restart(void *data)
{
	struct listeners *listeners = data;

	listeners->n = listeners->first;
}

static int read_list(struct listeners *listeners, uint8_t family, uint8_t proto)
{
	char bytes[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] __attribute__((aligned(4)));
	struct nlmsghdr *header = mnl_nlmsg_put_header(bytes);
	const struct netlink_query query = {NETLINK_SOCK_DIAG, header, hear, listeners, restart, true};
	struct inet_diag_req_v2 *request;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = family;
	request->sdiag_protocol = proto;
	/* UDP that is bound and waits for anybody is "closed", what is connected "established". */
	request->idiag_states = 1U << (proto == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE);
	listeners->proto = proto;
	listeners->first = listeners->n;
	return netlink_list(&query);
}

/* ---- whose -------------------------------------------------------------------------------------------------------- */

static int compare_inode(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void read_name(int pid, char name[LISTENER_OWNER_MAX])
{
	char path[PATH_LEN];
	AUTO_FCLOSE FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, LISTENER_OWNER_MAX, file))
		return;
	name[strcspn(name, "\n")] = '\0';
}

/* What an open file is, if it is a socket: "socket:[12345]". */
static bool socket_inode(int dir, const char *name, uint32_t *ret_inode)
{
	char target[PATH_LEN], *end;
	const ssize_t len = readlinkat(dir, name, target, sizeof(target) - 1);
	uint64_t inode;

	if (len < 0)
		return false;
	target[len] = '\0';
	end = strchr(target, ']');
	if (!text_starts_with(target, "socket:[") || !end)
		return false;
	*end = '\0';
	if (!text_to_u64(target + strlen("socket:["), UINT32_MAX, &inode))
		return false;
	*ret_inode = (uint32_t)inode;
	return true;
}

/* Of several processes that share a socket the first is as good as any. */
static void claim(struct listeners *listeners, uint32_t inode, int pid)
{
	const struct listener key = {.inode = inode};
	struct listener *found = bsearch(&key, listeners->items, listeners->n, sizeof(key), compare_inode);

	if (!found || found->pid)
		return;
	found->pid = pid;
	read_name(pid, found->owner);
}

static void read_process(struct listeners *listeners, const char *number)
{
	char path[PATH_LEN];
	const struct dirent *entry;
	uint32_t inode;
	uint64_t pid;
	DIR *dir;

	if (!text_to_u64(number, INT32_MAX, &pid))
		return;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path); /* it may have ended meanwhile */
	while (dir && (entry = readdir(dir)))
		if (socket_inode(dirfd(dir), entry->d_name, &inode))
			claim(listeners, inode, (int)pid);
	if (dir)
		closedir(dir);
}

static void read_owners(struct listeners *listeners)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	if (listeners->n)
		qsort(listeners->items, listeners->n, sizeof(*listeners->items), compare_inode);
	while (dir && listeners->n && (entry = readdir(dir)))
		read_process(listeners, entry->d_name);
	if (dir)
		closedir(dir);
}

int listeners_read(struct listeners *ret_listeners)
{
	static const uint8_t families[] = {AF_INET, AF_INET6}, protos[] = {IPPROTO_TCP, IPPROTO_UDP};
	struct listeners listeners AUTO_LISTENERS = {0};

	for (size_t i = 0; i < sizeof(families); i++) {
		for (size_t j = 0; j < sizeof(protos); j++) {
			const int err = read_list(&listeners, families[i], protos[j]);

			if (err || listeners.err)
				return err ? err : listeners.err;
		}
	}
	read_owners(&listeners);
	*ret_listeners = listeners;
	listeners = (struct listeners){0};
	return 0;
}

void listeners_free(struct listeners *listeners)
{
	free(listeners->items);
	*listeners = (struct listeners){0};
}
