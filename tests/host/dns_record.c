// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns_record.c - see dns_record.h.
 */
#include "dns_record.h"

#include <errno.h>
#include <string.h>

#include "../../user/common/text.h"
#include "dns_name.h"

static const struct type_word {
	const char *text;
	uint16_t type;
	enum dns_form form;
} type_words[] = {
	{"A", 1, DNS_FORM_A},	      {"NS", 2, DNS_FORM_NAME},	   {"CNAME", 5, DNS_FORM_NAME},
	{"SOA", 6, DNS_FORM_HEX},     {"PTR", 12, DNS_FORM_NAME},  {"MX", 15, DNS_FORM_HEX},
	{"TXT", 16, DNS_FORM_TEXT},   {"AAAA", 28, DNS_FORM_AAAA}, {"SRV", 33, DNS_FORM_HEX},
	{"DNAME", 39, DNS_FORM_NAME}, {"OPT", 41, DNS_FORM_HEX},   {"SVCB", 64, DNS_FORM_HEX},
	{"HTTPS", 65, DNS_FORM_HEX},  {"ANY", 255, DNS_FORM_HEX},
};

static const struct class_word {
	const char *text;
	uint16_t class;
} class_words[] = {{"IN", 1}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}};

/* RFC 3597 5: TYPE65, CLASS7. */
static int read_generic(struct builder *builder, const char *prefix, const char *text, uint16_t *ret_value)
{
	uint64_t value;

	if (!text_starts_with(text, prefix) || !text_to_u64(text + strlen(prefix), UINT16_MAX, &value))
		return builder_fail(builder, "\"%s\" is no DNS type or class that is known here; %s65 is", text,
				    prefix);
	*ret_value = (uint16_t)value;
	return 0;
}

int dns_type_read(struct builder *builder, const char *text, uint16_t *ret_type, enum dns_form *ret_form)
{
	*ret_form = DNS_FORM_HEX;
	for (size_t i = 0; i < sizeof(type_words) / sizeof(type_words[0]); i++)
		if (strcmp(type_words[i].text, text) == 0) {
			*ret_type = type_words[i].type;
			*ret_form = type_words[i].form;
			return 0;
		}
	return read_generic(builder, "TYPE", text, ret_type);
}

int dns_class_read(struct builder *builder, const char *text, uint16_t *ret_class)
{
	for (size_t i = 0; i < sizeof(class_words) / sizeof(class_words[0]); i++)
		if (strcmp(class_words[i].text, text) == 0) {
			*ret_class = class_words[i].class;
			return 0;
		}
	return read_generic(builder, "CLASS", text, ret_class);
}

/* The address `index` places behind the one of the text. */
static int put_address(struct builder *builder, const struct dns_record *record, uint64_t index)
{
	const size_t len = record->form == DNS_FORM_A ? 4 : 16;
	uint8_t *at = builder_put(builder, len);
	struct args args = {.items = {{.key = "data", .value = record->data}}, .n = 1};
	int given;

	if (!at)
		return -EINVAL;
	given = len == 4 ? args_ip4(builder, &args, "data", at) : args_ip6(builder, &args, "data", at);
	put32(at + len - 4, ((uint32_t)get16(at + len - 4) << 16 | get16(at + len - 2)) + index);
	return given < 0 ? -EINVAL : 0;
}

static int put_text(struct builder *builder, const char *text)
{
	const size_t len = strlen(text);
	uint8_t *at = builder_put(builder, 1 + len);

	if (!at)
		return -EINVAL;
	at[0] = (uint8_t)len;
	memcpy(at + 1, text, len);
	return 0;
}

static int put_data(struct builder *builder, const struct dns_record *record, uint64_t index)
{
	if (!record->data)
		return 0;
	if (record->data[0] == '#')
		return builder_put_hex(builder, record->data + 1);
	switch (record->form) {
	case DNS_FORM_A:
	case DNS_FORM_AAAA:
		return put_address(builder, record, index);
	case DNS_FORM_NAME:
		return dns_name_put(builder, record->data);
	case DNS_FORM_TEXT:
		return put_text(builder, record->data);
	case DNS_FORM_HEX:
		break;
	}
	return builder_fail(builder, "the data of this type is written as #HEX");
}

int dns_record_put(struct builder *builder, const struct dns_record *record, uint64_t index)
{
	struct dns_marks *marks = &builder->dns;
	const size_t owner = builder->frame->len - marks->message;
	uint8_t *fixed;
	size_t begin;

	if (dns_name_put(builder, record->owner))
		return -EINVAL;
	fixed = builder_put(builder, 10);
	if (!fixed)
		return -EINVAL;
	begin = builder->frame->len;
	if (marks->n_records < DNS_MARKS_MAX) {
		marks->owner[marks->n_records] = owner;
		marks->data[marks->n_records++] = begin - marks->message;
	}
	put16(fixed, record->type);
	put16(fixed + 2, record->class);
	put32(fixed + 4, record->ttl);
	if (put_data(builder, record, index))
		return -EINVAL;
	put16(fixed + 8, record->has_size ? record->size : builder->frame->len - begin);
	return 0;
}
