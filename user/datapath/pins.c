// SPDX-License-Identifier: GPL-2.0-only
/*
 * pins.c - directories and paths under bpffs. See state.h.
 *
 * The maps of one load are pinned together in a directory that takes the place of the one before in one rename, so that nobody finds maps of two loads.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "state.h"

#define BPFFS "/sys/fs/bpf"

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/* The directory in which dir is to be made. */
static void parent(const char *dir, char ret_parent[STATE_PATH_MAX])
{
	char *slash;

	snprintf(ret_parent, STATE_PATH_MAX, "%s", dir);
	slash = strrchr(ret_parent, '/');
	if (slash && slash != ret_parent)
		*slash = '\0';
}

static int mount_bpffs(const char *pin_dir, struct fault *fault)
{
	char up[STATE_PATH_MAX];

	parent(pin_dir, up);
	if (is_bpffs(pin_dir) || is_bpffs(up))
		return 0;
	if (strcmp(up, BPFFS) != 0)
		return fault_set(
			fault, -ENOTDIR,
			"%s is not in a BPF file system: choose a directory in one, or mount one: mount -t bpf bpf %s",
			pin_dir, up);
	if (mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0)
		return fault_errno(fault, -errno, "cannot mount the BPF file system (mount -t bpf bpf %s)", BPFFS);
	return 0;
}

static int make(const char *dir, struct fault *fault)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return fault_errno(fault, -errno, "cannot make %s", dir);
	return 0;
}

int pins_prepare(const char *pin_dir, struct fault *fault)
{
	char links[STATE_PATH_MAX];
	int err = mount_bpffs(pin_dir, fault);

	if ((size_t)snprintf(links, sizeof(links), "%s/links", pin_dir) >= sizeof(links))
		return fault_set(fault, -ENAMETOOLONG, "the path of the pin directory is too long");
	if (!err)
		err = make(pin_dir, fault);
	return err ? err : make(links, fault);
}

int pins_remove(const char *dir)
{
	char path[STATE_PATH_MAX];
	DIR *entries = opendir(dir);
	struct dirent *entry;
	int n = 0;

	if (!entries)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(entries))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) < sizeof(path) && !unlink(path))
			n++;
	}
	closedir(entries);
	return rmdir(dir) < 0 ? -errno : n;
}

/* next/ becomes maps/. RENAME_EXCHANGE on bpffs is of Linux 5.16; before, readers may for a moment find nothing. */
static int exchange(const char *next, const char *maps)
{
	char before[STATE_PATH_MAX];

	if (access(maps, F_OK))
		return rename(next, maps) < 0 ? -errno : 0;
	if (!renameat2(AT_FDCWD, next, AT_FDCWD, maps, RENAME_EXCHANGE))
		return 0;
	if ((size_t)snprintf(before, sizeof(before), "%s-before", maps) >= sizeof(before))
		return -ENAMETOOLONG;
	pins_remove(before);
	if (rename(maps, before) < 0)
		return -errno;
	if (rename(next, maps) < 0) {
		const int err = -errno;

		return rename(before, maps) < 0 ? -errno : err;
	}
	pins_remove(before);
	return 0;
}

int pins_exchange(const char *pin_dir, const struct maps *maps, struct fault *fault)
{
	char next[STATE_PATH_MAX], now[STATE_PATH_MAX];
	int err;

	if ((size_t)snprintf(next, sizeof(next), "%s/next", pin_dir) >= sizeof(next) ||
	    (size_t)snprintf(now, sizeof(now), "%s/maps", pin_dir) >= sizeof(now))
		return fault_set(fault, -ENAMETOOLONG, "the path of the pin directory is too long");
	pins_remove(next); /* of a run that was killed here */
	err = make(next, fault);
	if (!err)
		err = maps_pin(maps, next, fault);
	if (!err) {
		err = exchange(next, now);
		if (err)
			fault_errno(fault, err, "cannot rename %s to %s", next, now);
	}
	/* Now the maps before, which nobody uses any more; or, on failure, ours. */
	pins_remove(next);
	return err;
}

void pins_link_path(const char *pin_dir, uint32_t ifindex, const char *side, char ret_path[STATE_PATH_MAX])
{
	snprintf(ret_path, STATE_PATH_MAX, "%s/links/%u-%s", pin_dir, ifindex, side);
}

void pins_each_link(const char *pin_dir, pins_link_fn callback, void *context)
{
	char dir[STATE_PATH_MAX - 64], path[STATE_PATH_MAX];
	struct dirent *entry;
	DIR *entries;

	if ((size_t)snprintf(dir, sizeof(dir), "%s/links", pin_dir) >= sizeof(dir))
		return;
	entries = opendir(dir);
	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) < sizeof(path))
			callback(context, path);
	}
	closedir(entries);
}
