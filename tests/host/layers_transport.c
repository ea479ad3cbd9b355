// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_transport.c - TCP, UDP, SCTP, GRE, IGMP.
 *
 *   tcp SPORT DPORT [flags=SAFRPUEC] [seq=N] [ack=N] [doff=N] [opt=HEX] [cksum=N]    flags: S by default, "-" none
 *   udp SPORT DPORT [len=N] [cksum=N]
 *   sctp SPORT DPORT
 *   gre [proto=N]
 *   igmp TYPE [group=IP]
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <string.h>

#include "layer.h"

#define GIVEN_LEN 1U
#define GIVEN_CKSUM 4U

static int write_ports(struct builder *builder, struct args *args, uint8_t *at)
{
	uint64_t sport = 0, dport = 0;

	if (args_next_number(builder, args, UINT16_MAX, &sport) < 0 ||
	    args_next_number(builder, args, UINT16_MAX, &dport) < 0)
		return -EINVAL;
	put16(at, sport);
	put16(at + 2, dport);
	return 0;
}

static int tcp_flags(struct builder *builder, const char *text, uint8_t *ret_flags)
{
	static const char letters[] = "FSRPAUEC";

	*ret_flags = 0;
	for (const char *c = text; *c; c++) {
		const char *found = strchr(letters, *c);

		if (*c == '-')
			continue;
		if (!found)
			return builder_fail(builder, "TCP has no flag \"%c\"", *c);
		*ret_flags |= (uint8_t)(1U << (found - letters));
	}
	return 0;
}

static int write_tcp_options(struct builder *builder, struct args *args, size_t off)
{
	const char *hex = args_text(args, "opt");

	if (hex && builder_put_hex(builder, hex) < 0)
		return -EINVAL;
	return builder_put(builder, (4 - (builder->frame->len - off) % 4) % 4) ? 0 : -EINVAL;
}

static int write_tcp(struct builder *builder, struct args *args)
{
	struct layer *layer = builder_layer(builder);
	uint64_t seq = 1000, ack = 0, doff = 0, cksum = 0;
	uint8_t *at = builder_put(builder, 20);
	const char *flags = args_text(args, "flags");
	int has_doff, has_cksum;

	if (!at || tcp_flags(builder, flags ? flags : "S", at + 13) < 0)
		return -EINVAL;
	has_doff = args_number(builder, args, "doff", 15, &doff);
	has_cksum = args_number(builder, args, "cksum", UINT16_MAX, &cksum);
	if (has_doff < 0 || has_cksum < 0 || args_number(builder, args, "seq", UINT32_MAX, &seq) < 0 ||
	    args_number(builder, args, "ack", UINT32_MAX, &ack) < 0 || write_ports(builder, args, at) < 0 ||
	    write_tcp_options(builder, args, layer->off) < 0)
		return -EINVAL;
	put32(at + 4, seq);
	put32(at + 8, ack);
	at[12] = (uint8_t)((has_doff ? doff : (builder->frame->len - layer->off) / 4) << 4);
	put16(at + 14, 0xffff);
	put16(at + 16, cksum);
	layer->given = has_cksum ? GIVEN_CKSUM : 0;
	return 0;
}

static void finish_tcp(struct builder *builder, const struct layer *layer, size_t end)
{
	if (!(layer->given & GIVEN_CKSUM))
		put16(builder->frame->bytes + layer->off + 16, checksum_l4(builder, layer, end, IPPROTO_TCP));
}

static int write_udp(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, 8);
	uint64_t len = 0, cksum = 0;
	int has_len = args_number(builder, args, "len", UINT16_MAX, &len);
	int has_cksum = args_number(builder, args, "cksum", UINT16_MAX, &cksum);

	if (!at || has_len < 0 || has_cksum < 0 || write_ports(builder, args, at) < 0)
		return -EINVAL;
	put16(at + 4, len);
	put16(at + 6, cksum);
	builder_layer(builder)->given = (has_len ? GIVEN_LEN : 0) | (has_cksum ? GIVEN_CKSUM : 0);
	return 0;
}

static void finish_udp(struct builder *builder, const struct layer *layer, size_t end)
{
	uint8_t *at = builder->frame->bytes + layer->off;
	uint16_t sum;

	if (!(layer->given & GIVEN_LEN))
		put16(at + 4, end - layer->off);
	if (layer->given & GIVEN_CKSUM)
		return;
	sum = checksum_l4(builder, layer, end, IPPROTO_UDP);
	put16(at + 6, sum ? sum : 0xffff);
}

static int write_sctp(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, 12);

	return at ? write_ports(builder, args, at) : -EINVAL;
}

static int write_gre(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, 4);
	uint64_t proto = ETH_P_IP;

	if (!at || args_number(builder, args, "proto", UINT16_MAX, &proto) < 0)
		return -EINVAL;
	put16(at + 2, proto);
	return 0;
}

static int write_igmp(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, 8);
	uint64_t type = 0x16;

	if (!at || args_next_number(builder, args, 255, &type) < 0 || args_ip4(builder, args, "group", at + 4) < 0)
		return -EINVAL;
	at[0] = (uint8_t)type;
	return 0;
}

static void finish_igmp(struct builder *builder, const struct layer *layer, size_t end)
{
	uint8_t *at = builder->frame->bytes + layer->off;

	put16(at + 2, checksum_end(checksum_add(0, at, end - layer->off)));
}

const struct layer_type layers_transport[] = {
	{.name = "tcp", .write = write_tcp, .finish = finish_tcp, .ip_proto = IPPROTO_TCP},
	{.name = "udp", .write = write_udp, .finish = finish_udp, .ip_proto = IPPROTO_UDP},
	{.name = "sctp", .write = write_sctp, .ip_proto = IPPROTO_SCTP},
	{.name = "gre", .write = write_gre, .ip_proto = IPPROTO_GRE},
	{.name = "igmp", .write = write_igmp, .finish = finish_igmp, .ip_proto = IPPROTO_IGMP},
	{0},
};
