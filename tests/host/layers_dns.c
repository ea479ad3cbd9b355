// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_dns.c - DNS messages (RFC 1035, RFC 6891). Behind tcp each has its length before it.
 *
 *   dns [id=N] [q=NAME[/TYPE[/CLASS]]] [qr] [aa] [tc] [rd=0] [opcode=N] [rcode=N] [flags=N] [qd=N] [an=N] [ns=N] [ar=N]
 *       [compress=0] [prefix=N]      a question, with qr an answer; counts are of what follows unless the text gives them
 *   question NAME TYPE [CLASS]       one more
 *   answer NAME TTL TYPE DATA [class=CLASS] [rdlen=N] [times=N]     times: that many records, the address counts up
 *   authority ..., additional ...    likewise
 *   links NAME TTL N SUFFIX          N answers: NAME is an alias of l1.SUFFIX, that of l2.SUFFIX, ... to lN.SUFFIX
 *   opt [size=N] [ttl=N] [data=HEX]  EDNS
 *   shorten N                        the last N bytes of the message are not there; lengths of UDP and IP say so
 *
 * NAME: dns_name.h. TYPE: A, AAAA, CNAME, ... or TYPE65; CLASS: IN, CH, HS, ANY, CLASS7. DATA: an address, a name or a word, as the type has
 * it; #HEX for any type.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../user/common/text.h"
#include "dns_name.h"
#include "dns_record.h"
#include "layer.h"

#define NAME_MAX_TEXT 512
#define FLAG_QR 0x8000U
#define FLAG_AA 0x0400U
#define FLAG_TC 0x0200U
#define FLAG_RD 0x0100U
#define FLAG_RA 0x0080U

/* layer->given: the section in the upper half, the number of records in the lower; of a header, which counts the text gave. */
enum section {
	SECTION_QUESTION,
	SECTION_ANSWER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
	SECTION_COUNT,
};

#define GIVEN_SECTION(section) (((uint32_t)(section) + 1) << 16)
#define GIVEN_PREFIX (1U << SECTION_COUNT)
#define GIVEN_STREAM (2U << SECTION_COUNT)
#define GIVEN_ASKED (4U << SECTION_COUNT)

/* ---- questions ---- */

static int put_question(struct builder *builder, const char *name, const char *type_text, const char *class_text)
{
	uint16_t type, class;
	enum dns_form form;
	uint8_t *at;

	if (dns_name_put(builder, name) || dns_type_read(builder, type_text, &type, &form) ||
	    dns_class_read(builder, class_text, &class))
		return -EINVAL;
	at = builder_put(builder, 4);
	if (!at)
		return -EINVAL;
	put16(at, type);
	put16(at + 2, class);
	return 0;
}

static int write_question(struct builder *builder, struct args *args)
{
	const char *name = args_word(args), *type = args_word(args), *class = args_word(args);

	if (!name || !type)
		return builder_fail(builder, "question NAME TYPE [CLASS]");
	builder_layer(builder)->given = GIVEN_SECTION(SECTION_QUESTION) | 1;
	return put_question(builder, name, type, class ? class : "IN");
}

/* q=NAME[/TYPE[/CLASS]] */
static int put_asked(struct builder *builder, const char *text)
{
	char copy[NAME_MAX_TEXT], *type, *class;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return builder_fail(builder, "a name of more than %d characters", NAME_MAX_TEXT);
	type = strchr(copy, '/');
	if (type)
		*type++ = '\0';
	class = type ? strchr(type, '/') : NULL;
	if (class)
		*class ++ = '\0';
	return put_question(builder, copy, type ? type : "A", class ? class : "IN");
}

/* ---- header ---- */

static int read_flags(struct builder *builder, struct args *args, uint64_t *ret_flags)
{
	uint64_t flags = 0, opcode = 0, rcode = 0, rd = 1;

	if (args_number(builder, args, "opcode", 15, &opcode) < 0 ||
	    args_number(builder, args, "rcode", 15, &rcode) < 0 || args_number(builder, args, "rd", 1, &rd) < 0)
		return -EINVAL;
	if (args_flag(args, "qr"))
		flags = FLAG_QR | FLAG_RA;
	flags |= (args_flag(args, "aa") ? FLAG_AA : 0) | (args_flag(args, "tc") ? FLAG_TC : 0) | (rd ? FLAG_RD : 0) |
		 opcode << 11 | rcode;
	if (args_number(builder, args, "flags", UINT16_MAX, &flags) < 0)
		return -EINVAL;
	*ret_flags = flags;
	return 0;
}

/* Counts that the text gives; the others are filled in when all is written. */
static int write_counts(struct builder *builder, struct args *args, uint8_t *header)
{
	static const char *const keys[SECTION_COUNT] = {"qd", "an", "ns", "ar"};

	for (int i = 0; i < SECTION_COUNT; i++) {
		uint64_t count = 0;
		int given = args_number(builder, args, keys[i], UINT16_MAX, &count);

		if (given < 0)
			return -EINVAL;
		put16(header + 4 + 2 * i, count);
		builder_layer(builder)->given |= given ? 1U << i : 0;
	}
	return 0;
}

static bool is_in_stream(const struct builder *builder)
{
	for (size_t i = builder->n_layers; i-- > 0;)
		if (builder->layers[i].type->ip_proto)
			return strcmp(builder->layers[i].type->name, "tcp") == 0;
	return false;
}

static int write_prefix(struct builder *builder, struct args *args)
{
	uint64_t prefix = 0;
	int given = args_number(builder, args, "prefix", UINT16_MAX, &prefix);
	uint8_t *at;

	if (given < 0)
		return -EINVAL;
	if (!given && !is_in_stream(builder))
		return 0;
	at = builder_put(builder, 2);
	if (!at)
		return -EINVAL;
	put16(at, prefix);
	builder_layer(builder)->given |= GIVEN_STREAM | (given ? GIVEN_PREFIX : 0);
	return 0;
}

static int write_dns(struct builder *builder, struct args *args)
{
	const char *asked = args_text(args, "q");
	uint64_t id = 1, flags = 0, compress = 1;
	uint8_t *header;

	if (write_prefix(builder, args))
		return -EINVAL;
	builder->dns = (struct dns_marks){.message = builder->frame->len};
	header = builder_put(builder, DNS_HEADER_BYTES);
	if (!header || args_number(builder, args, "id", UINT16_MAX, &id) < 0 || read_flags(builder, args, &flags) ||
	    args_number(builder, args, "compress", 1, &compress) < 0 || write_counts(builder, args, header))
		return -EINVAL;
	put16(header, id);
	put16(header + 2, flags);
	builder->dns.compress = compress;
	builder_layer(builder)->given |= asked ? GIVEN_ASKED : 0;
	return asked ? put_asked(builder, asked) : 0;
}

static const struct layer *next_message(const struct builder *builder, const struct layer *layer)
{
	const struct layer_type *type = layer->type;

	do
		layer = layer_next(builder, layer);
	while (layer && layer->type != type);
	return layer;
}

static void finish_dns(struct builder *builder, const struct layer *layer, size_t end)
{
	const bool stream = layer->given & GIVEN_STREAM;
	const struct layer *stop = next_message(builder, layer), *item = layer;
	uint8_t *prefix = builder->frame->bytes + layer->off, *header = prefix + (stream ? 2 : 0);
	uint16_t count[SECTION_COUNT] = {[SECTION_QUESTION] = layer->given & GIVEN_ASKED ? 1 : 0};

	if (stop)
		end = stop->off;
	while ((item = layer_next(builder, item)) && item != stop)
		if (item->given >> 16 && item->given >> 16 <= SECTION_COUNT)
			count[(item->given >> 16) - 1] += item->given & 0xffff;
	for (int i = 0; i < SECTION_COUNT; i++)
		if (!(layer->given & 1U << i))
			put16(header + 4 + 2 * i, count[i]);
	if (stream && !(layer->given & GIVEN_PREFIX))
		put16(prefix, end - layer->off - 2);
}

/* ---- records ---- */

static int write_record(struct builder *builder, struct args *args, enum section section)
{
	struct dns_record record = {.owner = args_word(args), .class = 1};
	const char *class = args_text(args, "class"), *type;
	uint64_t times = 1;
	int has_size;

	if (args_next_number(builder, args, UINT32_MAX, &record.ttl) < 0 ||
	    args_number(builder, args, "times", FRAME_BYTES_MAX, &times) < 0 ||
	    (class && dns_class_read(builder, class, &record.class)))
		return -EINVAL;
	has_size = args_number(builder, args, "rdlen", UINT16_MAX, &record.size);
	type = args_word(args);
	if (has_size < 0 || !type)
		return has_size < 0 ? -EINVAL : builder_fail(builder, "a record is NAME TTL TYPE DATA");
	record.has_size = has_size;
	record.data = args_word(args);
	if (dns_type_read(builder, type, &record.type, &record.form))
		return -EINVAL;
	builder_layer(builder)->given = GIVEN_SECTION(section) | (uint32_t)times;
	for (uint64_t i = 0; i < times; i++)
		if (dns_record_put(builder, &record, i))
			return -EINVAL;
	return 0;
}

static int write_answer(struct builder *builder, struct args *args)
{
	return write_record(builder, args, SECTION_ANSWER);
}

static int write_authority(struct builder *builder, struct args *args)
{
	return write_record(builder, args, SECTION_AUTHORITY);
}

static int write_additional(struct builder *builder, struct args *args)
{
	return write_record(builder, args, SECTION_ADDITIONAL);
}

static int write_links(struct builder *builder, struct args *args)
{
	char owner[NAME_MAX_TEXT], target[NAME_MAX_TEXT];
	const char *first = args_word(args), *suffix;
	uint64_t ttl = 0, n = 0;

	if (!first || args_next_number(builder, args, UINT32_MAX, &ttl) < 0 ||
	    args_next_number(builder, args, 255, &n) < 0)
		return builder_fail(builder, "links NAME TTL N SUFFIX");
	suffix = args_word(args);
	if (!suffix || strlen(first) >= sizeof(owner) || strlen(suffix) + 8 > sizeof(target))
		return builder_fail(builder, "links NAME TTL N SUFFIX");
	builder_layer(builder)->given = GIVEN_SECTION(SECTION_ANSWER) | (uint32_t)n;
	snprintf(owner, sizeof(owner), "%s", first);
	for (uint64_t i = 1; i <= n; i++) {
		const struct dns_record record = {
			.owner = owner, .ttl = ttl, .type = 5, .class = 1, .form = DNS_FORM_NAME, .data = target};

		snprintf(target, sizeof(target), "l%u.%.*s", (unsigned int)i, NAME_MAX_TEXT - 8, suffix);
		if (dns_record_put(builder, &record, 0))
			return -EINVAL;
		memcpy(owner, target, sizeof(owner));
	}
	return 0;
}

static int write_opt(struct builder *builder, struct args *args)
{
	uint64_t size = 1232, ttl = 0;
	const char *data = args_text(args, "data");
	size_t begin;
	uint8_t *at;

	if (args_number(builder, args, "size", UINT16_MAX, &size) < 0 ||
	    args_number(builder, args, "ttl", UINT32_MAX, &ttl) < 0)
		return -EINVAL;
	at = builder_put(builder, 11);
	if (!at)
		return -EINVAL;
	put16(at + 1, 41);
	put16(at + 3, size);
	put32(at + 5, ttl);
	begin = builder->frame->len;
	if (data && builder_put_hex(builder, data) < 0)
		return -EINVAL;
	put16(at + 9, builder->frame->len - begin);
	builder_layer(builder)->given = GIVEN_SECTION(SECTION_ADDITIONAL) | 1;
	return 0;
}

static int write_shorten(struct builder *builder, struct args *args)
{
	const size_t have = builder->frame->len - builder->dns.message;
	uint64_t n = 0;

	if (args_next_number(builder, args, have, &n) < 0)
		return -EINVAL;
	builder->frame->len -= n;
	memset(builder->frame->bytes + builder->frame->len, 0, n); /* builder_put() gives zeroes */
	return 0;
}

const struct layer_type layers_dns[] = {
	{.name = "dns", .write = write_dns, .finish = finish_dns},
	{.name = "question", .write = write_question},
	{.name = "answer", .write = write_answer},
	{.name = "authority", .write = write_authority},
	{.name = "additional", .write = write_additional},
	{.name = "links", .write = write_links},
	{.name = "opt", .write = write_opt},
	{.name = "shorten", .write = write_shorten},
	{0},
};
