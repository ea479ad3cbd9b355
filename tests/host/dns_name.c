// SPDX-License-Identifier: GPL-2.0-only
/*
 * dns_name.c - see dns_name.h. Reads back what it wrote to find what a name can point to; it shares nothing with the datapath's reader.
 */
#include "dns_name.h"

#include <errno.h>
#include <string.h>

#include "../../user/common/text.h"

#define WIRE_MAX 1024 /* longer than any name may be */
#define LABELS_MAX 512
#define POINTER_MAX 0x3fff

/* Labels as they stand in a message, without the root's zero. */
struct wire_name {
	uint8_t bytes[WIRE_MAX];
	size_t len;
	size_t label[LABELS_MAX]; /* where each begins */
	size_t n_labels;
};

/* One byte of a label: a character, or \DDD. */
static int take_byte(struct builder *builder, const char **text, uint8_t *ret_byte)
{
	char digits[4] = "";
	uint64_t value;

	if (**text != '\\') {
		*ret_byte = (uint8_t) * (*text)++;
		return 0;
	}
	memcpy(digits, *text + 1, strnlen(*text + 1, 3));
	if (!text_to_u64(digits, 255, &value) || strlen(digits) != 3)
		return builder_fail(builder, "\"%s\" is no byte: \\DDD", *text);
	*ret_byte = (uint8_t)value;
	*text += 4;
	return 0;
}

/* The number behind "*" or "^"; 1 without one. */
static int take_times(struct builder *builder, const char **text, char mark, size_t *ret_times)
{
	char digits[8] = "";
	uint64_t value;
	size_t n;

	*ret_times = 1;
	if (**text != mark)
		return 0;
	n = strspn(*text + 1, "0123456789");
	if (n < sizeof(digits))
		memcpy(digits, *text + 1, n);
	if (!text_to_u64(digits, LABELS_MAX, &value) || !value)
		return builder_fail(builder, "\"%s\": how often?", *text);
	*text += 1 + n;
	*ret_times = value;
	return 0;
}

static int add_label(struct builder *builder, struct wire_name *name, const uint8_t *bytes, size_t len)
{
	if (name->n_labels == LABELS_MAX || name->len + 1 + len > WIRE_MAX)
		return builder_fail(builder, "a name of more than %d bytes", WIRE_MAX);
	name->label[name->n_labels++] = name->len;
	name->bytes[name->len] = (uint8_t)len;
	memcpy(name->bytes + name->len + 1, bytes, len);
	name->len += 1 + len;
	return 0;
}

/* One label, up to the dot, the "@" or the end behind it. */
static int take_label(struct builder *builder, const char **text, struct wire_name *name)
{
	uint8_t bytes[255];
	size_t len = 0, times = 1;

	while (**text && !strchr(".@^", **text)) {
		uint8_t byte = 0;

		if (take_byte(builder, text, &byte) || take_times(builder, text, '*', &times))
			return -EINVAL;
		if (times > sizeof(bytes) - len)
			return builder_fail(builder, "a label of more than %zu bytes", sizeof(bytes));
		memset(bytes + len, byte, times);
		len += times;
	}
	if (!len)
		return builder_fail(builder, "an empty label");
	if (take_times(builder, text, '^', &times))
		return -EINVAL;
	while (times--)
		if (add_label(builder, name, bytes, len))
			return -EINVAL;
	if (**text == '.')
		++*text;
	return 0;
}

/* ---- pointers ---- */

/* Where "@..." points to, from the beginning of the message. `here`: where the pointer will stand. */
static int pointer_target(struct builder *builder, const char *text, size_t here, size_t *ret_target)
{
	const struct dns_marks *marks = &builder->dns;
	uint64_t number;

	if (strcmp(text, "self") == 0)
		*ret_target = here;
	else if (strcmp(text, "q") == 0)
		*ret_target = DNS_HEADER_BYTES;
	else if ((text[0] == 'o' || text[0] == 'd') && text_to_u64(text + 1, marks->n_records, &number) && number)
		*ret_target = text[0] == 'o' ? marks->owner[number - 1] : marks->data[number - 1];
	else if (text_to_u64(text, POINTER_MAX, &number))
		*ret_target = number;
	else
		return builder_fail(builder, "\"@%s\" points to nothing: N, q, self, o1 or d1 (of a record before)",
				    text);
	return 0;
}

static int put_pointer(struct builder *builder, size_t target)
{
	uint8_t *at = builder_put(builder, 2);

	if (!at)
		return -EINVAL;
	put16(at, 0xc000 | target);
	return 0;
}

/* The name that stands at `off`, whole; false: none does. */
static bool read_back(const uint8_t *message, size_t len, size_t off, struct wire_name *ret_name)
{
	size_t before = off + 1;

	ret_name->len = 0;
	while (off < len && message[off]) {
		const size_t size = message[off];

		if (size >= 0xc0) {
			if (off + 1 >= len || (get16(message + off) & POINTER_MAX) >= before)
				return false;
			before = off = get16(message + off) & POINTER_MAX;
			continue;
		}
		if (size > 63 || off + 1 + size > len || ret_name->len + 1 + size > WIRE_MAX)
			return false;
		memcpy(ret_name->bytes + ret_name->len, message + off, 1 + size);
		ret_name->len += 1 + size;
		off += 1 + size;
	}
	return off < len;
}

/* Where the end of the name that begins at `from` stands already; 0: nowhere. */
static size_t find_end(const struct builder *builder, const struct wire_name *name, size_t from)
{
	const uint8_t *message = builder->frame->bytes + builder->dns.message;
	const size_t len = builder->frame->len - builder->dns.message;
	struct wire_name there = {.len = 0};

	for (size_t off = DNS_HEADER_BYTES; off < len && off <= POINTER_MAX; off++)
		if (read_back(message, len, off, &there) && there.len == name->len - from &&
		    memcmp(there.bytes, name->bytes + from, there.len) == 0)
			return off;
	return 0;
}

static int put_compressed(struct builder *builder, const struct wire_name *name)
{
	size_t target = 0, n = name->len;
	uint8_t *at;

	for (size_t i = 0; builder->dns.compress && i < name->n_labels && !target; i++) {
		target = find_end(builder, name, name->label[i]);
		if (target)
			n = name->label[i];
	}
	at = builder_put(builder, n + !target);
	if (!at)
		return -EINVAL;
	memcpy(at, name->bytes, n);
	return target ? put_pointer(builder, target) : 0;
}

int dns_name_put(struct builder *builder, const char *text)
{
	struct wire_name name = {.len = 0};
	size_t target = 0;
	uint8_t *at;

	if (*text == '#')
		return builder_put_hex(builder, text + 1);
	if (strcmp(text, ".") == 0)
		return builder_put(builder, 1) ? 0 : -EINVAL;
	while (*text && *text != '@')
		if (take_label(builder, &text, &name))
			return -EINVAL;
	if (!*text)
		return put_compressed(builder, &name);
	at = builder_put(builder, name.len);
	if (!at || pointer_target(builder, text + 1, builder->frame->len - builder->dns.message, &target))
		return -EINVAL;
	memcpy(at, name.bytes, name.len);
	return put_pointer(builder, target);
}
