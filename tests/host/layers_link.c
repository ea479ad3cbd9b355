// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_link.c - layers up to IP.
 *
 *   eth src=MAC dst=MAC [type=N]           type: the next layer's, or the length when that is llc or snap
 *   vlan VID [pcp=N] [dei] [tpid=N] [type=N]
 *   llc [dsap=N] [ssap=N] [ctl=N]          802.2; spanning tree's by default
 *   snap [type=N] [oui=N]                  802.2 with SNAP
 *   arp [request|reply] [op=N] [sha=MAC] [spa=IP] [tha=MAC] [tpa=IP] [htype=N] [ptype=N] [hlen=N] [plen=N]
 *   eapol [type=N]                         802.1X start by default
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>

#include "layer.h"

#define GIVEN_TYPE 1U

static int write_eth(struct builder *builder, struct args *args)
{
	uint8_t *at = builder_put(builder, ETH_HLEN);
	uint64_t type = 0;
	int given;

	if (!at || args_mac(builder, args, "dst", at) < 0 || args_mac(builder, args, "src", at + 6) < 0)
		return -EINVAL;
	given = args_number(builder, args, "type", UINT16_MAX, &type);
	if (given < 0)
		return given;
	put16(at + 12, type);
	builder_layer(builder)->given = given ? GIVEN_TYPE : 0;
	return 0;
}

/* The two bytes before what a tag or Ethernet header carries. */
static void finish_type(struct builder *builder, const struct layer *layer, size_t end)
{
	const struct layer *next = layer_next(builder, layer);

	if (layer->given & GIVEN_TYPE || !next)
		return;
	if (next->ethertype)
		put16(builder->frame->bytes + next->off - 2, next->ethertype);
	else if (strcmp(next->type->name, "llc") == 0 || strcmp(next->type->name, "snap") == 0)
		put16(builder->frame->bytes + next->off - 2, end - next->off);
}

static int write_vlan(struct builder *builder, struct args *args)
{
	uint64_t vid = 0, pcp = 0, type = 0, tpid = ETH_P_8021Q;
	struct layer *layer = builder_layer(builder);
	uint8_t *at = builder_put(builder, 4);
	int given;

	if (!at || args_number(builder, args, "pcp", 7, &pcp) < 0 ||
	    args_number(builder, args, "tpid", UINT16_MAX, &tpid) < 0)
		return -EINVAL;
	given = args_number(builder, args, "type", UINT16_MAX, &type);
	if (given < 0)
		return given;
	layer->given = given ? GIVEN_TYPE : 0;
	layer->ethertype = (uint16_t)tpid;
	pcp = pcp << 13 | (args_flag(args, "dei") ? 0x1000 : 0);
	if (args_next_number(builder, args, 4095, &vid) < 0)
		return -EINVAL;
	put16(at, pcp | vid);
	put16(at + 2, type);
	return 0;
}

static int write_llc(struct builder *builder, struct args *args)
{
	uint64_t dsap = 0x42, ssap = 0x42, ctl = 3;
	uint8_t *at = builder_put(builder, 3);

	if (!at || args_number(builder, args, "dsap", 255, &dsap) < 0 ||
	    args_number(builder, args, "ssap", 255, &ssap) < 0 || args_number(builder, args, "ctl", 255, &ctl) < 0)
		return -EINVAL;
	at[0] = (uint8_t)dsap;
	at[1] = (uint8_t)ssap;
	at[2] = (uint8_t)ctl;
	return 0;
}

static int write_snap(struct builder *builder, struct args *args)
{
	uint64_t oui = 0, type = 0;
	uint8_t *at = builder_put(builder, 8);
	int given = args_number(builder, args, "type", UINT16_MAX, &type);

	if (!at || given < 0 || args_number(builder, args, "oui", 0xffffff, &oui) < 0)
		return -EINVAL;
	at[0] = at[1] = 0xaa;
	at[2] = 3;
	put32(at + 2, (uint64_t)3 << 24 | oui);
	put16(at + 6, type);
	builder_layer(builder)->given = given ? GIVEN_TYPE : 0;
	return 0;
}

static int write_arp_addresses(struct builder *builder, struct args *args, uint8_t *at)
{
	int sha = args_mac(builder, args, "sha", at + 8);

	if (sha < 0 || args_ip4(builder, args, "spa", at + 14) < 0 || args_mac(builder, args, "tha", at + 18) < 0 ||
	    args_ip4(builder, args, "tpa", at + 24) < 0)
		return -EINVAL;
	if (!sha && builder->frame->len >= ETH_HLEN)
		memcpy(at + 8, builder->frame->bytes + 6, ETH_ALEN);
	return 0;
}

static int write_arp(struct builder *builder, struct args *args)
{
	uint64_t op = 1, htype = 1, ptype = ETH_P_IP, hlen = 6, plen = 4;
	uint8_t *at = builder_put(builder, 28);

	if (!at || args_number(builder, args, "htype", UINT16_MAX, &htype) < 0 ||
	    args_number(builder, args, "ptype", UINT16_MAX, &ptype) < 0 ||
	    args_number(builder, args, "hlen", 255, &hlen) < 0 || args_number(builder, args, "plen", 255, &plen) < 0)
		return -EINVAL;
	if (args_flag(args, "reply"))
		op = 2;
	args_flag(args, "request");
	if (args_number(builder, args, "op", UINT16_MAX, &op) < 0)
		return -EINVAL;
	put16(at, htype);
	put16(at + 2, ptype);
	at[4] = (uint8_t)hlen;
	at[5] = (uint8_t)plen;
	put16(at + 6, op);
	return write_arp_addresses(builder, args, at);
}

static int write_eapol(struct builder *builder, struct args *args)
{
	uint64_t type = 1;
	uint8_t *at = builder_put(builder, 4);

	if (!at || args_number(builder, args, "type", 255, &type) < 0)
		return -EINVAL;
	at[0] = 2;
	at[1] = (uint8_t)type;
	return 0;
}

const struct layer_type layers_link[] = {
	{.name = "eth", .write = write_eth, .finish = finish_type},
	{.name = "vlan", .write = write_vlan, .finish = finish_type, .ethertype = ETH_P_8021Q},
	{.name = "llc", .write = write_llc},
	{.name = "snap", .write = write_snap, .finish = finish_type},
	{.name = "arp", .write = write_arp, .ethertype = ETH_P_ARP},
	{.name = "eapol", .write = write_eapol, .ethertype = ETH_P_PAE},
	{0},
};
