// SPDX-License-Identifier: GPL-2.0-only
/*
 * ringfenced - enforce a policy on the ports of a bridge, and stay to follow and to tell.
 *
 * Parses options, builds the context, runs the loop. Ending this program, in whatever way, leaves the fence up.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../common/control.h"
#include "../common/log.h"
#include "../common/sizing.h"
#include "daemon.h"

#ifndef RF_VERSION
#define RF_VERSION "0.1"
#endif

static const char usage[] = "Usage: ringfenced [-c FILE] [--once|--wait] [--sizing SIZING] [--run-dir DIR]\n"
			    "                  [--pin-dir DIR]\n"
			    "\n"
			    "Loads the policy, attaches it to the inside ports of the bridge that it names, and\n"
			    "keeps it there. Ending ringfenced does not open the fence; `ringfence detach` does.\n"
			    "\n"
			    "  -c, --config FILE    the policy (" POLICY_FILE_DEFAULT ")\n"
			    "      --once           set up and exit; enforcement stays, ports are not followed\n"
			    "      --wait           start though the bridge is not there yet; ports are policed as\n"
			    "                       they come\n"
			    "      --sizing SIZING  how many rows of state a device has: home, campus, provider, or\n"
			    "                       auto (by the number of devices; a restart keeps what it was)\n"
			    "      --run-dir DIR    where the control socket is (" CONTROL_RUN_DIR ")\n"
			    "      --pin-dir DIR    where maps and programs are pinned (" DATAPATH_PIN_DIR ")\n"
			    "  -v, --verbose        log more\n"
			    "  -h, --help           show this\n"
			    "      --version        show the version\n"
			    "\n"
			    "SIGHUP, or `ringfence reload`, reads the policy anew. Exit status: 0 done, 1 bad\n"
			    "policy, 2 misuse, 3 cannot (no privilege, no such bridge, no kernel support).\n";

enum {
	OPT_ONCE = 256,
	OPT_WAIT,
	OPT_RUN_DIR,
	OPT_PIN_DIR,
	OPT_SIZING,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"once", no_argument, NULL, OPT_ONCE},
	{"wait", no_argument, NULL, OPT_WAIT},
	{"run-dir", required_argument, NULL, OPT_RUN_DIR},
	{"pin-dir", required_argument, NULL, OPT_PIN_DIR},
	{"sizing", required_argument, NULL, OPT_SIZING},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

/* -1: go on; else exit with this status. */
static int parse_options(int argc, char **argv, struct daemon_options *options, bool *ret_verbose)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":c:vh", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->policy = optarg;
			break;
		case OPT_ONCE:
			options->once = true;
			break;
		case OPT_WAIT:
			options->wait = true;
			break;
		case OPT_RUN_DIR:
			options->run_dir = optarg;
			break;
		case OPT_PIN_DIR:
			options->pin_dir = optarg;
			break;
		case OPT_SIZING:
			if (sizing_parse(optarg, &options->sizing))
				break;
			fprintf(stderr,
				"ringfenced: no sizing %s: there are auto, home, campus and provider (see `ringfenced --help`)\n",
				optarg);
			return DAEMON_MISUSE;
		case 'v':
			*ret_verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return DAEMON_OK;
		case OPT_VERSION:
			puts("ringfenced " RF_VERSION);
			return DAEMON_OK;
		default:
			fprintf(stderr, "ringfenced: %s %s (see `ringfenced --help`)\n",
				option == ':' ? "a value is missing after" : "unknown option", argv[optind - 1]);
			return DAEMON_MISUSE;
		}
	}
	if (optind < argc) {
		fprintf(stderr,
			"ringfenced: unexpected argument %s: the policy is given with -c (see `ringfenced --help`)\n",
			argv[optind]);
		return DAEMON_MISUSE;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {
		.options = {.policy = POLICY_FILE_DEFAULT, .run_dir = CONTROL_RUN_DIR, .pin_dir = DATAPATH_PIN_DIR},
		.loop.epoll_fd = -1,
		.lock_fd = -1,
		.signals.fd = -1,
		.timer.fd = -1,
		.server.listener.fd = -1,
	};
	bool verbose = false;
	int status = parse_options(argc, argv, &daemon.options, &verbose);

	if (status >= 0)
		return status;
	log_init("ringfenced", verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	status = daemon_start(&daemon);
	if (status == DAEMON_OK && !daemon.options.once)
		status = daemon_serve(&daemon);
	daemon_end(&daemon);
	return status;
}
