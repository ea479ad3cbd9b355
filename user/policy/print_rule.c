// SPDX-License-Identifier: GPL-2.0-only
/*
 * One rule, and the values that rules and sections share, as canonical YAML:
 * see print.h and print.c.
 */
#include "print.h"

#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What other readers of YAML take for something else than text. */
static bool yaml_word(const char *text)
{
	static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", NULL};

	for (int i = 0; words[i]; i++)
		if (strcasecmp(words[i], text) == 0)
			return true;
	return false;
}

/* Text that every YAML reader takes as text when it stands without quotes. */
static bool plain(const char *text)
{
	return strspn(text, LETTERS "0123456789-_./") == strlen(text) && strcspn(text, LETTERS) == 0 &&
	       !yaml_word(text);
}

/* Values hold printable characters only: these two are all that needs an escape. */
void print_text(const char *text, FILE *out)
{
	if (plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void print_prefix(const struct prefix *prefix, FILE *out)
{
	char buf[ADDR_TEXT_MAX];

	prefix_format(prefix, buf);
	fprintf(out, strchr(buf, ':') ? "\"%s\"" : "%s", buf);
}

static void print_reference(const char *start, const char *name, FILE *out)
{
	/* A colon that no space follows is part of plain text; names have no other. */
	fprintf(out, "%s:%s", start, name);
}

static void print_dest(const struct policy *policy, const struct policy_dest *dest, FILE *out)
{
	switch (dest->kind) {
	case POLICY_DEST_PREFIX:
		print_prefix(&dest->prefix, out);
		break;
	case POLICY_DEST_DEVICE:
		print_reference("device", policy->devices[dest->index].name, out);
		break;
	case POLICY_DEST_GROUP:
		print_reference("group", policy->groups[dest->index].name, out);
		break;
	case POLICY_DEST_LIST:
		print_reference("list", policy->lists[dest->index].name, out);
		break;
	case POLICY_DEST_NAME:
		/* Of one label it is a name by its final dot only: without, it reads as a word. */
		fprintf(out, "%s%s", dest->name, strchr(dest->name, '.') ? "" : ".");
		break;
	case POLICY_DEST_WILDCARD:
		fprintf(out, "\"*.%s\"", dest->name);
		break;
	case POLICY_DEST_ANY:
	case POLICY_DEST_LOCAL:
	case POLICY_DEST_INTERNET:
	case POLICY_DEST_GATEWAY:
	case POLICY_DEST_RESOLVERS:
	case POLICY_DEST_MULTICAST:
	case POLICY_DEST_BROADCAST:
		fputs(policy_dest_text(dest->kind), out);
		break;
	}
}

static void print_protos(const struct policy_rule *rule, FILE *out)
{
	if (!rule->n_protos)
		return;
	fputs(rule->n_protos > 1 ? ", proto: [" : ", proto: ", out);
	for (size_t i = 0; i < rule->n_protos; i++) {
		const char *word = policy_proto_text(rule->protos[i]);

		fputs(i ? ", " : "", out);
		if (word)
			fputs(word, out);
		else
			fprintf(out, "%u", rule->protos[i]);
	}
	fputs(rule->n_protos > 1 ? "]" : "", out);
}

static void print_ports(const struct policy_rule *rule, FILE *out)
{
	if (!rule->n_ports)
		return;
	fputs(rule->n_ports > 1 ? ", port: [" : ", port: ", out);
	for (size_t i = 0; i < rule->n_ports; i++) {
		fprintf(out, "%s%u", i ? ", " : "", rule->ports[i].lo);
		if (rule->ports[i].hi != rule->ports[i].lo)
			fprintf(out, "-%u", rule->ports[i].hi);
	}
	fputs(rule->n_ports > 1 ? "]" : "", out);
}

void print_rate(const char *key, const struct policy_rate *rate, FILE *out)
{
	static const struct {
		uint64_t factor;
		const char *suffix;
	} scales[] = {{1000000000, "gbit"}, {1000000, "mbit"}, {1000, "kbit"}, {1, "bit"}};
	size_t i = 0;

	if (rate->unit != POLICY_RATE_BITS) {
		fprintf(out, "%s: %llu/s", key, (unsigned long long)rate->per_second);
		return;
	}
	while (rate->per_second % scales[i].factor)
		i++;
	fprintf(out, "%s: %llu%s", key, (unsigned long long)(rate->per_second / scales[i].factor), scales[i].suffix);
}

void policy_print_rule(const struct policy *policy, const struct policy_rule *rule, FILE *out)
{
	fprintf(out, "{%s: %s", policy_action_text(rule->action), rule->n_dests > 1 ? "[" : "");
	for (size_t i = 0; i < rule->n_dests; i++) {
		fputs(i ? ", " : "", out);
		print_dest(policy, &rule->dests[i], out);
	}
	fputs(rule->n_dests > 1 ? "]" : "", out);
	print_protos(rule, out);
	print_ports(rule, out);
	if (rule->rate.unit != POLICY_RATE_NONE)
		print_rate(", rate", &rule->rate, out);
	if (rule->when != POLICY_NONE)
		fprintf(out, ", when: %s", policy->schedules[rule->when].name);
	if (!rule->log)
		fputs(", log: false", out);
	if (rule->note) {
		fputs(", note: ", out);
		print_text(rule->note, out);
	}
	fputc('}', out);
}
