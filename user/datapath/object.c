// SPDX-License-Identifier: GPL-2.0-only
/*
 * object.c - build/ringfence.bpf.o inside of the program, so that what is loaded is what was built with it.
 *
 * Aligned for libelf, which reads it in place.
 */
#include "object.h"

#ifndef RF_OBJECT
#define RF_OBJECT "build/ringfence.bpf.o"
#endif

__asm__(".section .rodata\n"
	".balign 16\n"
	".globl object_start\n"
	"object_start:\n"
	".incbin \"" RF_OBJECT "\"\n"
	".globl object_end\n"
	"object_end:\n"
	".byte 0\n"
	".previous\n");
