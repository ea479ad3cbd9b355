// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts.c - what a frame is: see facts.h.
 */
#include "facts.h"

#include <errno.h>
#include <stdio.h>

#include <linux/if_ether.h>

#include "../engine/engine.h"
#include "../policy/words.h"
#include "output.h"

void facts_read(const struct capture_frame *frame, struct facts *ret_facts)
{
	const struct engine_frame input = {
		.bytes = frame->bytes, .cap_len = frame->cap_len, .wire_len = frame->wire_len};
	struct engine_facts facts;

	engine_read(&input, &facts);
	*ret_facts = (struct facts){
		.whole = !facts.malformed,
		.l3 = facts.l3,
		.proto = facts.proto,
		.ethertype = facts.ethertype,
		.ports = facts.l3 && facts.has_ports && !facts.malformed,
		.sport = facts.sport,
		.dport = facts.dport,
		.src = addr_from_wire(facts.src),
		.dst = addr_from_wire(facts.dst),
	};
}

static const char *l3_text(const struct facts *facts)
{
	if (facts->l3)
		return facts->l3 == 4 ? "ipv4" : "ipv6";
	return facts->ethertype == ETH_P_ARP ? "arp" : NULL;
}

static const char *proto_text(const struct facts *facts, char buf[8])
{
	const char *word = policy_proto_text(facts->proto);

	if (word)
		return word;
	snprintf(buf, 8, "%u", facts->proto);
	return buf;
}

int facts_add_json(const struct facts *facts, json_t *object)
{
	char proto[8], src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	bool l3 = facts->l3 != 0;

	if (json_object_set_new(object, "l3", output_json_text(l3_text(facts))) ||
	    json_object_set_new(object, "proto", output_json_text(l3 ? proto_text(facts, proto) : NULL)) ||
	    json_object_set_new(object, "src", output_json_text(l3 ? addr_format(&facts->src, src) : NULL)) ||
	    json_object_set_new(object, "dst", output_json_text(l3 ? addr_format(&facts->dst, dst) : NULL)) ||
	    json_object_set_new(object, "sport", facts->ports ? json_integer(facts->sport) : json_null()) ||
	    json_object_set_new(object, "dport", facts->ports ? json_integer(facts->dport) : json_null()))
		return -ENOMEM;
	return 0;
}

static void endpoint(const struct facts *facts, const struct addr *addr, uint16_t port, char buf[ADDR_TEXT_MAX + 10])
{
	char text[ADDR_TEXT_MAX];

	addr_format(addr, text);
	if (!facts->ports)
		snprintf(buf, ADDR_TEXT_MAX + 10, "%s", text);
	else
		snprintf(buf, ADDR_TEXT_MAX + 10, addr_is_v4(addr) ? "%s:%u" : "[%s]:%u", text, port);
}

const char *facts_text(const struct facts *facts, char buf[FACTS_TEXT_MAX])
{
	const char *broken = facts->whole ? "" : " (malformed)";
	char src[ADDR_TEXT_MAX + 10], dst[ADDR_TEXT_MAX + 10], proto[8];

	if (facts->l3) {
		endpoint(facts, &facts->src, facts->sport, src);
		endpoint(facts, &facts->dst, facts->dport, dst);
		snprintf(buf, FACTS_TEXT_MAX, "%s %s > %s%s", proto_text(facts, proto), src, dst, broken);
	} else if (facts->ethertype == ETH_P_ARP) {
		snprintf(buf, FACTS_TEXT_MAX, "arp%s", broken);
	} else if (facts->ethertype == 0) {
		snprintf(buf, FACTS_TEXT_MAX, "llc%s", broken);
	} else {
		snprintf(buf, FACTS_TEXT_MAX, "ethertype 0x%04x%s", facts->ethertype, broken);
	}
	return buf;
}
