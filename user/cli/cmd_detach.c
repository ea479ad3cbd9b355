// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd_detach.c - `ringfence detach`: the only thing that opens the fence, and it says so.
 */
#include <errno.h>
#include <unistd.h>

#include "../datapath/datapath.h"
#include "commands.h"
#include "daemon.h"

static void tell(void *context, const char *what)
{
	const struct output *out = context;

	output_print(out, OUTPUT_PLAIN, "removed %s\n", what);
}

/* A daemon that runs sees it within a second, and does not put the fence up again. */
static void warn_of_daemon(const struct cli *cli)
{
	struct control_client *client AUTO_CONTROL = NULL;

	if (control_connect(cli->run_dir, &client) == 0)
		cli_warn("ringfenced was running: it ends now. Start it to put the fence up again");
}

int cmd_detach(struct cli *cli, const struct cli_args *args)
{
	struct fault fault = {0};
	int n;

	(void)args;
	if (geteuid() != 0)
		return cli_fail(CLI_CANNOT, "detach needs root: try `sudo ringfence detach'");
	n = datapath_detach(cli->pin_dir, tell, &cli->out, &fault);
	if (n < 0)
		return cli_fail(CLI_CANNOT, "not everything could be removed: %s", fault.text);
	if (n == 0)
		output_print(&cli->out, OUTPUT_PLAIN, "nothing was attached: there was no fence to open\n");
	else
		output_print(&cli->out, OUTPUT_NOTE, "the fence is open: devices may now reach everything\n");
	warn_of_daemon(cli);
	return CLI_DONE;
}
