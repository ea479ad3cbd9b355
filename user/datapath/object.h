/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.h - the packet programs' ELF object, embedded (object.c).
 */
#ifndef DATAPATH_OBJECT_H
#define DATAPATH_OBJECT_H

extern const unsigned char object_start[];
extern const unsigned char object_end[];

#endif
