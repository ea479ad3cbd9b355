// SPDX-License-Identifier: GPL-2.0-only
/*
 * DNS names of a profile: what each name and wildcard grants -> the name table.
 *
 * The datapath asks for a name's suffixes and takes the longest that is there, so each entry holds the closure: the rules
 * of every wildcard that covers it, and whether any of them is under deny-names. Hashes are those of include/hash.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/hash.h"
#include "array.h"
#include "compile.h"
#include "table.h"

#define PATTERN_DENIED UINT32_MAX /* instead of a clause: from deny-names */

/* By name, then exact before wildcard, then clause. */
static int pattern_compare(const void *a, const void *b)
{
	const struct name_pattern *left = a, *right = b;
	int r = strcmp(left->name, right->name);

	if (r)
		return r;
	if (left->wildcard != right->wildcard)
		return left->wildcard ? 1 : -1;
	return left->clause < right->clause ? -1 : left->clause > right->clause;
}

static int add_pattern(struct compiler *c, const char *name, bool wildcard, uint32_t clause)
{
	struct names *names = &c->names;
	struct name_pattern *grown =
		array_grow(names->patterns, &names->patterns_capacity, names->n_patterns + 1, sizeof(*names->patterns));

	if (!grown)
		return -ENOMEM;
	names->patterns = grown;
	names->patterns[names->n_patterns++] = (struct name_pattern){name, clause, wildcard};
	return 0;
}

/* All patterns of one profile, sorted. */
static int collect(struct compiler *c, const struct sequence *sequence, const struct policy_profile *profile)
{
	int r = 0;

	c->names.n_patterns = 0;
	for (uint32_t i = 0; i < sequence->n; i++) {
		const struct clause *clause = &c->clauses.items[sequence->items[i]];
		const struct policy_rule *rule;

		if (!(clause->flags & CLAUSE_NAMES))
			continue;
		rule = c->ruleset->rules[c->clauses.lines[clause->line_first].id].rule;
		for (size_t k = 0; k < rule->n_dests && !r; k++)
			if (rule->dests[k].kind == POLICY_DEST_NAME || rule->dests[k].kind == POLICY_DEST_WILDCARD)
				r = add_pattern(c, rule->dests[k].name, rule->dests[k].kind == POLICY_DEST_WILDCARD,
						sequence->items[i]);
		if (r)
			return r;
	}
	for (size_t i = 0; i < profile->n_deny_names && !r; i++)
		r = add_pattern(c, profile->deny_names[i].name, profile->deny_names[i].wildcard, PATTERN_DENIED);
	if (c->names.n_patterns)
		qsort(c->names.patterns, c->names.n_patterns, sizeof(*c->names.patterns), pattern_compare);
	return r;
}

/* The first pattern of this name and kind, or n_patterns. */
static uint32_t find_pattern(const struct names *names, const char *name, bool wildcard)
{
	const struct name_pattern key = {name, 0, wildcard};
	uint32_t lo = 0, hi = names->n_patterns;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (pattern_compare(&names->patterns[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_pattern(const struct names *names, uint32_t i, const char *name, bool wildcard)
{
	return i < names->n_patterns && names->patterns[i].wildcard == wildcard &&
	       !strcmp(names->patterns[i].name, name);
}

/* Add to the closure what the patterns of exactly this name and kind say. */
static int cover(struct compiler *c, const char *name, bool wildcard, uint32_t *flags)
{
	const struct names *names = &c->names;
	int r = 0;

	for (uint32_t i = find_pattern(names, name, wildcard); is_pattern(names, i, name, wildcard) && !r; i++) {
		if (names->patterns[i].clause == PATTERN_DENIED) {
			*flags |= RF_NAME_DENIED;
			continue;
		}
		*flags |= RF_NAME_LISTED;
		r = sequence_push(&c->names.closure, names->patterns[i].clause);
	}
	return r;
}

static int clause_compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* A rule may name a pattern twice over: by itself and by a wildcard above it. */
static void sort_closure(struct sequence *closure)
{
	uint32_t n = 0;

	if (!closure->n)
		return;
	qsort(closure->items, closure->n, sizeof(*closure->items), clause_compare);
	for (uint32_t i = 0; i < closure->n; i++)
		if (!n || closure->items[n - 1] != closure->items[i])
			closure->items[n++] = closure->items[i];
	closure->n = n;
}

static uint64_t label_hash(const char *label, size_t len, uint64_t seed)
{
	uint64_t hash = seed, word = len;
	size_t filled = 1;

	for (size_t i = 0; i < len; i++) {
		word = word << 8 | (uint8_t)label[i];
		if (++filled % sizeof(word))
			continue;
		hash = rf_name_word(hash, word);
		word = 0;
	}
	return filled % sizeof(word) ? rf_name_word(hash, word) : hash;
}

/* As bpf/dns_name.h hashes it on the wire. */
static uint64_t name_hash(const char *name, uint64_t seed)
{
	size_t end = strlen(name);
	uint64_t hash = seed;

	while (end) {
		size_t start = end;

		while (start && name[start - 1] != '.')
			start--;
		hash = rf_name_label(hash, label_hash(name + start, end - start, seed));
		end = start ? start - 1 : 0;
	}
	return hash;
}

static int add_entry(struct compiler *c, uint32_t profile, const struct name_pattern *pattern, uint32_t end_clause)
{
	struct names *names = &c->names;
	const char *suffix = pattern->name;
	struct name_entry entry = {0};
	struct name_entry *grown;
	int r;

	names->closure.n = 0;
	r = cover(c, pattern->name, pattern->wildcard, &entry.flags);
	while (!r && (suffix = strchr(suffix, '.')) != NULL)
		r = cover(c, ++suffix, true, &entry.flags);
	if (r)
		return r;
	sort_closure(&names->closure);
	if (entry.flags & RF_NAME_LISTED) {
		r = sequence_push(&names->closure, end_clause);
		if (!r)
			r = lists_intern_sequence(c, &names->closure, &entry.chunk);
	}
	entry.key = rf_name_key(profile, name_hash(pattern->name, c->input->name_seed),
				pattern->wildcard ? RF_NAME_WILDCARD : RF_NAME_EXACT);
	if (r)
		return r;
	grown = array_grow(names->items, &names->capacity, names->n + 1, sizeof(*names->items));
	if (!grown)
		return -ENOMEM;
	names->items = grown;
	names->items[names->n++] = entry;
	return 0;
}

int names_add(struct compiler *c, const struct sequence *sequence, uint32_t profile, const struct policy_profile *from)
{
	const struct names *names = &c->names;
	int r = collect(c, sequence, from);

	for (uint32_t i = 0; i < names->n_patterns && !r; i++)
		if (!i || strcmp(names->patterns[i].name, names->patterns[i - 1].name) ||
		    names->patterns[i].wildcard != names->patterns[i - 1].wildcard)
			r = add_entry(c, profile, &names->patterns[i], sequence->items[sequence->n - 1]);
	if (!r && names->n > RULESET_NAMES_MAX)
		return compile_limit(c, from->pos, "more than %u DNS names in all profiles together",
				     RULESET_NAMES_MAX);
	return r;
}

int names_table(struct compiler *c)
{
	const struct names *names = &c->names;
	struct ruleset *ruleset = c->ruleset;
	struct table table = {0};
	uint64_t *hashes;
	int r;

	hashes = malloc((names->n ? names->n : 1) * sizeof(*hashes));
	if (!hashes)
		return -ENOMEM;
	for (uint32_t i = 0; i < names->n; i++)
		hashes[i] = rf_mix(names->items[i].key ^ c->input->seed);
	r = table_build(hashes, names->n, &table);
	free(hashes);
	if (r == -E2BIG)
		return compile_limit(c, (struct diag_pos){0}, "no place for %u names in their table: try another seed",
				     names->n);
	if (r)
		return r;
	ruleset->names = calloc(table.n_buckets, sizeof(*ruleset->names));
	ruleset->n_names = table.n_buckets;
	ruleset->bank.name_seed = c->input->name_seed;
	ruleset->bank.name_mask = table.n_buckets - 1;
	for (uint32_t i = 0; i < table.n_buckets * RF_BUCKET_SLOTS && ruleset->names; i++)
		if (table.slots[i] != TABLE_FREE)
			ruleset->names[i / RF_BUCKET_SLOTS].slot[i % RF_BUCKET_SLOTS] = (struct rf_name_slot){
				.key = names->items[table.slots[i]].key,
				.chunk = names->items[table.slots[i]].chunk,
				.flags = names->items[table.slots[i]].flags,
			};
	table_free(&table);
	return ruleset->names ? 0 : -ENOMEM;
}

void names_free(struct names *names)
{
	free(names->items);
	free(names->patterns);
	free(names->closure.items);
	*names = (struct names){0};
}
