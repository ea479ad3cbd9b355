// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_icmp.c - ICMP, ICMPv6, neighbour discovery and its options. What follows an error is what it quotes: any layers.
 *
 *   icmp TYPE [code=N] [id=N] [seq=N] [cksum=N]
 *   icmp6 TYPE [code=N] [id=N] [seq=N] [cksum=N]
 *   rs | ra | ns target=IP | na target=IP | redirect target=IP dst=IP    [code=N]; ICMPv6 with its fixed part
 *   ndopt TYPE [mac=MAC] [len=N] [hex=HEX]       one option: 8 bytes, or what hex gives; len counts 8 bytes
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "layer.h"

#define GIVEN_CKSUM 4U

static int write_icmp_head(struct builder *builder, struct args *args, uint64_t type, size_t len)
{
	uint8_t *at = builder_put(builder, len);
	uint64_t code = 0, id = 0, seq = 0, cksum = 0;
	int has_cksum = args_number(builder, args, "cksum", UINT16_MAX, &cksum);

	if (!at || has_cksum < 0 || args_number(builder, args, "code", 255, &code) < 0 ||
	    args_number(builder, args, "id", UINT16_MAX, &id) < 0 ||
	    args_number(builder, args, "seq", UINT16_MAX, &seq) < 0)
		return -EINVAL;
	at[0] = (uint8_t)type;
	at[1] = (uint8_t)code;
	put16(at + 2, cksum);
	put16(at + 4, id);
	put16(at + 6, seq);
	builder_layer(builder)->given = has_cksum ? GIVEN_CKSUM : 0;
	return 0;
}

static int write_icmp(struct builder *builder, struct args *args)
{
	uint64_t type = 0;

	if (args_next_number(builder, args, 255, &type) < 0)
		return -EINVAL;
	return write_icmp_head(builder, args, type, 8);
}

static void finish_icmp(struct builder *builder, const struct layer *layer, size_t end)
{
	uint8_t *at = builder->frame->bytes + layer->off;

	if (!(layer->given & GIVEN_CKSUM))
		put16(at + 2, checksum_end(checksum_add(0, at, end - layer->off)));
}

static void finish_icmp6(struct builder *builder, const struct layer *layer, size_t end)
{
	if (!(layer->given & GIVEN_CKSUM))
		put16(builder->frame->bytes + layer->off + 2, checksum_l4(builder, layer, end, IPPROTO_ICMPV6));
}

/* RFC 4861 4.1 to 4.5: type and length of the fixed part. */
static const struct nd_message {
	const char *name;
	uint8_t type;
	uint8_t len;
} nd_messages[] = {
	{"rs", 133, 8}, {"ra", 134, 16}, {"ns", 135, 24}, {"na", 136, 24}, {"redirect", 137, 40},
};

static int write_nd(struct builder *builder, struct args *args)
{
	const struct nd_message *message = nd_messages;
	const char *name = builder_layer(builder)->type->name;
	uint8_t *at;

	while (strcmp(message->name, name) != 0)
		message++;
	if (write_icmp_head(builder, args, message->type, message->len) < 0)
		return -EINVAL;
	at = builder->frame->bytes + builder_layer(builder)->off;
	if (message->len >= 24 && args_ip6(builder, args, "target", at + 8) < 0)
		return -EINVAL;
	if (message->len >= 40 && args_ip6(builder, args, "dst", at + 24) < 0)
		return -EINVAL;
	return 0;
}

static int write_ndopt(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	const char *hex = args_text(args, "hex");
	uint64_t type = 1, len = 1;
	uint8_t *at = builder_put(builder, hex ? 2 : 8);

	if (!at || args_next_number(builder, args, 255, &type) < 0 ||
	    args_number(builder, args, "len", 255, &len) < 0 || (hex && builder_put_hex(builder, hex) < 0) ||
	    (!hex && args_mac(builder, args, "mac", at + 2) < 0))
		return -EINVAL;
	at = builder->frame->bytes + layer->off;
	at[0] = (uint8_t)type;
	at[1] = (uint8_t)len;
	return 0;
}

const struct layer_type layers_icmp[] = {
	{.name = "icmp", .write = write_icmp, .finish = finish_icmp, .ip_proto = IPPROTO_ICMP},
	{.name = "icmp6", .write = write_icmp, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "rs", .write = write_nd, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "ra", .write = write_nd, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "ns", .write = write_nd, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "na", .write = write_nd, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "redirect", .write = write_nd, .finish = finish_icmp6, .ip_proto = IPPROTO_ICMPV6},
	{.name = "ndopt", .write = write_ndopt},
	{0},
};
