/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_name.h - a DNS name as text -> its bytes in a message of the frame builder.
 *
 *   cam.example.com      labels; upper and lower case are kept; the root is "."
 *   \032                 a byte by its decimal number, as in RFC 1035 5.1
 *   a*63                 a label of 63 times "a"
 *   b^120                120 labels "b"
 *   www.@12, @12         a pointer to byte 12 of the message ends the name, wherever that is: also forwards
 *   @q  @o1  @d1         the first question's name; the owner, the data of the first record
 *   @self                a pointer to itself
 *   #03636f6d00          these bytes
 *
 * A name without "@" is compressed (RFC 1035 4.1.4) as servers do: its longest end that stands in the message already is pointed to.
 */
#ifndef TESTS_HOST_DNS_NAME_H
#define TESTS_HOST_DNS_NAME_H

#include "layer.h"

/* At the end of the frame. 0, or -EINVAL after builder_fail(). */
int dns_name_put(struct builder *builder, const char *text);

#endif
