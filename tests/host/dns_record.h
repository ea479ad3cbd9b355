/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_record.h - a resource record (RFC 1035 3.2) in a message of the frame builder, true or not.
 */
#ifndef TESTS_HOST_DNS_RECORD_H
#define TESTS_HOST_DNS_RECORD_H

#include "layer.h"

/* How the text of a type's data is read. */
enum dns_form { DNS_FORM_HEX, DNS_FORM_A, DNS_FORM_AAAA, DNS_FORM_NAME, DNS_FORM_TEXT };

struct dns_record {
	const char *owner; /* as dns_name.h has it */
	uint64_t ttl, size;
	uint16_t type, class;
	enum dns_form form;
	const char *data; /* NULL: none */
	bool has_size;	  /* size stands for the length, whatever the data has */
};

/* A, AAAA, CNAME, ..., TYPE65; IN, CH, ..., CLASS7 (RFC 3597 5). 0, or -EINVAL after builder_fail(). */
int dns_type_read(struct builder *builder, const char *text, uint16_t *ret_type, enum dns_form *ret_form);
int dns_class_read(struct builder *builder, const char *text, uint16_t *ret_class);

/* At the end of the frame; an address is the one that stands `index` places behind that of the text. 0, or -EINVAL after builder_fail(). */
int dns_record_put(struct builder *builder, const struct dns_record *record, uint64_t index);

#endif
