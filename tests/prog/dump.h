/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dump.h - packet cases as lines of text, for those who judge them otherwise: tests/bypass/model.
 *
 *   case NAME | policy PATH | reload PATH
 *   frame LINE from|to TIME_NS PORT|- TAG|- WIRE_BYTES VERDICT REASON WOULD|- HEX     TAG: of the metadata, hex; HEX: "-" for none
 */
#ifndef TESTS_PROG_DUMP_H
#define TESTS_PROG_DUMP_H

struct case_list;

/* To stdout. EXIT_SUCCESS or EXIT_FAILURE. */
int dump_write(const struct case_list *list);

#endif
