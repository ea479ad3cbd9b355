// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - `ringfence`: find the subcommand, read its arguments, run it.
 *
 * Everything a subcommand is comes from the table in commands.c. This file must not know any of them by name but `help`.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/control.h"
#include "../common/text.h"
#include "cli.h"

#ifndef RF_VERSION
#define RF_VERSION "0.1"
#endif

static int no_command(const char *name)
{
	const char *best = NULL;
	unsigned int best_distance = text_tolerance(name) + 1;

	for (const char *const *word = cli_unbuilt; *word; word++)
		if (strcmp(*word, name) == 0)
			return cli_fail(CLI_CANNOT,
					"`%s' is not built yet in this version; `ringfence help' lists what is", name);
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		unsigned int distance = text_distance(name, c->name, best_distance);

		if (distance < best_distance) {
			best_distance = distance;
			best = c->name;
		}
	}
	if (best)
		return cli_fail(CLI_MISUSE, "no command `%s'; did you mean `%s'?", name, best);
	return cli_fail(CLI_MISUSE, "no command `%s'; `ringfence help' lists them", name);
}

static int one_too_many(const char *of, const char *word)
{
	return cli_fail(CLI_MISUSE, "%s: `%s' is one argument too many; see `ringfence help'", of, word);
}

/* words: what stands behind `help', ended by NULL. */
static int help(char **words)
{
	const struct cli_command *command;
	const char *name = words[0];

	if (name && words[1])
		return one_too_many("help", words[1]);
	if (!name) {
		cli_help(stdout);
		return CLI_DONE;
	}
	command = cli_find(name);
	if (!command)
		return no_command(name);
	cli_help_command(command, stdout);
	return CLI_DONE;
}

/* Options before the command: the global ones, --version, and what the shell's completion asks. */
static int leading_options(int argc, char **argv, struct cli *cli, int *ret_place)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		bool run = strcmp(argv[i], "--run-dir") == 0, pin = strcmp(argv[i], "--pin-dir") == 0;

		if ((run || pin) && i + 1 < argc)
			*(run ? &cli->run_dir : &cli->pin_dir) = argv[++i];
		else if (text_starts_with(argv[i], "--run-dir="))
			cli->run_dir = argv[i] + strlen("--run-dir=");
		else if (text_starts_with(argv[i], "--pin-dir="))
			cli->pin_dir = argv[i] + strlen("--pin-dir=");
		else
			break;
	}
	*ret_place = i;
	return i < argc && argv[i][0] == '-';
}

/* words: it and what stands behind it, ended by NULL. */
static int lone_option(char **words)
{
	const char *option = words[0];
	const bool version = strcmp(option, "--version") == 0 || strcmp(option, "-V") == 0;

	if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
		return help(words + 1);
	if (strcmp(option, "--run-dir") == 0 || strcmp(option, "--pin-dir") == 0)
		return cli_fail(CLI_MISUSE, "%s needs a value; see `ringfence help'", option);
	if (!version && strcmp(option, "--completion-data") != 0)
		return cli_fail(CLI_MISUSE, "no option %s here; `ringfence help' lists the commands", option);
	if (words[1])
		return one_too_many(option, words[1]);
	if (version)
		printf("ringfence %s\n", RF_VERSION);
	else
		cli_print_completion(stdout);
	return CLI_DONE;
}

static int run(int argc, char **argv, struct cli *cli)
{
	const struct cli_command *command;
	struct cli_args args;
	int place;

	if (leading_options(argc, argv, cli, &place))
		return lone_option(argv + place);
	if (place == argc) {
		cli_help(stderr);
		return CLI_MISUSE;
	}
	if (strcmp(argv[place], "help") == 0)
		return help(argv + place + 1);
	command = cli_find(argv[place]);
	if (!command)
		return no_command(argv[place]);
	if (cli_read_args(command, argc - place, argv + place, cli, &args))
		return CLI_MISUSE;
	if (args.help) {
		cli_help_command(command, stdout);
		return CLI_DONE;
	}
	return command->run(cli, &args);
}

int main(int argc, char **argv)
{
	const char *run_dir = getenv("RINGFENCE_RUN_DIR"), *pin_dir = getenv("RINGFENCE_PIN_DIR");
	struct cli cli = {
		.run_dir = run_dir && *run_dir ? run_dir : CONTROL_RUN_DIR,
		.pin_dir = pin_dir && *pin_dir ? pin_dir : CLI_PIN_DIR,
	};
	int code;

	setlocale(LC_CTYPE, ""); /* widths of characters in tables; numbers stay as they are */
	output_init(&cli.out, stdout);
	code = run(argc, argv, &cli);
	/* A full disk or a closed descriptor must not look like success. */
	if ((fflush(stdout) || ferror(stdout)) && code == CLI_DONE)
		code = cli_fail(CLI_CANNOT, "cannot write the result: %s", strerror(errno));
	return code;
}
