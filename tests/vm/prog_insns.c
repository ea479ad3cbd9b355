// SPDX-License-Identifier: GPL-2.0-only
/*
 * prog_insns: loads BPF objects into the running kernel and compares the number of instructions that the verifier had to walk with a budget.
 *
 * Used by tests/vm/matrix on every kernel and with every compiler's object. A program that costs the verifier much more than before is the first
 * sign of a loop whose states no longer converge, long before some kernel refuses it. It only loads: it attaches nothing and pins nothing.
 *
 *	prog_insns BUDGET OBJECT...
 *
 * The budget has a line "PROGRAM INSTRUCTIONS" for each program; '#' opens a comment. Prints a line for each program and
 * "N passed, M failed, K skipped"; exit 0, 1 (over budget or refused), 2 (misuse).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf */
#endif
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Room for the name of a program: the kernel's are shorter than 16, those of an object may be longer. */
#define NAME_LEN 64
/* Entry points number a handful; this leaves room for tail calls. */
#define BUDGET_MAX 64
/* Bytes of a message of libbpf that are worth showing: about the last thirty lines of a verifier's log. */
#define LOG_SHOWN 3000
/* Whatever the budget says: a program beyond this has come too near to the kernel's million, and it should be said each time. */
#define INSNS_ALARM 200000U

struct budget {
	struct {
		char program[NAME_LEN];
		unsigned int insns;
	} lines[BUDGET_MAX];
	size_t count;
};

struct tally {
	unsigned int passed;
	unsigned int failed;
};

/* libbpf hands over the verifier's log of a refused program as one message of megabytes, of which only the end says why. */
static int print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text = NULL;
	int len;

	if (level != LIBBPF_WARN)
		return 0;
	len = vasprintf(&text, format, args);
	if (len < 0)
		return 0;
	fprintf(stderr, "%s%s", len > LOG_SHOWN ? "[...] " : "", text + (len > LOG_SHOWN ? len - LOG_SHOWN : 0));
	free(text);
	return len;
}

/* "PROGRAM INSTRUCTIONS" into the next line of the budget. */
static int budget_add(struct budget *budget, char *line)
{
	char *save = NULL, *end = NULL;
	const char *program = strtok_r(line, " \t", &save);
	const char *number = strtok_r(NULL, " \t", &save);
	unsigned long insns;

	if (!program)
		return 0;
	if (!number || strtok_r(NULL, " \t", &save) || strlen(program) >= NAME_LEN || budget->count == BUDGET_MAX)
		return -EINVAL;
	errno = 0;
	insns = strtoul(number, &end, 10);
	if (errno || *end || insns == 0 || insns > UINT_MAX)
		return -EINVAL;
	memcpy(budget->lines[budget->count].program, program, strlen(program) + 1);
	budget->lines[budget->count].insns = (unsigned int)insns;
	budget->count++;
	return 0;
}

/* Adds the lines of the file to a budget that is empty. */
static int budget_read(const char *path, struct budget *budget)
{
	FILE *file = fopen(path, "re");
	char line[256];
	int err = 0;

	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = '\0';
		err = budget_add(budget, line);
	}
	fclose(file);
	return err;
}

/* 0 when the budget does not know the program. */
static unsigned int budget_of(const struct budget *budget, const char *program)
{
	for (size_t i = 0; i < budget->count; i++)
		if (!strcmp(budget->lines[i].program, program))
			return budget->lines[i].insns;
	return 0;
}

static bool judge(const struct budget *budget, const char *name, unsigned int verified)
{
	unsigned int allowed = budget_of(budget, name);

	if (verified > INSNS_ALARM)
		printf("  WARN: %s: above %u instructions, and the kernel's limit is a million\n", name, INSNS_ALARM);
	if (allowed == 0)
		printf("  FAIL: %s has no line in the budget\n", name);
	else if (verified > allowed)
		printf("  FAIL: %s: %u instructions verified, the budget is %u\n", name, verified, allowed);
	else
		return true;
	return false;
}

static int check_program(const struct budget *budget, const struct bpf_program *program, struct tally *tally)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	const char *name = bpf_program__name(program);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		return -errno;
	printf("  %-15s %-9s verified %6u  xlated %5zu  jited %6u bytes\n", name,
	       libbpf_bpf_prog_type_str(bpf_program__type(program)), info.verified_insns,
	       info.xlated_prog_len / sizeof(struct bpf_insn), info.jited_prog_len);
	if (judge(budget, name, info.verified_insns))
		tally->passed++;
	else
		tally->failed++;
	return 0;
}

static long elapsed_ms(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static int check_object(const struct budget *budget, const char *path, struct tally *tally)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	struct timespec start;
	int r;

	if (!object)
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &start);
	r = bpf_object__load(object);
	if (!r) {
		printf("%s: loaded in %ld ms\n", path, elapsed_ms(&start));
		bpf_object__for_each_program(program, object)
		{
			r = check_program(budget, program, tally);
			if (r < 0)
				break;
		}
	}
	bpf_object__close(object);
	return r;
}

int main(int argc, char **argv)
{
	struct tally tally = {};
	struct budget budget = {};
	int r;

	if (argc < 3) {
		fprintf(stderr, "usage: prog_insns BUDGET OBJECT...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	libbpf_set_print(print_warnings);
	r = budget_read(argv[1], &budget);
	if (r < 0) {
		fprintf(stderr, "prog_insns: %s: %s\n", argv[1], strerror(-r));
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		r = check_object(&budget, argv[i], &tally);
		if (r < 0) {
			printf("  FAIL: %s: the kernel refused it: %s\n", argv[i], strerror(-r));
			tally.failed++;
		}
	}
	printf("%u passed, %u failed, 0 skipped\n", tally.passed, tally.failed);
	return tally.failed ? 1 : 0;
}
