// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - the command line of one subcommand, read as its entry of the command table says.
 *
 * getopt_long does the splitting; its option array is made from the table, so that what is accepted, what help shows and what
 * the shell completes are the same list. Refuses what is not understood; prints one line that says what to do.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "../common/text.h"
#include "cli.h"

/* Values that getopt_long returns for options without a letter: beyond any char. */
#define VALUE_FIRST 256

struct reader {
	const struct cli_command *command;
	const struct cli_option *option[CLI_OPTIONS_MAX]; /* of the command, then the global ones */
	int n_own, n_all;
	struct option longs[CLI_OPTIONS_MAX + 1];
	char shorts[2 * CLI_OPTIONS_MAX + 3];
};

static void add_option(struct reader *reader, const struct cli_option *option)
{
	int i = reader->n_all++;
	size_t len = strlen(reader->shorts);

	reader->option[i] = option;
	reader->longs[i] =
		(struct option){option->name, option->arg ? required_argument : no_argument, NULL, VALUE_FIRST + i};
	if (option->letter) {
		reader->shorts[len++] = option->letter;
		if (option->arg)
			reader->shorts[len] = ':';
	}
}

static void reader_init(struct reader *reader, const struct cli_command *command)
{
	*reader = (struct reader){.command = command};
	strcpy(reader->shorts, ":"); /* "missing argument" is told from "unknown option" */
	for (const struct cli_option *o = command->options; o && o->name && reader->n_all < CLI_OPTIONS_MAX; o++)
		add_option(reader, o);
	reader->n_own = reader->n_all;
	for (const struct cli_option *o = cli_global_options; o->name && reader->n_all < CLI_OPTIONS_MAX; o++)
		add_option(reader, o);
}

static int place_of(const struct reader *reader, int value)
{
	if (value >= VALUE_FIRST)
		return value - VALUE_FIRST;
	for (int i = 0; i < reader->n_all; i++)
		if (reader->option[i]->letter == value)
			return i;
	return -1;
}

static void set_global(const struct cli_option *option, const char *value, struct cli *cli, struct cli_args *args)
{
	if (strcmp(option->name, "run-dir") == 0)
		cli->run_dir = value;
	else if (strcmp(option->name, "pin-dir") == 0)
		cli->pin_dir = value;
	else
		args->help = true;
}

/* The option of this command that an unknown word was most likely meant to be, or NULL. */
static const char *like_option(const struct reader *reader, const char *word)
{
	const char *best = NULL;
	unsigned int best_distance = text_tolerance(word) + 1;

	for (int i = 0; i < reader->n_all; i++) {
		unsigned int distance = text_distance(word, reader->option[i]->name, best_distance);

		if (distance < best_distance) {
			best_distance = distance;
			best = reader->option[i]->name;
		}
	}
	return best;
}

/* "--watch=5", where --watch is a switch. */
static bool is_switch_with_value(const struct reader *reader, const char *word)
{
	const size_t len = strcspn(word, "=");

	if (!word[len] || !text_starts_with(word, "--"))
		return false;
	for (int i = 0; i < reader->n_all; i++)
		if (!reader->option[i]->arg && strlen(reader->option[i]->name) == len - 2 &&
		    strncmp(reader->option[i]->name, word + 2, len - 2) == 0)
			return true;
	return false;
}

static int misuse(const struct reader *reader, int value, const char *word)
{
	const char *like = text_starts_with(word, "--") ? like_option(reader, word + 2) : NULL;

	if (value == ':')
		cli_fail(CLI_MISUSE, "%s: %s needs a value; see `ringfence help %s'", reader->command->name, word,
			 reader->command->name);
	else if (value == '?' && is_switch_with_value(reader, word))
		cli_fail(CLI_MISUSE, "%s: %.*s takes no value", reader->command->name, (int)strcspn(word, "="), word);
	else if (like)
		cli_fail(CLI_MISUSE, "%s: no option %s; did you mean --%s?", reader->command->name, word, like);
	else
		cli_fail(CLI_MISUSE, "%s: no option %s; see `ringfence help %s'", reader->command->name, word,
			 reader->command->name);
	return -EINVAL;
}

static int take_arguments(const struct cli_command *command, int n, char **words, struct cli_args *args)
{
	if (n > command->max_args || n > CLI_ARGS_MAX) {
		cli_fail(CLI_MISUSE, "%s: `%s' is one argument too many; usage: ringfence %s %s", command->name,
			 words[command->max_args], command->name, command->args);
		return -EINVAL;
	}
	if (n < command->min_args && !args->help) {
		cli_fail(CLI_MISUSE, "%s: an argument is missing; usage: ringfence %s %s", command->name, command->name,
			 command->args);
		return -EINVAL;
	}
	for (int i = 0; i < n; i++)
		args->arg[i] = words[i];
	args->n_args = n;
	return 0;
}

int cli_read_args(const struct cli_command *command, int argc, char **argv, struct cli *cli, struct cli_args *ret_args)
{
	struct cli_args args = {0};
	struct reader reader;
	int value;

	reader_init(&reader, command);
	opterr = 0;
	optind = 0; /* GNU: start anew, also after main's own options */
	while ((value = getopt_long(argc, argv, reader.shorts, reader.longs, NULL)) != -1) {
		int i;

		if (value == '?' || value == ':') {
			char letter[3] = {'-', (char)optopt, '\0'};

			/* For a letter optind may still point at the same word. */
			return misuse(&reader, value, optopt > 0 && optopt < VALUE_FIRST ? letter : argv[optind - 1]);
		}
		i = place_of(&reader, value);
		if (i >= reader.n_own)
			set_global(reader.option[i], optarg, cli, &args);
		else
			args.option[i] = optarg ? optarg : "";
	}
	if (take_arguments(command, argc - optind, argv + optind, &args))
		return -EINVAL;
	*ret_args = args;
	return 0;
}
