// SPDX-License-Identifier: GPL-2.0-only
/*
 * Destinations of a rule, and the names of deny-names.
 *
 * A text is, in this order: one of the words, a reference ("device:nvr"), an
 * address or prefix, a DNS name.  A single word that is none of the known ones
 * is an error, never a DNS name: "interent" must not become a name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/text.h"
#include "dnsname.h"
#include "reader.h"

/* The words and the beginnings of references, for "did you mean". */
static const char *const dest_words[] = {
#define DEST_WORD(name, word) word,
	POLICY_DEST_WORDS(DEST_WORD)
#undef DEST_WORD
		NULL,
};

static const struct reference {
	const char *start;
	enum policy_dest_kind kind;
	enum names_kind names;
	enum feature feature;
} references[] = {
	{"device:", POLICY_DEST_DEVICE, NAMES_DEVICES, FEATURE_NONE},
	{"group:", POLICY_DEST_GROUP, NAMES_GROUPS, FEATURE_NONE},
	{"list:", POLICY_DEST_LIST, NAMES_LISTS, FEATURE_LISTS},
};

#define N_REFERENCES (sizeof(references) / sizeof(references[0]))

/* What is nearly an address: from a URL, a log or a shell. */
static void hint_address(struct reader *r, const char *text)
{
	const char *colon = strchr(text, ':');

	if (strchr(text, '%'))
		reader_hint(r, "without the interface behind %%");
	else if (colon && colon == strrchr(text, ':') && strchr(text, '.'))
		reader_hint(r, "the port is a key of its own: port: %s", colon + 1);
	else if (*text == '0' && !colon && text[1] != '.')
		reader_hint(r, "without zeros in front: they may mean octal");
}

void read_prefix_error(struct reader *r, const struct node *node, enum addr_status status,
		       const struct prefix *corrected)
{
	char buf[ADDR_TEXT_MAX];

	switch (status) {
	case ADDR_OK:
		break;
	case ADDR_SYNTAX:
		reader_error(r, node->pos, "\"%s\" is no address or prefix", node->text);
		hint_address(r, node->text);
		break;
	case ADDR_LEN:
		reader_error(r, node->pos, "\"%s\": the prefix length must be a number up to %d", node->text,
			     strchr(node->text, ':') ? 128 : 32);
		break;
	case ADDR_HOST_BITS:
		reader_error(r, node->pos, "\"%s\" has bits set after the prefix", node->text);
		reader_hint(r, "the prefix is %s; one address is written without the length",
			    prefix_format(corrected, buf));
		break;
	}
}

/* Is it meant as an address?  Then it must be one: no DNS name is made of these. */
static bool looks_like_address(const char *text)
{
	size_t hex = strspn(text, "0123456789abcdefABCDEF:./");

	if (strspn(text, "0123456789./") == strlen(text))
		return true;
	/* fe80::1%eth0: the zone is no part of a destination. */
	return strchr(text, ':') && (!text[hex] || text[hex] == '%');
}

static bool read_word(const char *text, struct policy_dest *dest)
{
	for (int i = 0; dest_words[i]; i++) {
		if (strcmp(dest_words[i], text) == 0) {
			dest->kind = (enum policy_dest_kind)i;
			return true;
		}
	}
	return false;
}

static bool read_reference(struct reader *r, const struct node *node, struct policy_dest *dest)
{
	for (size_t i = 0; i < N_REFERENCES; i++) {
		const struct reference *ref = &references[i];

		if (!text_starts_with(node->text, ref->start))
			continue;
		reader_feature(r, node->pos, ref->feature);
		dest->kind = ref->kind;
		dest->name = reader_text(r, node->text + strlen(ref->start));
		dest->index = reader_refer(r, ref->names, dest->name, node->pos);
		return true;
	}
	return false;
}

/* A word that means nothing here: what could it have been? */
static void unknown_dest(struct reader *r, const struct node *node, const char *text)
{
	const char *colon = strchr(text, ':');
	uint32_t index;

	reader_error(r, node->pos, "unknown destination \"%s\"", text);
	if (strcmp(text, "*") == 0) {
		reader_hint(r, "everything is `any`");
		return;
	}
	if (*text == '[') {
		reader_hint(r, "an IPv6 address is written without brackets");
		return;
	}
	if (colon) {
		if (strspn(colon + 1, "0123456789-") == strlen(colon + 1))
			reader_hint(r, "the port is a key of its own: port: %s", colon + 1);
		else if (text_starts_with(colon, "://"))
			reader_hint(r, "a destination is a name or an address, not a URL");
		else
			reader_hint(r, "references are device:NAME, group:NAME and list:NAME");
		return;
	}
	for (size_t i = 0; i < N_REFERENCES; i++) {
		if (index_find(&r->names[references[i].names].index, text, strlen(text), &index)) {
			reader_hint(r, "did you mean \"%s%s\"?", references[i].start, text);
			return;
		}
	}
	if (!reader_hint_word(r, text, dest_words))
		reader_hint(r, "it is any, local, internet, gateway, resolvers, multicast, broadcast, "
			       "an address, a prefix, device:NAME, group:NAME, list:NAME or a DNS name");
}

/* true: *ret_name is set. */
static bool read_name(struct reader *r, const struct node *node, struct dnsname *ret_name)
{
	const char *bad = dnsname_parse(node->text, r->arena, ret_name);

	if (bad) {
		reader_error(r, node->pos, "\"%s\" is no DNS name: %s", node->text, bad);
		return false;
	}
	return true;
}

static void read_dest_name(struct reader *r, const struct node *node, struct policy_dest *dest,
			   const struct policy_rule *rule)
{
	struct dnsname name;

	if (!read_name(r, node, &name))
		return;
	dest->kind = name.wildcard ? POLICY_DEST_WILDCARD : POLICY_DEST_NAME;
	dest->name = name.name;
	if (rule->action == POLICY_ALLOW) {
		if (name.wildcard && dnsname_is_public_suffix(name.name))
			reader_warning(r, node->pos, "anyone can register a name below \"%s\"", name.name);
	} else {
		reader_error(r, node->pos, "a DNS name cannot be used with `%s`", policy_action_text(rule->action));
		reader_hint(r,
			    "its addresses are shared with other names; to stop the question "
			    "write deny-names: [\"%s%s\"] in the profile",
			    name.wildcard ? "*." : "", name.name);
	}
}

static void read_dest(struct reader *r, const struct node *node, struct policy_rule *rule, struct policy_dest *dest)
{
	const char *text = reader_scalar(r, node, "a destination");

	dest->pos = node->pos;
	dest->index = POLICY_NONE;
	if (!text || read_word(text, dest) || read_reference(r, node, dest))
		return;
	if (looks_like_address(text)) {
		enum addr_status status = prefix_parse(text, &dest->prefix);

		dest->kind = POLICY_DEST_PREFIX;
		read_prefix_error(r, node, status, &dest->prefix);
		return;
	}
	if (strchr(text, ':') || strchr(text, '/') || !strchr(text, '.'))
		unknown_dest(r, node, text);
	else
		read_dest_name(r, node, dest, rule);
}

/* Order that puts equal destinations side by side. */
static int compare_dests(const void *a, const void *b)
{
	const struct policy_dest *x = *(const struct policy_dest *const *)a;
	const struct policy_dest *y = *(const struct policy_dest *const *)b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == POLICY_DEST_PREFIX)
		order = prefix_compare(&x->prefix, &y->prefix);
	else
		order = strcmp(x->name ? x->name : "", y->name ? y->name : "");
	if (!order)
		order = x < y ? -1 : x > y;
	return order;
}

static bool same_dest(const struct policy_dest *a, const struct policy_dest *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == POLICY_DEST_PREFIX)
		return prefix_compare(&a->prefix, &b->prefix) == 0;
	return strcmp(a->name ? a->name : "", b->name ? b->name : "") == 0;
}

static void check_twice(struct reader *r, const struct policy_rule *rule)
{
	AUTO_FREE const struct policy_dest **sorted = NULL;

	if (rule->n_dests < 2)
		return;
	sorted = calloc(rule->n_dests, sizeof(const struct policy_dest *));
	if (!sorted) {
		r->no_memory = true;
		return;
	}
	for (size_t i = 0; i < rule->n_dests; i++)
		sorted[i] = &rule->dests[i];
	qsort(sorted, rule->n_dests, sizeof(*sorted), compare_dests);
	for (size_t i = 1; i < rule->n_dests; i++)
		if (same_dest(sorted[i - 1], sorted[i]))
			reader_error(r, sorted[i]->pos, "the same destination is there twice");
}

void read_dests(struct reader *r, const struct node *node, struct policy_rule *rule)
{
	size_t errors = r->diags->n_errors;
	const struct node *item;
	struct items items;

	if (!reader_items(r, node, "the destination", &items))
		return;
	rule->dests = reader_array(r, items.count, sizeof(*rule->dests));
	if (!rule->dests)
		return;
	item = items.first;
	for (; rule->n_dests < items.count; item = item->next)
		read_dest(r, item, rule, &rule->dests[rule->n_dests++]);
	/* What could not be read would look the same. */
	if (r->diags->n_errors == errors)
		check_twice(r, rule);
}

void read_deny_names(struct reader *r, const struct node *node, void *object)
{
	struct policy_profile *profile = object;
	AUTO_INDEX struct index names = {0}, wildcards = {0};
	const struct node *item;
	struct items items;

	if (!reader_list(r, node, "`deny-names`", &items) || !items.count)
		return;
	profile->deny_names = reader_array(r, items.count, sizeof(*profile->deny_names));
	if (!profile->deny_names)
		return;
	item = items.first;
	for (uint32_t i = 0; i < items.count; i++, item = item->next) {
		struct policy_name *entry = &profile->deny_names[profile->n_deny_names];
		struct dnsname name;
		uint32_t line;
		int added;

		if (!reader_scalar(r, item, "a name") || !read_name(r, item, &name))
			continue;
		*entry = (struct policy_name){item->pos, name.name, name.wildcard};
		added = index_add(name.wildcard ? &wildcards : &names, name.name, strlen(name.name), item->pos.line,
				  &line);
		if (added == -EEXIST) {
			reader_error(r, item->pos, "\"%s\" is there twice", item->text);
			reader_hint(r, "the first is at line %u", line);
		} else if (added < 0) {
			r->no_memory = true;
		}
		profile->n_deny_names++;
	}
}
