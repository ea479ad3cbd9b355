/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packets.h - frames of a small network from a few numbers, for fuzz_sequence.c: who, to whom, which protocol and ports.
 *
 * Right by default; what is wrong on purpose is what the caller says. Checksums are zero, no verdict depends on them.
 */
#ifndef TESTS_FUZZ_PACKETS_H
#define TESTS_FUZZ_PACKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

#define PACKET_MAX 512
#define PACKET_ETH 14
#define PACKET_PAYLOAD_MAX 256
#define PEERS 8
#define DEVICES 4

/* One packet as seen from the device. */
struct talk {
	uint8_t device, peer;
	bool v6, to; /* to: towards the device */
	uint8_t proto;
	uint16_t port, remote_port; /* the device's; the other's. Of an echo: id, and 0 for a request */
	uint8_t tcp_flags;
	uint16_t fragment_id, fragment_units;
	bool more, fragmented;
};

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t len;
};

static inline void put_be(uint8_t *at, uint64_t value, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
}

/* 0: the gateway, which is the resolver. 1: a phone. 2 to 5: hosts beyond. 6, 7: devices 0 and 1. */
static inline uint32_t peer_v4(uint8_t peer)
{
	static const uint32_t addrs[PEERS] = {0xc0a80101, 0xc0a801c8, 0xcb007107, 0xc6336414,
					      0xcb00714d, 0x08080808, 0xc0a8010a, 0xc0a8010b};

	return addrs[peer % PEERS];
}

static inline void put_mac(uint8_t *at, uint8_t last)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, last};

	memcpy(at, mac, sizeof(mac));
}

static inline uint8_t device_mac(uint8_t device)
{
	return (uint8_t)(0x10 + device % DEVICES);
}

static inline uint8_t peer_mac(uint8_t peer)
{
	return peer % PEERS == 1 ? 0xc8 : peer % PEERS >= 6 ? device_mac((uint8_t)(peer % PEERS - 6)) : 1;
}

static inline void put_v6(uint8_t *at, uint16_t net, uint32_t host)
{
	memset(at, 0, 16);
	put_be(at, net == 1 ? 0xfd000001 : 0x20010db8, 4);
	put_be(at + 12, host, 4);
}

static inline void put_address(uint8_t *at, const struct talk *talk, bool own)
{
	const uint32_t v4 = own ? 0xc0a8010aU + talk->device % DEVICES : peer_v4(talk->peer);

	if (talk->v6)
		put_v6(at, v4 >> 16 == 0xc0a8, v4);
	else
		put_be(at, v4, 4);
}

static inline void packet_link(struct packet *packet, const struct talk *talk, uint16_t type)
{
	put_mac(packet->bytes, talk->to ? device_mac(talk->device) : peer_mac(talk->peer));
	put_mac(packet->bytes + 6, talk->to ? peer_mac(talk->peer) : device_mac(talk->device));
	put_be(packet->bytes + 12, type, 2);
	packet->len = PACKET_ETH;
}

static inline size_t put_upper(uint8_t *at, const struct talk *talk, size_t payload)
{
	const uint16_t sport = talk->to ? talk->remote_port : talk->port,
		       dport = talk->to ? talk->port : talk->remote_port;

	put_be(at, sport, 2);
	put_be(at + 2, dport, 2);
	switch (talk->proto) {
	case IPPROTO_TCP:
		at[12] = 5 << 4;
		at[13] = talk->tcp_flags;
		return 20;
	case IPPROTO_UDP:
		put_be(at + 4, 8 + payload, 2);
		return 8;
	case IPPROTO_ICMP:
		put_be(at, (uint64_t)(talk->remote_port ? 0 : 8) << 8, 2);
		put_be(at + 4, talk->port, 2);
		return 8;
	case IPPROTO_ICMPV6:
		put_be(at, (uint64_t)(talk->remote_port ? 129 : 128) << 8, 2);
		put_be(at + 4, talk->port, 2);
		return 8;
	default:
		return 12;
	}
}

/* The IP header of a packet whose upper part has `len` bytes; bytes written. */
static inline size_t put_ip(uint8_t *at, const struct talk *talk, size_t len)
{
	const size_t fragment = talk->v6 && talk->fragmented ? 8 : 0, addrs = talk->v6 ? 8 : 12,
		     size = talk->v6 ? 16 : 4;

	if (!talk->v6) {
		at[0] = 0x45;
		put_be(at + 2, 20 + len, 2);
		put_be(at + 4, talk->fragment_id, 2);
		put_be(at + 6, (talk->more ? 0x2000U : 0) | (talk->fragmented ? talk->fragment_units : 0), 2);
		at[8] = 64;
		at[9] = talk->proto;
	} else {
		at[0] = 0x60;
		put_be(at + 4, fragment + len, 2);
		at[6] = fragment ? IPPROTO_FRAGMENT : talk->proto;
		at[7] = 64;
		at[40] = fragment ? talk->proto : 0;
		if (fragment) {
			put_be(at + 42, (uint64_t)(talk->fragment_units << 3) | talk->more, 2);
			put_be(at + 44, talk->fragment_id, 4);
		}
	}
	put_address(at + addrs, talk, !talk->to);
	put_address(at + addrs + size, talk, talk->to);
	return (talk->v6 ? 40 : 20) + fragment;
}

/* A whole packet, or a fragment of one, with this behind its upper header. */
static inline void packet_talk(struct packet *packet, const struct talk *talk, const uint8_t *payload, size_t len)
{
	const bool later = talk->fragmented && talk->fragment_units;
	uint8_t upper[64] = {0};
	size_t head, ip;

	memset(packet, 0, sizeof(*packet));
	packet_link(packet, talk, talk->v6 ? 0x86dd : 0x0800);
	len = len < PACKET_PAYLOAD_MAX ? len : PACKET_PAYLOAD_MAX;
	head = later ? 0 : put_upper(upper, talk, len);
	ip = put_ip(packet->bytes + PACKET_ETH, talk, head + len);
	memcpy(packet->bytes + PACKET_ETH + ip, upper, head);
	if (payload && len)
		memcpy(packet->bytes + PACKET_ETH + ip + head, payload, len);
	packet->len += ip + head + len;
}

/* An ICMP error towards (or from) the device about a packet of the same connection that went the other way. */
static inline void packet_error(struct packet *packet, const struct talk *about, uint8_t type)
{
	struct talk quoted = *about, carrier = *about;
	uint8_t quote[PACKET_PAYLOAD_MAX] = {0}, upper[64] = {0};
	size_t n;

	quoted.to = !about->to;
	n = put_ip(quote, &quoted, 8);
	put_upper(upper, &quoted, 0);
	memcpy(quote + n, upper, 8);
	carrier.proto = about->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	packet_talk(packet, &carrier, quote, n + 8);
	packet->bytes[PACKET_ETH + (about->v6 ? 40 : 20)] = type;
	memset(packet->bytes + PACKET_ETH + (about->v6 ? 41 : 21), 0, 7);
}

#endif
