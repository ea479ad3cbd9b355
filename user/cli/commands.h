/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * commands.h - the entry of each subcommand, and the places of its options in struct cli_args.
 *
 * Each enum is in the order of the command's option array in commands.c, which is made of the same list. Included by commands.c
 * and by each cmd_NAME.c for its own.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli.h"

/* X(enum suffix, name, letter, arg, completion, help) */
#define CHECK_OPTIONS(X)                                                                                               \
	X(JSON, "json", 0, NULL, NONE, "one JSON object")                                                              \
	X(PRINT, "print", 0, NULL, NONE, "the policy in canonical YAML")                                               \
	X(COMPILED, "compiled", 0, NULL, NONE, "the tables that the packet programs would read")

#define STATS_OPTIONS(X)                                                                                               \
	X(JSON, "json", 0, NULL, NONE, "one JSON object (with --watch: one a picture)")                                \
	X(WATCH, "watch", 'w', NULL, NONE, "again and again, until interrupted")                                       \
	X(INTERVAL, "interval", 0, "SECONDS", NONE, "between the pictures of --watch (1)")

#define EVENTS_OPTIONS(X)                                                                                              \
	X(FOLLOW, "follow", 'f', NULL, NONE, "wait for more, until interrupted")                                       \
	X(DEVICE, "device", 'd', "DEVICE", DEVICE, "only of this device (a name or a MAC address)")                    \
	X(SINCE, "since", 0, "TIME", NONE, "not older: 10m, 2h, 1d ago, or 2026-11-22[T10:00[:00]]")                   \
	X(TYPE, "type", 't', "TYPE", EVENT, "only of this type: drop, would-drop, new-device, reload ...")             \
	X(LINES, "lines", 'n', "N", NONE, "only the last N of the history")                                            \
	X(JSON, "json", 0, NULL, NONE, "one JSON object a line")

#define DEVICES_OPTIONS(X) X(JSON, "json", 0, NULL, NONE, "one JSON object a line")
#define NAMES_OPTIONS(X) X(JSON, "json", 0, NULL, NONE, "one JSON object a line")
#define STATUS_OPTIONS(X) X(JSON, "json", 0, NULL, NONE, "one JSON object")
#define DOCTOR_OPTIONS(X)                                                                                              \
	X(POLICY, "policy", 'p', "FILE", FILE, "by this policy; else by the one in force")                             \
	X(JSON, "json", 0, NULL, NONE, "one JSON object")
#define RELOAD_OPTIONS(X) X(JSON, "json", 0, NULL, NONE, "one JSON object")

#define EXPLAIN_OPTIONS(X)                                                                                             \
	X(POLICY, "policy", 'p', "FILE", FILE, "this policy, not the one in force; needs no privilege")                \
	X(INBOUND, "inbound", 'i', NULL, NONE, "a connection that DEST opens to DEVICE; the port is the device's")     \
	X(FROM, "from", 0, "ADDRESS", NONE, "the device's own address in the question")                                \
	X(JSON, "json", 0, NULL, NONE, "one JSON object")

#define REPLAY_OPTIONS(X)                                                                                              \
	X(POLICY, "policy", 'p', "FILE", FILE, "the policy; must be given")                                            \
	X(ENGINE, "engine", 'e', "ENGINE", ENGINE, "native (default), or kernel: the BPF programs by test-run (root)") \
	X(UNKNOWN, "unknown", 'u', NULL, NONE, "a MAC address that the policy does not name is an unknown device")     \
	X(SIZING, "sizing", 0, "SIZING", SIZING, "how many rows a device has: auto (default), home, campus, provider") \
	X(DROPS, "drops", 'n', "N", NONE, "how many kinds of drops to show (10)")                                      \
	X(JSON, "json", 0, NULL, NONE, "one JSON object a frame, then one summary")

enum check_option {
#define X(name, ...) CHECK_##name,
	CHECK_OPTIONS(X)
#undef X
};

enum stats_option {
#define X(name, ...) STATS_##name,
	STATS_OPTIONS(X)
#undef X
};

enum events_option {
#define X(name, ...) EVENTS_##name,
	EVENTS_OPTIONS(X)
#undef X
};

enum devices_option {
#define X(name, ...) DEVICES_##name,
	DEVICES_OPTIONS(X)
#undef X
};

enum names_option {
#define X(name, ...) NAMES_##name,
	NAMES_OPTIONS(X)
#undef X
};

enum status_option {
#define X(name, ...) STATUS_##name,
	STATUS_OPTIONS(X)
#undef X
};

enum doctor_option {
#define X(name, ...) DOCTOR_##name,
	DOCTOR_OPTIONS(X)
#undef X
};

enum reload_option {
#define X(name, ...) RELOAD_##name,
	RELOAD_OPTIONS(X)
#undef X
};

enum explain_option {
#define X(name, ...) EXPLAIN_##name,
	EXPLAIN_OPTIONS(X)
#undef X
};

enum replay_option {
#define X(name, ...) REPLAY_##name,
	REPLAY_OPTIONS(X)
#undef X
};

int cmd_check(struct cli *cli, const struct cli_args *args);
int cmd_stats(struct cli *cli, const struct cli_args *args);
int cmd_events(struct cli *cli, const struct cli_args *args);
int cmd_devices(struct cli *cli, const struct cli_args *args);
int cmd_names(struct cli *cli, const struct cli_args *args);
int cmd_status(struct cli *cli, const struct cli_args *args);
int cmd_explain(struct cli *cli, const struct cli_args *args);
int cmd_replay(struct cli *cli, const struct cli_args *args);
int cmd_reload(struct cli *cli, const struct cli_args *args);
int cmd_doctor(struct cli *cli, const struct cli_args *args);
int cmd_detach(struct cli *cli, const struct cli_args *args);

#endif
