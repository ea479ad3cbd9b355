/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of the policy language: each list once, as an X-macro.
 *
 * Enums, the reader's tables and the printer come from these lists; the JSON
 * Schema is tested against them.  Only words belong here, no structs.
 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include <stdint.h>

/* X(enum suffix, word in the file) */
#define POLICY_MODES(X)                                                                                                \
	X(ENFORCE, "enforce")                                                                                          \
	X(MONITOR, "monitor")                                                                                          \
	X(QUARANTINE, "quarantine")                                                                                    \
	X(OFF, "off")

#define POLICY_HOOKS(X)                                                                                                \
	X(AUTO, "auto")                                                                                                \
	X(XDP_NATIVE, "xdp-native")                                                                                    \
	X(XDP_GENERIC, "xdp-generic")                                                                                  \
	X(TC, "tc")

#define POLICY_SERVICES(X)                                                                                             \
	X(DHCP, "dhcp")                                                                                                \
	X(DNS, "dns")                                                                                                  \
	X(NTP, "ntp")                                                                                                  \
	X(MDNS, "mdns")                                                                                                \
	X(SSDP, "ssdp")                                                                                                \
	X(PING, "ping")

/* Destinations that are one word. */
#define POLICY_DEST_WORDS(X)                                                                                           \
	X(ANY, "any")                                                                                                  \
	X(LOCAL, "local")                                                                                              \
	X(INTERNET, "internet")                                                                                        \
	X(GATEWAY, "gateway")                                                                                          \
	X(RESOLVERS, "resolvers")                                                                                      \
	X(MULTICAST, "multicast")                                                                                      \
	X(BROADCAST, "broadcast")

/* X(enum suffix, word, IP protocol number) */
#define POLICY_PROTOS(X)                                                                                               \
	X(ICMP, "icmp", 1)                                                                                             \
	X(IGMP, "igmp", 2)                                                                                             \
	X(TCP, "tcp", 6)                                                                                               \
	X(UDP, "udp", 17)                                                                                              \
	X(GRE, "gre", 47)                                                                                              \
	X(ESP, "esp", 50)                                                                                              \
	X(ICMPV6, "icmpv6", 58)                                                                                        \
	X(SCTP, "sctp", 132)

#define POLICY_ENUM(name, word) POLICY_MODE_##name,
enum policy_mode { POLICY_MODES(POLICY_ENUM) };
#undef POLICY_ENUM

#define POLICY_ENUM(name, word) POLICY_HOOK_##name,
enum policy_hook { POLICY_HOOKS(POLICY_ENUM) };
#undef POLICY_ENUM

#define POLICY_ENUM(name, word) POLICY_SERVICE_##name,
enum policy_service { POLICY_SERVICES(POLICY_ENUM) POLICY_SERVICE_COUNT };
#undef POLICY_ENUM

#define POLICY_ENUM(name, word) POLICY_DEST_##name,
enum policy_dest_kind {
	POLICY_DEST_WORDS(POLICY_ENUM) POLICY_DEST_PREFIX, /* .prefix: an address or a prefix */
	POLICY_DEST_DEVICE,				   /* .index into devices: by destination MAC */
	POLICY_DEST_GROUP,				   /* .index into groups: by destination MAC */
	POLICY_DEST_LIST,				   /* .index into lists */
	POLICY_DEST_NAME,				   /* .name: that DNS name only */
	POLICY_DEST_WILDCARD,				   /* .name: any depth below it, not the name itself */
};
#undef POLICY_ENUM

#define POLICY_ENUM(name, word, number) POLICY_PROTO_##name = number,
enum policy_proto { POLICY_PROTOS(POLICY_ENUM) };
#undef POLICY_ENUM

enum policy_action {
	POLICY_ALLOW,
	POLICY_DENY,
	POLICY_REJECT,
};

/* The words of the enums, as in the file. */
const char *policy_mode_text(enum policy_mode mode);
const char *policy_hook_text(enum policy_hook hook);
const char *policy_service_text(enum policy_service service);
const char *policy_action_text(enum policy_action action);
/* NULL: a kind that is no word. */
const char *policy_dest_text(enum policy_dest_kind kind);
/* NULL: a protocol without a word. */
const char *policy_proto_text(uint8_t proto);

#endif
