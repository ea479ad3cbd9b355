/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reason.h - why a frame passed or was dropped, and the other short lists that kernel and user side share.
 *
 * Each list is one X-macro: the enum, the text, the JSON key and the manual's table all come from it, so a
 * reason cannot exist in one place and be missing in another. Numbers are ABI (they index pinned counters):
 * append, never renumber, and raise RF_ABI_VERSION in abi.h when a meaning changes.
 */
#ifndef RF_REASON_H
#define RF_REASON_H

enum rf_verdict {
	RF_PASS = 0,
	RF_DROP = 1,
};

/* X(enum suffix, text, verdict, sentence for people) */
#define RF_REASON_LIST(X)                                                                                              \
	X(NONE, "none", RF_DROP, "not judged yet; never leaves the core")                                              \
	X(RULE, "rule", RF_PASS, "a rule of the policy allowed it")                                                    \
	X(SERVICE, "service", RF_PASS, "a service of the profile, or an answer to it")                                 \
	X(ESTABLISHED, "established", RF_PASS, "part of a connection that was allowed")                                \
	X(INBOUND, "inbound", RF_PASS, "opened to the device, as `inbound` allows")                                    \
	X(DEFAULT_ALLOW, "default-allow", RF_PASS, "no rule matched, and the profile's default is allow")              \
	X(LINK, "link", RF_PASS, "ARP, neighbour discovery, EAPOL or group membership of the device itself")           \
	X(WOULD_DROP, "would-drop", RF_PASS, "monitor mode: passed, but policy would have dropped it")                 \
	X(MODE_OFF, "mode-off", RF_PASS, "the device's mode is off: everything passes, counted")                       \
	X(UNPOLICED, "unpoliced", RF_PASS, "to or from nobody that the policy knows")                                  \
	X(DEFAULT_DENY, "default-deny", RF_DROP, "no rule matched, and the profile's default is deny")                 \
	X(RULE_DENY, "rule-deny", RF_DROP, "a deny or reject rule matched")                                            \
	X(UNKNOWN_DEVICE, "unknown-device", RF_DROP, "no device of the policy claims this MAC address")                \
	X(QUARANTINED, "quarantined", RF_DROP, "the device is quarantined: ARP, ND, EAPOL and DHCP only")              \
	X(WRONG_PORT, "wrong-port", RF_DROP, "the MAC address of a device, seen on a port it is not bound to")         \
	X(WRONG_VLAN, "wrong-vlan", RF_DROP, "the MAC address of a device, seen in a VLAN it is not bound to")         \
	X(SPOOFED_SOURCE, "spoofed-source", RF_DROP, "a source address that is not this device's to use")              \
	X(INBOUND_DENY, "inbound-deny", RF_DROP, "opened to the device, and `inbound` does not allow it")              \
	X(NAME_NOT_LISTED, "name-not-listed", RF_DROP, "a DNS question for a name that no rule lists")                 \
	X(NAME_DENIED, "name-denied", RF_DROP, "a DNS question for a name under `deny-names`")                         \
	X(UNTRUSTED_RESOLVER, "untrusted-resolver", RF_DROP, "DNS to a server that is not among `resolvers`")          \
	X(ROGUE_SERVER, "rogue-server", RF_DROP, "router advertisement, redirect or DHCP server message by a device")  \
	X(RATE_LIMITED, "rate-limited", RF_DROP, "over the rate of the rule or the limit of the profile")              \
	X(MALFORMED, "malformed", RF_DROP, "short, inconsistent, or with more tags or headers than are read")          \
	X(FRAGMENT, "fragment", RF_DROP, "a later fragment whose first was not seen or did not pass")                  \
	X(ETHERTYPE, "ethertype", RF_DROP, "an ethertype that the profile does not list")                              \
	X(STATE_FULL, "state-full", RF_DROP, "the device has more state open than its share")                          \
	X(INTERNAL, "internal", RF_DROP, "a table of the datapath is inconsistent: a bug, please report it")

enum rf_reason {
#define X(name, text, verdict, sentence) RF_REASON_##name,
	RF_REASON_LIST(X)
#undef X
		RF_REASON_COUNT
};

/* Room in the pinned counters for reasons to come. */
#define RF_REASON_SLOTS 30
_Static_assert(RF_REASON_COUNT <= RF_REASON_SLOTS, "a reason without a counter");

/* X(enum suffix, text) */
#define RF_MODE_LIST(X)                                                                                                \
	X(ENFORCE, "enforce")                                                                                          \
	X(MONITOR, "monitor")                                                                                          \
	X(QUARANTINE, "quarantine")                                                                                    \
	X(OFF, "off")

enum rf_mode {
#define X(name, text) RF_MODE_##name,
	RF_MODE_LIST(X)
#undef X
		RF_MODE_COUNT
};

/* X(enum suffix, text): as the device sees it. */
#define RF_DIRECTION_LIST(X)                                                                                           \
	X(FROM, "from")                                                                                                \
	X(TO, "to")

enum rf_direction {
#define X(name, text) RF_DIRECTION_##name,
	RF_DIRECTION_LIST(X)
#undef X
		RF_DIRECTION_COUNT
};

/* X(enum suffix, text): types of struct rf_event that the kernel side emits. */
#define RF_EVENT_LIST(X)                                                                                               \
	X(DROP, "drop")                                                                                                \
	X(WOULD_DROP, "would-drop")                                                                                    \
	X(SEEN, "seen")                                                                                                \
	X(LEARNED, "learned")                                                                                          \
	X(EVICTED, "evicted")                                                                                          \
	X(UNREAD, "unread")

enum rf_event_type {
#define X(name, text) RF_EVENT_##name,
	RF_EVENT_LIST(X)
#undef X
		RF_EVENT_COUNT
};

#endif
