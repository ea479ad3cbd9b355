/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.h - a small file as text.
 */
#ifndef MACHINE_FILE_H
#define MACHINE_FILE_H

/* Allocated, cut where it is longer than any configuration; NULL: it cannot be read, or no memory. */
char *file_text(const char *path);

#endif
