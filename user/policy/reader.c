// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all readers of the policy share: see reader.h.
 */
#include "reader.h"

#include <errno.h>
#include <string.h>

#include "../common/text.h"

/* Room for "mac, profile, mode, ..." of the longest table. */
#define WORDS_TEXT_MAX 256

void *reader_array(struct reader *r, size_t count, size_t size)
{
	void *data = arena_array(r->arena, count, size);

	if (!data)
		r->no_memory = true;
	return data;
}

const char *reader_text(struct reader *r, const char *text)
{
	const char *copy = arena_text(r->arena, text, strlen(text));

	if (!copy)
		r->no_memory = true;
	return copy ? copy : "";
}

const char *names_kind_text(enum names_kind kind)
{
	static const char *const words[] = {
		[NAMES_PROFILES] = "profile", [NAMES_DEVICES] = "device",     [NAMES_GROUPS] = "group",
		[NAMES_LISTS] = "list",	      [NAMES_SCHEDULES] = "schedule",
	};

	return words[kind];
}

/* The best of what was offered so far for a "did you mean". */
struct nearest {
	const char *text;
	const char *best;
	unsigned int distance; /* of the best; more is not of interest */
};

static void nearest_offer(struct nearest *nearest, const char *word)
{
	unsigned int distance;

	if (!nearest->distance)
		return;
	distance = text_distance(nearest->text, word, nearest->distance - 1);
	if (distance < nearest->distance) {
		nearest->best = word;
		nearest->distance = distance;
	}
}

static bool nearest_hint(struct reader *r, const struct nearest *nearest)
{
	if (nearest->best)
		reader_hint(r, "did you mean \"%s\"?", nearest->best);
	return nearest->best != NULL;
}

bool reader_hint_word(struct reader *r, const char *text, const char *const words[])
{
	struct nearest nearest = {.text = text, .distance = text_tolerance(text) + 1};

	for (; *words; words++)
		nearest_offer(&nearest, *words);
	return nearest_hint(r, &nearest);
}

bool reader_hint_name(struct reader *r, enum names_kind kind, const char *text)
{
	struct nearest nearest = {.text = text, .distance = text_tolerance(text) + 1};
	const struct names *names = &r->names[kind];

	/* The search costs milliseconds with 50,000 names. */
	if (!r->diags->last_kept)
		return false;
	for (uint32_t i = 0; i < names->n_entries; i++)
		nearest_offer(&nearest, names->entries[i].name);
	return nearest_hint(r, &nearest);
}

static void hint_key(struct reader *r, const struct key_table *table, const char *text)
{
	struct nearest nearest = {.text = text, .distance = text_tolerance(text) + 1};
	char all[WORDS_TEXT_MAX] = "";
	size_t used = 0;

	for (size_t i = 0; i < table->n_keys; i++) {
		const char *name = table->keys[i].name;

		nearest_offer(&nearest, name);
		if (used + strlen(name) + 3 < sizeof(all))
			used += (size_t)sprintf(all + used, "%s%s", i ? ", " : "", name);
	}
	if (!nearest_hint(r, &nearest))
		reader_hint(r, "the keys of %s are: %s", table->what, all);
}

static int find_key(const struct key_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_keys; i++)
		if (strcmp(table->keys[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool is_map(struct reader *r, const struct key_table *table, const struct node *node)
{
	if (node->kind == NODE_MAP)
		return true;
	if (node->kind == NODE_INVALID)
		return false;
	reader_error(r, node->pos, "%s must be a map of keys, not %s", table->what, node_kind_text(node));
	if (node->kind == NODE_SCALAR && strchr(node->text, ':'))
		reader_hint(r, "write \"key: value\" with a space after the colon");
	return false;
}

bool reader_map(struct reader *r, const struct key_table *table, const struct node *node, void *object,
		uint32_t *ret_seen)
{
	uint32_t lines[32] = {0}, seen = 0;

	if (!is_map(r, table, node))
		return false;

	for (const struct node *key = node->first, *value; key; key = value->next) {
		int i;

		value = key->next;
		if (key->kind == NODE_INVALID)
			continue;
		i = find_key(table, key->text);
		if (i < 0) {
			reader_error(r, key->pos, "unknown key \"%s\" in %s", key->text, table->what);
			hint_key(r, table, key->text);
			continue;
		}
		if (seen & 1u << i) {
			reader_error(r, key->pos, "`%s` is there twice in %s", key->text, table->what);
			reader_hint(r, "the first is at line %u", lines[i]);
			continue;
		}
		seen |= 1u << i;
		lines[i] = key->pos.line;
		reader_feature(r, key->pos, table->keys[i].feature);
		if (value->kind != NODE_INVALID)
			table->keys[i].read(r, value, object);
	}

	for (size_t i = 0; i < table->n_keys; i++)
		if (table->keys[i].required && !(seen & 1u << i))
			reader_error(r, node->pos, "`%s:` is missing in %s", table->keys[i].name, table->what);
	*ret_seen = seen;
	return true;
}

const char *reader_scalar(struct reader *r, const struct node *node, const char *what)
{
	if (node->kind == NODE_INVALID)
		return NULL;
	if (node->kind != NODE_SCALAR) {
		reader_error(r, node->pos, "%s must be text, not %s", what, node_kind_text(node));
		return NULL;
	}
	if (!*node->text) {
		reader_error(r, node->pos, "%s is missing", what);
		return NULL;
	}
	return node->text;
}

bool reader_list(struct reader *r, const struct node *node, const char *what, struct items *ret_items)
{
	if (node->kind == NODE_INVALID)
		return false;
	if (node->kind != NODE_LIST) {
		reader_error(r, node->pos, "%s must be a list, not %s", what, node_kind_text(node));
		if (node_is_empty(node))
			reader_hint(r, "an empty list is written []");
		else if (node->kind == NODE_SCALAR)
			reader_hint(r, "a list is written [a, b], or one item a line after \"- \"");
		return false;
	}
	*ret_items = (struct items){.first = node->first, .count = node->count};
	return true;
}

bool reader_items(struct reader *r, const struct node *node, const char *what, struct items *ret_items)
{
	if (node->kind == NODE_SCALAR && *node->text) {
		*ret_items = (struct items){.first = node, .count = 1};
		return true;
	}
	if (node->kind == NODE_INVALID)
		return false;
	if (node->kind == NODE_MAP) {
		reader_error(r, node->pos, "%s must be text or a list, not a map", what);
		return false;
	}
	if (node->kind == NODE_SCALAR || !node->count) {
		reader_error(r, node->pos, "%s is missing", what);
		return false;
	}
	*ret_items = (struct items){.first = node->first, .count = node->count};
	return true;
}

int reader_word(struct reader *r, const struct node *node, const char *const words[], const char *what)
{
	const char *text = reader_scalar(r, node, what);
	char all[WORDS_TEXT_MAX] = "";
	size_t used = 0;

	if (!text)
		return -1;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;

	reader_error(r, node->pos, "%s cannot be \"%s\"", what, text);
	if (reader_hint_word(r, text, words))
		return -1;
	for (int i = 0; words[i]; i++)
		if (used + strlen(words[i]) + 3 < sizeof(all))
			used += (size_t)sprintf(all + used, "%s%s", i ? ", " : "", words[i]);
	reader_hint(r, "it is one of: %s", all);
	return -1;
}

uint32_t reader_refer(struct reader *r, enum names_kind kind, const char *name, struct diag_pos pos)
{
	uint32_t index;

	if (index_find(&r->names[kind].index, name, strlen(name), &index))
		return index;
	reader_error(r, pos, "there is no %s \"%s\"", names_kind_text(kind), name);
	reader_hint_name(r, kind, name);
	return POLICY_NONE;
}

bool reader_once(struct reader *r, const struct node *item, struct index *seen)
{
	uint32_t line;
	int added = index_add(seen, item->text, strlen(item->text), item->pos.line, &line);

	if (added == -EEXIST)
		reader_error(r, item->pos, "\"%s\" is there twice", item->text);
	else if (added < 0)
		r->no_memory = true;
	return added == 0;
}

void reader_feature(struct reader *r, struct diag_pos pos, enum feature feature)
{
	if (!feature_in_force(feature))
		reader_error(r, pos, "`%s` is not supported by this version yet", feature_text(feature));
}
