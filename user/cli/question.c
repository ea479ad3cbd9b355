// SPDX-License-Identifier: GPL-2.0-only
/*
 * question.c - read explain's arguments: see question.h.
 */
#include "question.h"

#include <netinet/in.h>
#include <string.h>

#include "../common/arena.h"
#include "../common/text.h"
#include "../policy/dnsname.h"

/* Host part of addresses that are made up within a local prefix: high, where few devices are. */
#define HOST_LOCAL 250
#define HOST_PEER 251

/* Locally administered, "rf": stands for the router, or whatever leads to an address that is no device's. */
static const struct mac mac_elsewhere = {{0x02, 0x72, 0x66, 0x00, 0x00, 0x01}};

/* RFC 5737, RFC 3849: documentation addresses, which no device and no rule but one about them has. */
#define INTERNET_V4 "192.0.2.1"

static int wrong_service(const char *text)
{
	return cli_fail(CLI_MISUSE,
			"explain: `%s': say tcp/443, udp/32100, sctp/PORT, icmp, icmpv6, igmp, esp, gre or a number",
			text);
}

static bool proto_by_word(const char *word, size_t len, uint8_t *ret_proto)
{
	static const struct {
		const char *word;
		uint8_t proto;
	} protos[] = {
#define X(name, text, number) {text, number},
		POLICY_PROTOS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (strlen(protos[i].word) == len && memcmp(protos[i].word, word, len) == 0) {
			*ret_proto = protos[i].proto;
			return true;
		}
	}
	return false;
}

bool question_has_port(const struct question *question)
{
	return question->proto == IPPROTO_TCP || question->proto == IPPROTO_UDP || question->proto == IPPROTO_SCTP;
}

static int read_service(const char *text, struct question *question)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t value;

	if (proto_by_word(text, len, &question->proto))
		;
	else if (!slash && text_to_u64(text, UINT8_MAX, &value))
		question->proto = (uint8_t)value;
	else
		return wrong_service(text);
	if (question_has_port(question) != (slash != NULL))
		return slash ? cli_fail(CLI_MISUSE, "explain: `%s': only tcp, udp and sctp have ports", text)
			     : cli_fail(CLI_MISUSE, "explain: `%s': to which port? say %s/PORT", text, text);
	if (slash && !text_to_u64(slash + 1, UINT16_MAX, &value))
		return cli_fail(CLI_MISUSE, "explain: `%s': a port is 0 to 65535", text);
	question->port = slash ? (uint16_t)value : 0;
	return CLI_DONE;
}

/* The device that claims a MAC address; NULL: none. */
static const struct policy_device *device_of_mac(const struct policy *policy, const struct mac *mac)
{
	for (size_t i = 0; i < policy->n_devices; i++)
		for (size_t k = 0; k < policy->devices[i].n_macs; k++)
			if (memcmp(&policy->devices[i].macs[k], mac, sizeof(*mac)) == 0)
				return &policy->devices[i];
	return NULL;
}

static int read_device(const char *text, const struct policy *policy, struct question *question)
{
	uint32_t place = policy_find_device(policy, text);

	if (place != POLICY_NONE) {
		question->device = &policy->devices[place];
		question->local.mac = question->device->macs[0];
		return CLI_DONE;
	}
	if (mac_parse(text, &question->local.mac) && !mac_is_multicast(&question->local.mac)) {
		question->device = device_of_mac(policy, &question->local.mac);
		return CLI_DONE;
	}
	return cli_fail(CLI_NO, "no device `%s' in %s; a MAC address that it does not name may be asked about, too",
			text, policy->file);
}

static struct addr host_of(const struct prefix *prefix, uint8_t host)
{
	struct addr addr = prefix->addr;

	if (prefix->len <= ADDR_BITS - 8)
		addr.bytes[ADDR_BYTES - 1] = host;
	return addr;
}

/* An address for somebody on the local network; link-local where the policy knows no prefix of the family. */
static struct addr local_host(const struct policy *policy, bool v4, uint8_t host)
{
	struct addr addr = {{0xfe, 0x80, [ADDR_BYTES - 1] = host}};

	for (size_t i = 0; i < policy->local.n_items; i++)
		if (prefix_is_v4(&policy->local.items[i]) == v4)
			return host_of(&policy->local.items[i], host);
	if (v4)
		addr = (struct addr){{[10] = 0xff, 0xff, 169, 254, 0, host}};
	return addr;
}

static struct addr device_address(const struct policy *policy, const struct policy_device *device, bool v4,
				  uint8_t host)
{
	for (size_t i = 0; device && i < device->n_addresses; i++)
		if (prefix_is_v4(&device->addresses[i]) == v4)
			return host_of(&device->addresses[i], host);
	return local_host(policy, v4, host);
}

static struct mac group_mac(const struct addr *addr)
{
	const uint8_t *b = addr->bytes + ADDR_BYTES - 4;

	if (addr_is_v4(addr)) /* RFC 1112 6.4 */
		return (struct mac){{0x01, 0x00, 0x5e, b[1] & 0x7f, b[2], b[3]}};
	return (struct mac){{0x33, 0x33, b[0], b[1], b[2], b[3]}}; /* RFC 2464 7 */
}

/* Who on the link a frame for this address is sent to: its device if the policy tells, else the way out. */
static struct mac link_mac(const struct policy *policy, const struct addr *addr)
{
	static const struct addr broadcast = {{[10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

	if (addr_is_multicast(addr))
		return group_mac(addr);
	if (memcmp(addr, &broadcast, sizeof(broadcast)) == 0)
		return (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	for (size_t i = 0; i < policy->n_devices; i++) {
		const struct policy_device *device = &policy->devices[i];

		for (size_t j = 0; j < device->n_addresses; j++)
			if (device->addresses[j].len == ADDR_BITS &&
			    memcmp(&device->addresses[j].addr, addr, sizeof(*addr)) == 0)
				return device->macs[0];
	}
	return mac_elsewhere;
}

static int set_first(const struct policy_prefixes *prefixes, const struct question_machine *machine, const char *word,
		     struct question *question)
{
	if (prefixes->given && prefixes->n_items)
		question->remote.addr = prefixes->items[0].addr;
	else if (machine->n_gateways)
		question->remote.addr = machine->gateways[0];
	else
		return cli_fail(CLI_NO, "the policy leaves `%s' to the machine that it runs on: give the address",
				word);
	return CLI_DONE;
}

static int read_peer(const char *name, const struct policy *policy, struct question *question)
{
	uint32_t place = policy_find_device(policy, name);
	const struct policy_device *peer;

	if (place == POLICY_NONE)
		return cli_fail(CLI_NO, "no device `%s' in %s", name, policy->file);
	peer = &policy->devices[place];
	question->remote.mac = peer->macs[0];
	question->remote.addr = device_address(policy, peer, question->proto != IPPROTO_ICMPV6, HOST_PEER);
	return CLI_DONE;
}

/* An address gone wrong ends in a number, which no top-level domain is. */
static bool ends_in_number(const char *text)
{
	const char *last = strrchr(text, '.');
	uint64_t value;

	return text_to_u64(last ? last + 1 : text, UINT64_MAX, &value);
}

static int read_name(const char *text, const struct policy *policy, const struct question_machine *machine,
		     struct question *question)
{
	struct arena *arena AUTO_ARENA = arena_new();
	const struct policy_prefixes *resolvers = policy->resolvers.given ? &policy->resolvers : &policy->gateway;
	const char *wrong = "it is an address gone wrong, or more than one word";
	struct dnsname name;

	if (!arena)
		return cli_no_memory();
	if (!ends_in_number(text) && !strchr(text, ' '))
		wrong = dnsname_parse(text, arena, &name);
	if (!wrong && name.wildcard)
		wrong = "ask about one name of it";
	if (wrong)
		return cli_fail(CLI_MISUSE, "explain: `%s' is no address, device:NAME, keyword or DNS name: %s", text,
				wrong);
	snprintf(question->name, sizeof(question->name), "%s", name.name);
	if (resolvers->n_items)
		question->resolver.addr = resolvers->items[0].addr;
	else if (machine->n_gateways)
		question->resolver.addr = machine->gateways[0];
	question->resolver.mac = link_mac(policy, &question->resolver.addr);
	question->resolver_local =
		device_address(policy, question->device, addr_is_v4(&question->resolver.addr), HOST_LOCAL);
	return addr_parse(INTERNET_V4, &question->remote.addr) == ADDR_OK ? CLI_DONE : CLI_CANNOT;
}

static int read_word(const char *text, const struct policy *policy, const struct question_machine *machine,
		     struct question *question)
{
	const struct policy_prefixes *resolvers = &policy->resolvers;

	if (strcmp(text, "gateway") == 0)
		return set_first(&policy->gateway, machine, text, question);
	if (strcmp(text, "resolvers") == 0)
		return set_first(resolvers->given ? resolvers : &policy->gateway, machine, text, question);
	if (strcmp(text, "broadcast") == 0)
		return addr_parse("255.255.255.255", &question->remote.addr) == ADDR_OK ? CLI_DONE : CLI_CANNOT;
	if (strcmp(text, "internet") == 0)
		return addr_parse(INTERNET_V4, &question->remote.addr) == ADDR_OK ? CLI_DONE : CLI_CANNOT;
	if (strcmp(text, "any") == 0 || strcmp(text, "local") == 0 || strcmp(text, "multicast") == 0 ||
	    strchr(text, '/') || text_starts_with(text, "group:") || text_starts_with(text, "list:"))
		return cli_fail(CLI_MISUSE, "explain: `%s' is more than one address: ask about one of them", text);
	return read_name(text, policy, machine, question);
}

static int read_dest(const char *text, const struct policy *policy, const struct question_machine *machine,
		     struct question *question)
{
	int code;

	if (text_starts_with(text, "device:"))
		return read_peer(text + strlen("device:"), policy, question);
	if (addr_parse(text, &question->remote.addr) != ADDR_OK) {
		code = read_word(text, policy, machine, question);
		if (code)
			return code;
	}
	question->remote.mac = link_mac(policy, &question->remote.addr);
	return CLI_DONE;
}

static int read_from(const char *from, const struct policy *policy, struct question *question)
{
	bool v4 = addr_is_v4(&question->remote.addr);

	if (!from)
		question->local.addr = device_address(policy, question->device, v4, HOST_LOCAL);
	else if (addr_parse(from, &question->local.addr) != ADDR_OK)
		return cli_fail(CLI_MISUSE, "explain: --from %s is no address", from);
	if (addr_is_v4(&question->local.addr) != v4)
		return cli_fail(CLI_MISUSE,
				"explain: the two ends are of different families: give --from an IPv%d address",
				v4 ? 4 : 6);
	if (v4 ? question->proto == IPPROTO_ICMPV6 : question->proto == IPPROTO_ICMP)
		return cli_fail(CLI_MISUSE, "explain: %s",
				v4 ? "an IPv4 address has icmp, not icmpv6" : "an IPv6 address has icmpv6, not icmp");
	return CLI_DONE;
}

int question_read(const struct question_text *text, const struct policy *policy, const struct question_machine *machine,
		  struct question *ret_question)
{
	struct question question = {.inbound = text->inbound};
	int code = read_device(text->device, policy, &question);

	if (!code)
		code = read_service(text->service, &question);
	if (!code)
		code = read_dest(text->dest, policy, machine, &question);
	if (!code)
		code = read_from(text->from, policy, &question);
	if (!code && question.inbound && (*question.name || mac_is_multicast(&question.remote.mac)))
		code = cli_fail(CLI_MISUSE,
				"explain: --inbound: DEST must be the address or device that opens the connection");
	if (!code)
		*ret_question = question;
	return code;
}

void question_to(const struct policy *policy, const struct policy_device *device, const struct addr *remote,
		 struct question *ret_question)
{
	static const struct mac mac_unknown = {{0x02, 0x72, 0x66, 0x00, 0x00, 0x02}};

	*ret_question = (struct question){
		.device = device,
		.local = {.mac = device ? device->macs[0] : mac_unknown,
			  .addr = device_address(policy, device, addr_is_v4(remote), HOST_LOCAL)},
		.remote = {.mac = mac_elsewhere, .addr = *remote},
	};
}
