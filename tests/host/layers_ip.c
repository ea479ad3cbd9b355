// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_ip.c - IPv4, IPv6 and its extension headers.
 *
 *   ipv4 src=IP dst=IP [ver=N] [ihl=N] [len=N] [id=N] [off=N] [mf] [df] [rf] [ttl=N] [proto=N] [tos=N] [cksum=N] [opt=HEX]
 *        off counts 8 bytes; opt is padded to 4 bytes and counted in ihl unless that is given
 *   ipv6 src=IP dst=IP [ver=N] [len=N] [next=N] [hop=N] [class=N] [flow=N]
 *   hopopts|dstopts [next=N] [len=N] [opt=HEX]     len: the field, 8-byte units beyond the first
 *   routing [next=N] [len=N] [type=N] [left=N]     8 bytes, or as many as len says
 *   frag [next=N] [off=N] [mf] [id=N]              off counts 8 bytes
 *   mobility|hip|shim6 [next=N] [len=N]
 *   ah [next=N] [len=N] [spi=N]     esp [spi=N]
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <string.h>

#include "layer.h"

#define GIVEN_LEN 1U
#define GIVEN_PROTO 2U
#define GIVEN_CKSUM 4U

#define IPPROTO_HIP_RFC7401 139
#define IPPROTO_SHIM6_RFC5533 140

static int write_ipv4_options(struct builder *builder, struct args *args, size_t off)
{
	const char *hex = args_text(args, "opt");
	size_t len;

	if (!hex)
		return 0;
	if (builder_put_hex(builder, hex) < 0)
		return -EINVAL;
	len = builder->frame->len - off;
	return builder_put(builder, (4 - len % 4) % 4) ? 0 : -EINVAL;
}

static int write_ipv4_fragment(struct builder *builder, struct args *args, uint8_t *at)
{
	uint64_t off = 0;

	if (args_number(builder, args, "off", 0x1fff, &off) < 0)
		return -EINVAL;
	off |= args_flag(args, "mf") ? 0x2000 : 0;
	off |= args_flag(args, "df") ? 0x4000 : 0;
	off |= args_flag(args, "rf") ? 0x8000 : 0;
	put16(at + 6, off);
	return 0;
}

static int write_ipv4(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t ver = 4, ihl = 0, len = 0, id = 0, ttl = 64, proto = 0, tos = 0, cksum = 0;
	uint8_t *at = builder_put(builder, 20);
	int has_ihl, has_len, has_proto, has_cksum;

	if (!at || args_ip4(builder, args, "src", at + 12) < 0 || args_ip4(builder, args, "dst", at + 16) < 0 ||
	    write_ipv4_fragment(builder, args, at) < 0)
		return -EINVAL;
	has_ihl = args_number(builder, args, "ihl", 15, &ihl);
	has_len = args_number(builder, args, "len", UINT16_MAX, &len);
	has_proto = args_number(builder, args, "proto", 255, &proto);
	has_cksum = args_number(builder, args, "cksum", UINT16_MAX, &cksum);
	if (has_ihl < 0 || has_len < 0 || has_proto < 0 || has_cksum < 0 ||
	    args_number(builder, args, "ver", 15, &ver) < 0 || args_number(builder, args, "id", UINT16_MAX, &id) < 0 ||
	    args_number(builder, args, "ttl", 255, &ttl) < 0 || args_number(builder, args, "tos", 255, &tos) < 0 ||
	    write_ipv4_options(builder, args, layer->off) < 0)
		return -EINVAL;
	if (!has_ihl)
		ihl = (builder->frame->len - layer->off) / 4;
	at[0] = (uint8_t)(ver << 4 | ihl);
	at[1] = (uint8_t)tos;
	put16(at + 2, len);
	put16(at + 4, id);
	at[8] = (uint8_t)ttl;
	at[9] = (uint8_t)proto;
	put16(at + 10, cksum);
	layer->given = (has_len ? GIVEN_LEN : 0) | (has_proto ? GIVEN_PROTO : 0) | (has_cksum ? GIVEN_CKSUM : 0);
	return 0;
}

static void finish_ipv4(struct builder *builder, const struct layer *layer, size_t end)
{
	const struct layer *next = layer_next(builder, layer);
	uint8_t *at = builder->frame->bytes + layer->off;
	size_t header = next ? next->off - layer->off : end - layer->off;

	if (!(layer->given & GIVEN_LEN))
		put16(at + 2, end - layer->off);
	if (!(layer->given & GIVEN_PROTO))
		at[9] = layer_next_proto(builder, layer);
	if (!(layer->given & GIVEN_CKSUM))
		put16(at + 10, checksum_end(checksum_add(0, at, header)));
}

static int write_ipv6(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t ver = 6, len = 0, next = 0, hop = 64, class = 0, flow = 0;
	uint8_t *at = builder_put(builder, 40);
	int has_len, has_next;

	if (!at || args_ip6(builder, args, "src", at + 8) < 0 || args_ip6(builder, args, "dst", at + 24) < 0)
		return -EINVAL;
	has_len = args_number(builder, args, "len", UINT16_MAX, &len);
	has_next = args_number(builder, args, "next", 255, &next);
	if (has_len < 0 || has_next < 0 || args_number(builder, args, "ver", 15, &ver) < 0 ||
	    args_number(builder, args, "hop", 255, &hop) < 0 || args_number(builder, args, "class", 255, &class) < 0 ||
	    args_number(builder, args, "flow", 0xfffff, &flow) < 0)
		return -EINVAL;
	put32(at, ver << 28 | class << 20 | flow);
	put16(at + 4, len);
	at[6] = (uint8_t)next;
	at[7] = (uint8_t)hop;
	layer->given = (has_len ? GIVEN_LEN : 0) | (has_next ? GIVEN_PROTO : 0);
	return 0;
}

static void finish_ipv6(struct builder *builder, const struct layer *layer, size_t end)
{
	uint8_t *at = builder->frame->bytes + layer->off;

	if (!(layer->given & GIVEN_LEN))
		put16(at + 4, end - layer->off - 40);
	if (!(layer->given & GIVEN_PROTO))
		at[6] = layer_next_proto(builder, layer);
}

/* ---- extension headers: next header, length, body ---- */

static int write_extension(struct builder *builder, struct args *args, size_t body)
{
	struct layer *layer = builder_layer(builder);
	uint64_t next = 0, len = 0;
	uint8_t *at = builder_put(builder, body);
	int has_next = args_number(builder, args, "next", 255, &next);
	int has_len = args_number(builder, args, "len", 255, &len);

	if (!at || has_next < 0 || has_len < 0)
		return -EINVAL;
	at[0] = (uint8_t)next;
	at[1] = (uint8_t)len;
	layer->given = (has_next ? GIVEN_PROTO : 0) | (has_len ? GIVEN_LEN : 0);
	return 0;
}

static void finish_next(struct builder *builder, const struct layer *layer, size_t end)
{
	(void)end;
	if (!(layer->given & GIVEN_PROTO))
		builder->frame->bytes[layer->off] = layer_next_proto(builder, layer);
}

/* Padded by PadN to 8 bytes. */
static int write_options(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	const char *hex = args_text(args, "opt");
	size_t len, pad;
	uint8_t *at;

	if (write_extension(builder, args, 2) < 0 || (hex && builder_put_hex(builder, hex) < 0))
		return -EINVAL;
	len = builder->frame->len - layer->off;
	pad = (8 - len % 8) % 8;
	at = builder_put(builder, pad);
	if (!at)
		return -EINVAL;
	if (pad > 1) {
		at[0] = 1;
		at[1] = (uint8_t)(pad - 2);
	}
	if (!(layer->given & GIVEN_LEN))
		builder->frame->bytes[layer->off + 1] = (uint8_t)((len + pad) / 8 - 1);
	return 0;
}

static int write_routing(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t type = 0, left = 0;
	uint8_t *at;

	if (write_extension(builder, args, 8) < 0 || args_number(builder, args, "type", 255, &type) < 0 ||
	    args_number(builder, args, "left", 255, &left) < 0)
		return -EINVAL;
	at = builder->frame->bytes + layer->off;
	at[2] = (uint8_t)type;
	at[3] = (uint8_t)left;
	return builder_put(builder, (size_t)at[1] * 8) ? 0 : -EINVAL;
}

static int write_frag(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t off = 0, id = 0;
	uint8_t *at;

	if (write_extension(builder, args, 8) < 0 || args_number(builder, args, "off", 0x1fff, &off) < 0 ||
	    args_number(builder, args, "id", UINT32_MAX, &id) < 0)
		return -EINVAL;
	at = builder->frame->bytes + layer->off;
	put16(at + 2, off << 3 | args_flag(args, "mf"));
	put32(at + 4, id);
	return 0;
}

static int write_plain(struct builder *builder, struct args *args)
{
	return write_extension(builder, args, 8);
}

/* RFC 4302: the length counts 4 bytes, less two. */
static int write_ah(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t spi = 256;

	if (write_extension(builder, args, 24) < 0 || args_number(builder, args, "spi", UINT32_MAX, &spi) < 0)
		return -EINVAL;
	if (!(layer->given & GIVEN_LEN))
		builder->frame->bytes[layer->off + 1] = 24 / 4 - 2;
	put32(builder->frame->bytes + layer->off + 4, spi);
	return 0;
}

static int write_esp(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, 24);
	uint64_t spi = 256;

	if (!at || args_number(builder, args, "spi", UINT32_MAX, &spi) < 0)
		return -EINVAL;
	put32(at, spi);
	put32(at + 4, 1);
	return 0;
}

const struct layer_type layers_ip[] = {
	{.name = "ipv4", .write = write_ipv4, .finish = finish_ipv4, .ethertype = ETH_P_IP, .ip_proto = IPPROTO_IPIP},
	{.name = "ipv6", .write = write_ipv6, .finish = finish_ipv6, .ethertype = ETH_P_IPV6, .ip_proto = IPPROTO_IPV6},
	{.name = "hopopts", .write = write_options, .finish = finish_next, .ip_proto = LAYER_HOPOPTS},
	{.name = "dstopts", .write = write_options, .finish = finish_next, .ip_proto = IPPROTO_DSTOPTS},
	{.name = "routing", .write = write_routing, .finish = finish_next, .ip_proto = IPPROTO_ROUTING},
	{.name = "frag", .write = write_frag, .finish = finish_next, .ip_proto = IPPROTO_FRAGMENT},
	{.name = "mobility", .write = write_plain, .finish = finish_next, .ip_proto = IPPROTO_MH},
	{.name = "hip", .write = write_plain, .finish = finish_next, .ip_proto = IPPROTO_HIP_RFC7401},
	{.name = "shim6", .write = write_plain, .finish = finish_next, .ip_proto = IPPROTO_SHIM6_RFC5533},
	{.name = "ah", .write = write_ah, .finish = finish_next, .ip_proto = IPPROTO_AH},
	{.name = "esp", .write = write_esp, .ip_proto = IPPROTO_ESP},
	{0},
};
