// SPDX-License-Identifier: GPL-2.0-only
/*
 * file.c - see file.h.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/cleanup.h"

/*
 * 50,000 devices with comments and rules of their own take 5 MB. A file that is larger than this is a policy only if it has devices to show
 * for it, so that reading stops before memory is the problem: what is no policy has no MAC addresses.
 */
#define FILE_BYTES (8ul * 1024 * 1024)
#define FILE_DEVICE_BYTES 512

#define FILE_MAC_CHARS 17 /* 00:00:00:00:00:00 */

struct file {
	char *text;
	size_t len, room;
	size_t looked; /* up to here MAC addresses were counted */
	size_t n_macs;
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_mac(const char *at)
{
	if (at[2] != ':' && at[2] != '-')
		return false;
	for (int i = 0; i < FILE_MAC_CHARS; i++)
		if (i % 3 == 2 ? at[i] != at[2] : !is_hex(at[i]))
			return false;
	return true;
}

static void count_macs(struct file *file)
{
	while (file->looked + FILE_MAC_CHARS <= file->len) {
		const bool found = is_mac(file->text + file->looked);

		file->n_macs += found;
		file->looked += found ? FILE_MAC_CHARS : 1;
	}
}

static bool is_too_large(struct file *file)
{
	if (file->len <= FILE_BYTES)
		return false;
	count_macs(file);
	return file->len > FILE_TEXT_MAX || file->len - FILE_BYTES > file->n_macs * FILE_DEVICE_BYTES;
}

/* One byte more than is allowed at first, so that too much is noticed. */
static int make_room(struct file *file)
{
	const size_t room = file->room ? file->room * 2 : FILE_BYTES + 1;
	char *text;

	if (file->len < file->room)
		return 0;
	text = realloc(file->text, room);
	if (!text)
		return -ENOMEM;
	file->text = text;
	file->room = room;
	return 0;
}

/* Until the end, or until it is too large. */
static int read_all(int fd, struct file *file)
{
	while (!is_too_large(file)) {
		int r = make_room(file);
		ssize_t n;

		if (r)
			return r;
		n = read(fd, file->text + file->len, file->room - file->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		file->len += (size_t)n;
	}
	return -EFBIG;
}

int file_read(const char *path, struct diags *diags, char **ret_text, size_t *ret_len)
{
	const struct diag_source src = {.file = path};
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct file file = {0};
	int r = fd < 0 ? -errno : read_all(fd, &file);

	if (!r) {
		*ret_text = file.text;
		*ret_len = file.len;
		return 0;
	}
	free(file.text);
	if (r == -ENOMEM)
		diags->no_memory = true;
	else if (r == -EFBIG)
		diags_add(diags, DIAG_ERROR, &src, (struct diag_pos){0},
			  "larger than a policy may be (%lu MiB, and %d bytes for each MAC address)", FILE_BYTES >> 20,
			  FILE_DEVICE_BYTES);
	else
		diags_add(diags, DIAG_ERROR, &src, (struct diag_pos){0}, "cannot be read: %s", strerror(-r));
	return r == -EFBIG ? -EINVAL : r;
}
