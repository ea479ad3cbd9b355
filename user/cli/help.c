// SPDX-License-Identifier: GPL-2.0-only
/*
 * help.c - what the command table says, for people (--help) and for the shell (completion).
 *
 * Only prints; everything it knows comes from commands.c.
 */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static void print_option(const struct cli_option *option, FILE *out)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
		 option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
		 option->arg ? " " : "", option->arg ? option->arg : "");
	fprintf(out, "  %-26s %s\n", left, option->help);
}

void cli_help(FILE *out)
{
	fputs("usage: ringfence COMMAND [ARGUMENTS]\n\n"
	      "Shows and checks what each device on the network may do, and what it was denied.\n"
	      "The fence itself is kept by ringfenced(8).\n\n",
	      out);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->summary);
	fputs("\nOptions of every command:\n", out);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		print_option(o, out);
	fputs("\n`ringfence help COMMAND' tells more, ringfence(8) and ringfence.yaml(5) all.\n"
	      "Exit: 0 done, 1 the answer is no, 2 misuse, 3 cannot.\n",
	      out);
}

void cli_help_command(const struct cli_command *command, FILE *out)
{
	fprintf(out, "usage: ringfence %s%s%s%s\n\n%s.\n", command->name,
		command->options && command->options->name ? " [OPTIONS]" : "", *command->args ? " " : "",
		command->args, command->summary);
	if (*command->text)
		fprintf(out, "\n%s", command->text);
	fprintf(out, "\nPrivilege: %s.\n\nOptions:\n", command->privilege);
	for (const struct cli_option *o = command->options; o && o->name; o++)
		print_option(o, out);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		print_option(o, out);
}

static const char *complete_text(enum cli_complete complete)
{
	static const char *const texts[] = {
#define X(name, text) [CLI_COMPLETE_##name] = text,
		CLI_COMPLETE_LIST(X)
#undef X
	};

	return texts[complete];
}

static void print_completion_option(const char *command, const struct cli_option *option, FILE *out)
{
	fprintf(out, "option\t%s\t--%s\t%s", command, option->name,
		option->arg ? complete_text(option->complete) : "switch");
	if (option->letter)
		fprintf(out, "\t-%c", option->letter);
	fputc('\n', out);
}

/* One line a fact, fields by tab: command NAME / option COMMAND --NAME KIND [-LETTER] / arg COMMAND PLACE KIND / word KIND WORD. */
void cli_print_completion(FILE *out)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		fprintf(out, "command\t%s\n", c->name);
		for (const struct cli_option *o = c->options; o && o->name; o++)
			print_completion_option(c->name, o, out);
		for (const struct cli_option *o = cli_global_options; o->name; o++)
			print_completion_option(c->name, o, out);
		for (int i = 0; i < c->max_args && i < CLI_ARGS_MAX; i++)
			fprintf(out, "arg\t%s\t%d\t%s\n", c->name, i, complete_text(c->complete[i]));
	}
	for (int kind = 0; kind < CLI_COMPLETE_COUNT; kind++)
		for (const char *const *word = cli_words[kind]; word && *word; word++)
			fprintf(out, "word\t%s\t%s\n", complete_text((enum cli_complete)kind), *word);
}
