/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cli.h - what every subcommand of `ringfence` is given and must keep to.
 *
 * main.c finds the command in the table (commands.c), options.c reads its arguments as the table says, and calls `run` with
 * both. A subcommand is one file cmd_NAME.c; it prints results through output.h, errors through cli_fail(), and returns one of
 * the four exit codes. No subcommand parses options by itself, and none prints to the terminal what a device may have chosen unescaped.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "output.h"

#define CLI_PIN_DIR "/sys/fs/bpf/ringfence"

/* The exit codes of every command: scripts branch on them. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_NO = 1,	/* the answer is no: bad policy, unknown device, bad capture */
	CLI_MISUSE = 2, /* the command line is wrong */
	CLI_CANNOT = 3, /* no privilege, no kernel support, daemon not running */
};

/* What the shell completes an argument with. */
#define CLI_COMPLETE_LIST(X)                                                                                           \
	X(NONE, "none")                                                                                                \
	X(FILE, "file")                                                                                                \
	X(DIR, "dir")                                                                                                  \
	X(DEVICE, "device")                                                                                            \
	X(COMMAND, "command")                                                                                          \
	X(PROTO, "proto")                                                                                              \
	X(DEST, "dest")                                                                                                \
	X(ENGINE, "engine")                                                                                            \
	X(SIZING, "sizing")                                                                                            \
	X(EVENT, "event")

enum cli_complete {
#define X(name, text) CLI_COMPLETE_##name,
	CLI_COMPLETE_LIST(X)
#undef X
		CLI_COMPLETE_COUNT
};

struct cli_option {
	const char *name; /* without "--"; NULL ends the array */
	char letter;	  /* 0: has none */
	const char *arg;  /* NULL: a switch */
	enum cli_complete complete;
	const char *help;
};

/* More options than any command has, the global ones included. */
#define CLI_OPTIONS_MAX 16
#define CLI_ARGS_MAX 3

/* The command line of one subcommand, read. Strings are borrowed from argv. */
struct cli_args {
	const char *option[CLI_OPTIONS_MAX]; /* by place in the command's array: NULL not given; a switch: "" */
	const char *arg[CLI_ARGS_MAX];
	int n_args;
	bool help;
};

struct cli {
	struct output out;
	const char *run_dir;
	const char *pin_dir;
};

struct cli_command {
	const char *name; /* NULL ends the table */
	const char *args; /* for the synopsis */
	int min_args, max_args;
	enum cli_complete complete[CLI_ARGS_MAX];
	const char *privilege; /* who may */
	const char *summary;   /* one line, a verb first */
	const char *text;      /* what one has to know to use it, in lines of at most 78 columns */
	const struct cli_option *options;
	int (*run)(struct cli *cli, const struct cli_args *args);
};

extern const struct cli_command cli_commands[];
extern const struct cli_option cli_global_options[];
extern const char *const cli_unbuilt[]; /* ends with NULL */

/* The words that an argument of this kind may be; ends with NULL. NULL: they cannot be listed. */
extern const char *const *const cli_words[CLI_COMPLETE_COUNT];

const struct cli_command *cli_find(const char *name);

/* Prints "ringfence: MESSAGE", escaped, to standard error; returns code. */
int cli_fail(enum cli_exit code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The one text for an allocation that failed. */
int cli_no_memory(void);

/* options.c: 0, or -EINVAL after having said what is wrong. argv[0] is the command's name. */
int cli_read_args(const struct cli_command *command, int argc, char **argv, struct cli *cli, struct cli_args *ret_args);

/* help.c */
void cli_help(FILE *out);
void cli_help_command(const struct cli_command *command, FILE *out);
void cli_print_completion(FILE *out);

#endif
