// SPDX-License-Identifier: GPL-2.0-only
/*
 * commands.c - the table of subcommands: dispatch, help, option reading and shell completion all come from it.
 *
 * A subcommand that is not here does not exist. Only data.
 */
#include "commands.h"

#include "../../include/sizing.h"

#define X(suffix, name, letter, arg, complete, help) {name, letter, arg, CLI_COMPLETE_##complete, help},
static const struct cli_option check_options[] = {CHECK_OPTIONS(X){0}};
static const struct cli_option stats_options[] = {STATS_OPTIONS(X){0}};
static const struct cli_option events_options[] = {EVENTS_OPTIONS(X){0}};
static const struct cli_option devices_options[] = {DEVICES_OPTIONS(X){0}};
static const struct cli_option names_options[] = {NAMES_OPTIONS(X){0}};
static const struct cli_option status_options[] = {STATUS_OPTIONS(X){0}};
static const struct cli_option doctor_options[] = {DOCTOR_OPTIONS(X){0}};
static const struct cli_option reload_options[] = {RELOAD_OPTIONS(X){0}};
static const struct cli_option explain_options[] = {EXPLAIN_OPTIONS(X){0}};
static const struct cli_option replay_options[] = {REPLAY_OPTIONS(X){0}};
#undef X

const struct cli_option cli_global_options[] = {
	{"run-dir", 0, "DIR", CLI_COMPLETE_DIR, "where the daemon's socket is (or RINGFENCE_RUN_DIR)"},
	{"pin-dir", 0, "DIR", CLI_COMPLETE_DIR, "where the maps are pinned (or RINGFENCE_PIN_DIR)"},
	{"help", 'h', NULL, CLI_COMPLETE_NONE, "this text"},
	{0},
};

/* After a slash there is a port. */
static const char *const proto_words[] = {"tcp/", "udp/", "sctp/", "icmp", "icmpv6", "igmp", "esp", "gre", NULL};
static const char *const dest_words[] = {"gateway", "resolvers", "broadcast", "internet", NULL};
static const char *const engine_words[] = {"native", "kernel", NULL};

#define X(suffix, word, ...) word,
static const char *const sizing_words[] = {"auto", RF_SIZING_LIST(X) NULL};
#undef X

/* What the packet programs tell, but for "seen", of which the daemon makes new-device and moved; and what it tells itself. */
static const char *const event_words[] = {"drop",   "would-drop", "new-device", "moved",  "learned", "evicted",
					  "unread", "reload",	  "attach",	"detach", "lost",    NULL};

const char *const *const cli_words[CLI_COMPLETE_COUNT] = {
	[CLI_COMPLETE_PROTO] = proto_words,   [CLI_COMPLETE_DEST] = dest_words,	  [CLI_COMPLETE_ENGINE] = engine_words,
	[CLI_COMPLETE_SIZING] = sizing_words, [CLI_COMPLETE_EVENT] = event_words,
};

#define PRIVILEGE_NONE "none"
#define PRIVILEGE_READ "root, or whoever may read the pinned maps"
#define PRIVILEGE_ASK "root, or the group `ringfence'; the daemon must run"
#define PRIVILEGE_ROOT "root"

const struct cli_command cli_commands[] = {
	{
		.name = "check",
		.args = "FILE",
		.min_args = 1,
		.max_args = 1,
		.complete = {CLI_COMPLETE_FILE},
		.privilege = PRIVILEGE_NONE,
		.summary = "Check a policy file, all of it, without touching anything",
		.text = "Every mistake is shown with its place in the file. A policy that passes this loads.\n",
		.options = check_options,
		.run = cmd_check,
	},
	{
		.name = "stats",
		.args = "[DEVICE]",
		.max_args = 1,
		.complete = {CLI_COMPLETE_DEVICE},
		.privilege = PRIVILEGE_READ,
		.summary = "Show what passed and what was dropped, by device and reason",
		.text = "Read straight from the pinned maps: works with the daemon dead.\n",
		.options = stats_options,
		.run = cmd_stats,
	},
	{
		.name = "events",
		.args = "",
		.privilege = PRIVILEGE_ASK,
		.summary = "Show drops and notices, newest last",
		.text = "The first drop of its kind is shown at once, repeats as a count at most once a second.\n",
		.options = events_options,
		.run = cmd_events,
	},
	{
		.name = "devices",
		.args = "",
		.privilege = PRIVILEGE_READ,
		.summary = "Show known and unknown devices: port, addresses, last seen, mode",
		.text = "Unknown devices are remembered by the daemon and missing here while it is dead.\n",
		.options = devices_options,
		.run = cmd_devices,
	},
	{
		.name = "names",
		.args = "[DEVICE]",
		.max_args = 1,
		.complete = {CLI_COMPLETE_DEVICE},
		.privilege = PRIVILEGE_READ,
		.summary = "Show DNS names that devices learned: addresses, rule, until when, last used",
		.text = "Read straight from the pinned maps: works with the daemon dead, but for the rules' lines.\n"
			"An address whose time is over is shown as long as a connection to it may live.\n",
		.options = names_options,
		.run = cmd_names,
	},
	{
		.name = "status",
		.args = "",
		.privilege = PRIVILEGE_READ,
		.summary = "Show what is attached where and how, the policy in force, and what was lost",
		.text = "Exit status 1 when nothing is enforced.\n",
		.options = status_options,
		.run = cmd_status,
	},
	{
		.name = "explain",
		.args = "DEVICE PROTO[/PORT] DEST",
		.min_args = 3,
		.max_args = 3,
		.complete = {CLI_COMPLETE_DEVICE, CLI_COMPLETE_PROTO, CLI_COMPLETE_DEST},
		.privilege = "none with --policy; else that of `events'",
		.summary = "Tell whether a device may open a connection, and by which rule",
		.text = "DEVICE is a name or a MAC address. PROTO is tcp, udp, sctp, icmp, icmpv6, igmp, esp,\n"
			"gre or a number. DEST is an address, a DNS name, device:NAME, gateway, resolvers,\n"
			"broadcast or internet. For a name the answer is what holds once the device has\n"
			"looked it up at a resolver that is believed.\n"
			"\n"
			"  ringfence explain camera udp/32100 198.51.100.7\n"
			"  ringfence explain camera tcp/554 device:phone --inbound\n",
		.options = explain_options,
		.run = cmd_explain,
	},
	{
		.name = "replay",
		.args = "--policy FILE PCAP",
		.min_args = 1,
		.max_args = 1,
		.complete = {CLI_COMPLETE_FILE},
		.privilege = "none; root for --engine kernel",
		.summary = "Run a capture through a policy: what would have passed, what not, why",
		.text = "Reads pcap and pcapng of Ethernet; PCAP `-' is standard input. Time is that of the\n"
			"capture, so time-outs behave as they did then.\n",
		.options = replay_options,
		.run = cmd_replay,
	},
	{
		.name = "reload",
		.args = "",
		.privilege = "root, or the group `ringfence'",
		.summary = "Make the daemon read its policy file again",
		.text = "A policy with a mistake is refused: the mistakes are shown and the old one stays.\n",
		.options = reload_options,
		.run = cmd_reload,
	},
	{
		.name = "doctor",
		.args = "",
		.privilege = PRIVILEGE_ROOT,
		.summary = "Look for every known way around the fence on this machine, and how to close it",
		.text = "Changes nothing. Works with the daemon dead, and where no fence is up. Exit status 1\n"
			"when a way is open; 3 when none is, and something could not be asked.\n",
		.options = doctor_options,
		.run = cmd_doctor,
	},
	{
		.name = "detach",
		.args = "",
		.privilege = PRIVILEGE_ROOT,
		.summary = "Open the fence: remove programs, pins and maps",
		.text = "The only command after which devices are free. A ringfenced that runs sees it within a\n"
			"second and ends.\n",
		.options = NULL,
		.run = cmd_detach,
	},
	{0},
};

/* Words of the design for which nothing stands behind yet: whoever types one is told so. */
const char *const cli_unbuilt[] = {"top",     "confirm", "allow", "deny",   "quarantine", "release",
				   "monitor", "enforce", "learn", "export", NULL};
