// SPDX-License-Identifier: GPL-2.0-only
/*
 * The services of the policy language, as clauses.
 *
 * One table. OUT is what a device may open, IN what may come to it without being the reverse of something it sent:
 * the answer to a broadcast, or to multicast, comes from another address than was asked. Answers of dns, ntp and ping
 * are reverse tuples and pass as connections.
 */
#include <errno.h>

#include "compile.h"

enum service_dests {
	TO_DHCP,   /* a client asks by broadcast and renews by unicast */
	TO_DHCPV6, /* All_DHCP_Relay_Agents_and_Servers, RFC 8415 7.1 */
	FROM_DHCP,
	TO_MDNS,
	TO_SSDP,
	TO_LOCAL,
	TO_LOCAL_HOSTS, /* without the gateway */
	TO_RESOLVERS,
	TO_ANY,
	SERVICE_DESTS_COUNT
};

struct service_line {
	enum policy_service service;
	enum rf_rule_set set;
	enum service_dests dests;
	uint32_t families;
	uint8_t proto;
	uint8_t flags;
	uint16_t sport; /* 0: any */
	uint16_t dport; /* 0: any; ..._FIRST: from there up; with LINE_ICMP_TYPE the type */
};

/* Ports from here up: those that need no privilege; those that a system gives who asks for none (Linux from here, others from 49152, RFC 6335 6). */
#define USER_FIRST 1024
#define EPHEMERAL_FIRST 32768

/* Router solicitation to neighbour advertisement. */
#define ND_FIRST 133
#define ND_LAST 136

#define UDP POLICY_PROTO_UDP
#define TCP POLICY_PROTO_TCP

/* Lines of one service and set stand together. */
static const struct service_line service_lines[] = {
	/* RFC 2131, RFC 8415 7.2 */
	{POLICY_SERVICE_DHCP, RF_SET_OUT, TO_DHCP, FAMILIES_4, UDP, 0, 68, 67},
	{POLICY_SERVICE_DHCP, RF_SET_OUT, TO_DHCPV6, FAMILIES_6, UDP, 0, 546, 547},
	{POLICY_SERVICE_DNS, RF_SET_OUT, TO_RESOLVERS, FAMILIES_ALL, UDP, 0, 0, 53},
	{POLICY_SERVICE_DNS, RF_SET_OUT, TO_RESOLVERS, FAMILIES_ALL, TCP, 0, 0, 53},
	{POLICY_SERVICE_NTP, RF_SET_OUT, TO_ANY, FAMILIES_ALL, UDP, 0, 0, 123},
	/*
	 * RFC 6762 6.7: a responder answers from 5353, also to those who ask from another port. Not to every port: with 5353 as source, a device would reach the
	 * router's port mapping (5350, 5351) and name service.
	 */
	{POLICY_SERVICE_MDNS, RF_SET_OUT, TO_MDNS, FAMILIES_ALL, UDP, 0, 0, 5353},
	{POLICY_SERVICE_MDNS, RF_SET_OUT, TO_LOCAL, FAMILIES_ALL, UDP, 0, 5353, EPHEMERAL_FIRST},
	{POLICY_SERVICE_MDNS, RF_SET_OUT, TO_LOCAL_HOSTS, FAMILIES_ALL, UDP, 0, 5353, USER_FIRST},
	{POLICY_SERVICE_SSDP, RF_SET_OUT, TO_SSDP, FAMILIES_ALL, UDP, 0, 0, 1900},
	{POLICY_SERVICE_PING, RF_SET_OUT, TO_LOCAL, FAMILIES_4, POLICY_PROTO_ICMP, LINE_ICMP_TYPE, 0, 8},
	{POLICY_SERVICE_PING, RF_SET_OUT, TO_LOCAL, FAMILIES_6, POLICY_PROTO_ICMPV6, LINE_ICMP_TYPE, 0, 128},

	{POLICY_SERVICE_DHCP, RF_SET_IN, FROM_DHCP, FAMILIES_4, UDP, 0, 67, 68},
	{POLICY_SERVICE_DHCP, RF_SET_IN, FROM_DHCP, FAMILIES_6, UDP, 0, 547, 546},
	{POLICY_SERVICE_MDNS, RF_SET_IN, TO_LOCAL, FAMILIES_ALL, UDP, 0, 5353, 0},
	{POLICY_SERVICE_MDNS, RF_SET_IN, TO_LOCAL, FAMILIES_ALL, UDP, 0, 0, 5353},
	{POLICY_SERVICE_SSDP, RF_SET_IN, TO_LOCAL, FAMILIES_ALL, UDP, 0, 1900, 0},
};

/* Whose addresses these are: words of the policy, and single hosts. */
struct service_hosts {
	uint32_t words; /* bits 1 << enum policy_dest_kind */
	const char *hosts[3];
	bool no_gateway;
};

#define WORD(word) (1U << POLICY_DEST_##word)

static const struct service_hosts service_hosts[SERVICE_DESTS_COUNT] = {
	[TO_DHCP] = {WORD(LOCAL) | WORD(GATEWAY) | WORD(BROADCAST), {0}, false},
	[TO_DHCPV6] = {0, {"ff02::1:2"}, false},
	[FROM_DHCP] = {WORD(LOCAL) | WORD(GATEWAY), {"0.0.0.0"}, false},
	[TO_MDNS] = {WORD(LOCAL), {"224.0.0.251", "ff02::fb"}, false},
	[TO_SSDP] = {0, {"239.255.255.250", "ff02::c", "ff05::c"}, false},
	[TO_LOCAL] = {WORD(LOCAL), {0}, false},
	[TO_LOCAL_HOSTS] = {WORD(LOCAL), {0}, true},
	[TO_RESOLVERS] = {WORD(RESOLVERS), {0}, false},
	[TO_ANY] = {WORD(ANY), {0}, false},
};

static int add_host(struct compiler *c, const char *text)
{
	struct prefix prefix;

	if (prefix_parse(text, &prefix) != ADDR_OK)
		return -EINVAL; /* a mistake in the table above: the first test finds it */
	return addresses_add_prefix(&c->addresses, &prefix);
}

static int define_dests(struct compiler *c, const struct service_hosts *hosts, struct address_set *ret_set)
{
	int r = 0;

	addresses_begin(&c->addresses, ret_set);
	for (uint32_t word = 0; word <= POLICY_DEST_BROADCAST && !r; word++)
		if (hosts->words & 1U << word)
			r = addresses_add_set(&c->addresses, &c->words[word], FAMILIES_ALL);
	for (size_t i = 0; i < sizeof(hosts->hosts) / sizeof(hosts->hosts[0]) && hosts->hosts[i] && !r; i++)
		r = add_host(c, hosts->hosts[i]);
	addresses_end(&c->addresses, ret_set);
	if (r || !hosts->no_gateway)
		return r;
	return addresses_difference(&c->addresses, ret_set, &c->words[POLICY_DEST_GATEWAY], ret_set);
}

static const char *const service_texts[RF_SET_COUNT][POLICY_SERVICE_COUNT] = {
#define X(name, word) [POLICY_SERVICE_##name] = "service " word,
	[RF_SET_OUT] = {POLICY_SERVICES(X)},
#undef X
#define X(name, word) [POLICY_SERVICE_##name] = "service " word ": answers",
	[RF_SET_IN] = {POLICY_SERVICES(X)},
#undef X
};

static int add_line(struct compiler *c, const struct service_line *line, struct address_set dests, uint32_t id)
{
	const bool open_end = !line->dport || line->dport == USER_FIRST || line->dport == EPHEMERAL_FIRST;
	uint32_t clause;
	int r;

	for (int f = 0; f < FAMILY_COUNT; f++)
		if (!(line->families & 1U << f))
			dests.n[f] = 0;
	r = compile_add_clause(c, dests, 0, &clause);
	if (r)
		return r;
	return compile_add_line(c, (struct ruleset_line){
					   .proto = line->proto,
					   .flags = line->flags,
					   .reason = RF_REASON_SERVICE,
					   .sport_lo = line->sport,
					   .sport_hi = line->sport ? line->sport : UINT16_MAX,
					   .dport_lo = line->dport,
					   .dport_hi = open_end ? UINT16_MAX : line->dport,
					   .id = id,
				   });
}

/*
 * Neighbour discovery (RFC 4861) with local hosts, for the lobby profiles: where the datapath cannot tell from an address whether it is local, it asks
 * them this (bpf/link.h), of IPv4 as well, which has no such message.
 */
static int add_discovery(struct compiler *c)
{
	static const struct service_hosts local = {WORD(LOCAL) | WORD(GATEWAY), {0}, false};
	struct address_set dests;
	int r = define_dests(c, &local, &dests);

	c->discovery = (struct clause_run){c->clauses.n, 1};
	if (!r)
		r = compile_add_clause(c, dests, 0, &c->discovery.first);
	if (r)
		return r;
	return compile_add_line(c, (struct ruleset_line){
					   .proto = POLICY_PROTO_ICMPV6,
					   .flags = LINE_ICMP_TYPE,
					   .reason = RF_REASON_LINK,
					   .sport_hi = UINT16_MAX,
					   .dport_lo = ND_FIRST,
					   .dport_hi = ND_LAST,
				   });
}

int compile_services(struct compiler *c)
{
	struct address_set dests[SERVICE_DESTS_COUNT];
	int r = 0;

	for (int i = 0; i < SERVICE_DESTS_COUNT && !r; i++)
		r = define_dests(c, &service_hosts[i], &dests[i]);
	for (size_t i = 0; i < sizeof(service_lines) / sizeof(service_lines[0]) && !r; i++) {
		const struct service_line *line = &service_lines[i];
		struct clause_run *run = &c->services[line->set][line->service];
		uint32_t id = c->ruleset->n_rules - 1;

		if (run->n == 0) {
			run->first = c->clauses.n;
			r = compile_add_rule(c,
					     (struct ruleset_rule){
						     .kind = RULESET_RULE_SERVICE,
						     .service = policy_service_text(line->service),
						     .text = service_texts[line->set][line->service],
					     },
					     &id);
		}
		run->n++;
		if (!r)
			r = add_line(c, line, dests[line->dests], id);
	}
	return r ? r : add_discovery(c);
}
