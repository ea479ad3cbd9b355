// SPDX-License-Identifier: GPL-2.0-only
/*
 * layer.c - what every layer of the frame builder uses: room, arguments, neighbours, checksums. See layer.h.
 */
#include "layer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../user/common/addr.h"
#include "../../user/common/text.h"

int builder_fail(struct builder *builder, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(builder->error, FRAME_ERROR_MAX, format, list);
	va_end(list);
	return -EINVAL;
}

uint8_t *builder_put(struct builder *builder, size_t len)
{
	struct frame *frame = builder->frame;
	uint8_t *at = frame->bytes + frame->len;

	if (len > FRAME_BYTES_MAX - frame->len) {
		builder_fail(builder, "longer than %d bytes", FRAME_BYTES_MAX);
		return NULL;
	}
	frame->len += len;
	return at;
}

struct layer *builder_layer(struct builder *builder)
{
	return &builder->layers[builder->n_layers - 1];
}

const struct layer *layer_next(const struct builder *builder, const struct layer *layer)
{
	const struct layer *next = layer + 1;

	return next < builder->layers + builder->n_layers ? next : NULL;
}

uint8_t layer_next_proto(const struct builder *builder, const struct layer *layer)
{
	const struct layer *next = layer_next(builder, layer);

	if (!next || !next->ip_proto)
		return LAYER_NO_NEXT;
	return next->ip_proto == LAYER_HOPOPTS ? 0 : next->ip_proto;
}

const uint8_t *layer_ip(const struct builder *builder, const struct layer *layer)
{
	while (layer-- > builder->layers)
		if (strcmp(layer->type->name, "ipv4") == 0 || strcmp(layer->type->name, "ipv6") == 0)
			return builder->frame->bytes + layer->off;
	return NULL;
}

/* ---- arguments ---- */

const char *args_text(struct args *args, const char *key)
{
	const char *value = NULL;

	for (size_t i = 0; i < args->n; i++) {
		struct arg *arg = &args->items[i];

		if (arg->key && strcmp(arg->key, key) == 0) {
			arg->used = true;
			value = arg->value;
		}
	}
	return value;
}

const char *args_word(struct args *args)
{
	for (size_t i = 0; i < args->n; i++) {
		struct arg *arg = &args->items[i];

		if (!arg->key && !arg->used) {
			arg->used = true;
			return arg->value;
		}
	}
	return NULL;
}

bool args_flag(struct args *args, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < args->n; i++) {
		struct arg *arg = &args->items[i];

		if (!arg->key && strcmp(arg->value, word) == 0)
			arg->used = found = true;
	}
	return found;
}

static int read_number(struct builder *builder, const char *text, uint64_t max, uint64_t *ret_value)
{
	if (!text_to_u64_hex(text, max, ret_value))
		return builder_fail(builder, "\"%s\" is no number up to %llu", text, (unsigned long long)max);
	return 1;
}

int args_number(struct builder *builder, struct args *args, const char *key, uint64_t max, uint64_t *ret_value)
{
	const char *text = args_text(args, key);

	return text ? read_number(builder, text, max, ret_value) : 0;
}

int args_next_number(struct builder *builder, struct args *args, uint64_t max, uint64_t *ret_value)
{
	const char *text = args_word(args);

	return text ? read_number(builder, text, max, ret_value) : 0;
}

int args_mac(struct builder *builder, struct args *args, const char *key, uint8_t ret_mac[6])
{
	const char *text = args_text(args, key);
	struct mac mac;

	if (!text)
		return 0;
	if (!mac_parse(text, &mac))
		return builder_fail(builder, "\"%s\" is no MAC address", text);
	memcpy(ret_mac, mac.bytes, MAC_BYTES);
	return 1;
}

int args_ip4(struct builder *builder, struct args *args, const char *key, uint8_t ret_addr[4])
{
	const char *text = args_text(args, key);
	struct addr addr;

	if (!text)
		return 0;
	if (addr_parse(text, &addr) != ADDR_OK || !addr_is_v4(&addr))
		return builder_fail(builder, "\"%s\" is no IPv4 address", text);
	memcpy(ret_addr, addr.bytes + 12, 4);
	return 1;
}

/* ::ffff:1.2.3.4 and 1.2.3.4 are the same bytes to the parser, so a v4-mapped address can be told. */
int args_ip6(struct builder *builder, struct args *args, const char *key, uint8_t ret_addr[16])
{
	const char *text = args_text(args, key);
	struct addr addr;

	if (!text)
		return 0;
	if (addr_parse(text, &addr) != ADDR_OK)
		return builder_fail(builder, "\"%s\" is no IPv6 address", text);
	memcpy(ret_addr, addr.bytes, ADDR_BYTES);
	return 1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int builder_put_hex(struct builder *builder, const char *hex)
{
	for (const char *c = hex; *c; c++) {
		uint8_t *at;

		if (*c == ':' || *c == '-')
			continue;
		if (hex_digit(c[0]) < 0 || hex_digit(c[1]) < 0)
			return builder_fail(builder, "\"%s\" is not pairs of hex digits", hex);
		at = builder_put(builder, 1);
		if (!at)
			return -EINVAL;
		*at = (uint8_t)(hex_digit(c[0]) << 4 | hex_digit(c[1]));
		c++;
	}
	return 0;
}

/* ---- checksums ---- */

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get16(bytes + i);
	if (len % 2)
		sum += (uint32_t)bytes[len - 1] << 8;
	return sum;
}

uint16_t checksum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t checksum_l4(const struct builder *builder, const struct layer *layer, size_t end, uint8_t proto)
{
	const uint8_t *ip = layer_ip(builder, layer);
	size_t len = end - layer->off;
	uint32_t sum = proto + (uint32_t)len;

	if (ip && ip[0] >> 4 == 6)
		sum = checksum_add(sum, ip + 8, 32);
	else if (ip)
		sum = checksum_add(sum, ip + 12, 8);
	return checksum_end(checksum_add(sum, builder->frame->bytes + layer->off, len));
}
