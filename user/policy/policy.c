// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy file -> struct policy: see policy.h.
 *
 * Three steps: the text becomes a tree (node.h), all names are collected, then
 * each section is read by its reader (reader.h) with every reference resolved
 * at once.  Nothing is returned unless all of it is right.
 */
#include "policy.h"

#include <errno.h>
#include <string.h>

#include "../common/arena.h"
#include "../common/text.h"
#include "file.h"
#include "reader.h"

/* ringfence.yaml(5): the default of `local`. */
static const char *const default_local[] = {
	"10.0.0.0/8",	  "172.16.0.0/12", "192.168.0.0/16", /* RFC 1918 */
	"169.254.0.0/16", "fe80::/10",			     /* link-local */
	"fc00::/7",					     /* ULA, RFC 4193 */
};

#define N_DEFAULT_LOCAL (sizeof(default_local) / sizeof(default_local[0]))

#define SECTIONS(X)                                                                                                    \
	X(attach, FEATURE_NONE)                                                                                        \
	X(network, FEATURE_NONE)                                                                                       \
	X(unknown, FEATURE_NONE)                                                                                       \
	X(profiles, FEATURE_NONE)                                                                                      \
	X(devices, FEATURE_NONE)                                                                                       \
	X(groups, FEATURE_NONE)                                                                                        \
	X(lists, FEATURE_LISTS)                                                                                        \
	X(schedules, FEATURE_SCHEDULES)

/* They refer to each other in any order, so they are held until all are found. */
struct sections {
#define SECTION_NODE(name, feature) const struct node *name;
	SECTIONS(SECTION_NODE)
};

#define SECTION_HOLD(name_, feature_)                                                                                  \
	static void hold_##name_(struct reader *r, const struct node *node, void *object)                              \
	{                                                                                                              \
		(void)r;                                                                                               \
		((struct sections *)object)->name_ = node;                                                             \
	}
SECTIONS(SECTION_HOLD)

static const struct key policy_keys[] = {
#define SECTION_KEY(name_, feature_) {.name = #name_, .read = hold_##name_, .feature = (feature_)},
	SECTIONS(SECTION_KEY)};

const struct key_table keys_policy = KEY_TABLE("policy", "a policy", policy_keys);

void policy_free(struct policy *policy)
{
	if (policy)
		arena_free(policy->arena); /* which the policy itself is part of */
}

static bool valid_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-_.");

	return len && !name[len] && len <= NAME_LEN_MAX && !strchr("-_.", name[0]);
}

static void declare_name(struct reader *r, enum names_kind kind, const struct node *key)
{
	struct names *names = &r->names[kind];
	struct entry *entry = &names->entries[names->n_entries];
	uint32_t old;
	int added;

	if (key->kind == NODE_INVALID)
		return;
	if (!valid_name(key->text)) {
		reader_error(r, key->pos, "\"%s\" is no name for a %s", key->text, names_kind_text(kind));
		reader_hint(r,
			    "it may have up to %d letters, digits, \"-\", \"_\" and \".\", and "
			    "begins with a letter or digit",
			    NAME_LEN_MAX);
		return;
	}
	entry->name = reader_text(r, key->text);
	entry->pos = key->pos;
	entry->value = key->next;
	added = index_add(&names->index, entry->name, strlen(entry->name), names->n_entries, &old);
	if (added == -EEXIST) {
		reader_error(r, key->pos, "%s \"%s\" is there twice", names_kind_text(kind), entry->name);
		reader_hint(r, "the first is at line %u", names->entries[old].pos.line);
	} else if (added < 0) {
		r->no_memory = true;
	} else {
		names->n_entries++;
	}
}

static void declare_names(struct reader *r, enum names_kind kind, const struct node *node)
{
	if (!node || node->kind == NODE_INVALID)
		return;
	if (node->kind != NODE_MAP) {
		reader_error(r, node->pos, "`%ss` must be a map of names, not %s", names_kind_text(kind),
			     node_kind_text(node));
		if (node_is_empty(node))
			reader_hint(r, "remove the key, or write {} for none");
		return;
	}
	r->names[kind].entries = reader_array(r, node->count, sizeof(struct entry));
	if (!r->names[kind].entries)
		return;
	for (const struct node *key = node->first; key; key = key->next->next)
		declare_name(r, kind, key);
}

static void read_unknown(struct reader *r, const struct node *node)
{
	static const char *const words[] = {"quarantine", "monitor", NULL};
	struct policy *policy = r->policy;
	const char *text = reader_scalar(r, node, "`unknown`");

	if (!text)
		return;
	if (strcmp(text, "monitor") == 0) {
		policy->unknown = POLICY_UNKNOWN_MONITOR;
	} else if (strcmp(text, "quarantine") != 0) {
		policy->unknown = POLICY_UNKNOWN_PROFILE;
		if (index_find(&r->names[NAMES_PROFILES].index, text, strlen(text), &policy->unknown_profile))
			return;
		reader_error(r, node->pos, "there is no profile \"%s\"", text);
		if (!reader_hint_word(r, text, words) && !reader_hint_name(r, NAMES_PROFILES, text))
			reader_hint(r, "it is quarantine, monitor or the name of a profile");
	}
}

/* Room for all entries of a section; NULL also when there are none. */
static void *entry_array(struct reader *r, enum names_kind kind, size_t size)
{
	uint32_t n = r->names[kind].n_entries;

	return n ? reader_array(r, n, size) : NULL;
}

static void read_profiles(struct reader *r)
{
	const struct names *names = &r->names[NAMES_PROFILES];
	struct policy *policy = r->policy;

	policy->profiles = entry_array(r, NAMES_PROFILES, sizeof(*policy->profiles));
	for (uint32_t i = 0; policy->profiles && i < names->n_entries; i++)
		read_profile(r, &names->entries[i], &policy->profiles[policy->n_profiles++]);
}

static void read_devices(struct reader *r)
{
	const struct names *names = &r->names[NAMES_DEVICES];
	struct policy *policy = r->policy;

	policy->devices = entry_array(r, NAMES_DEVICES, sizeof(*policy->devices));
	for (uint32_t i = 0; policy->devices && i < names->n_entries; i++)
		read_device(r, &names->entries[i], &policy->devices[policy->n_devices++]);
}

static void read_groups(struct reader *r)
{
	const struct names *names = &r->names[NAMES_GROUPS];
	struct policy *policy = r->policy;

	policy->groups = entry_array(r, NAMES_GROUPS, sizeof(*policy->groups));
	for (uint32_t i = 0; policy->groups && i < names->n_entries; i++)
		read_group(r, &names->entries[i], &policy->groups[policy->n_groups++]);
}

static void read_lists(struct reader *r)
{
	const struct names *names = &r->names[NAMES_LISTS];
	struct policy *policy = r->policy;

	policy->lists = entry_array(r, NAMES_LISTS, sizeof(*policy->lists));
	for (uint32_t i = 0; policy->lists && i < names->n_entries; i++)
		read_list(r, &names->entries[i], &policy->lists[policy->n_lists++]);
}

static void read_schedules(struct reader *r)
{
	const struct names *names = &r->names[NAMES_SCHEDULES];
	struct policy *policy = r->policy;

	policy->schedules = entry_array(r, NAMES_SCHEDULES, sizeof(*policy->schedules));
	for (uint32_t i = 0; policy->schedules && i < names->n_entries; i++)
		read_schedule(r, &names->entries[i], &policy->schedules[policy->n_schedules++]);
}

static void read_sections(struct reader *r, const struct sections *sections)
{
	declare_names(r, NAMES_PROFILES, sections->profiles);
	declare_names(r, NAMES_DEVICES, sections->devices);
	declare_names(r, NAMES_GROUPS, sections->groups);
	declare_names(r, NAMES_LISTS, sections->lists);
	declare_names(r, NAMES_SCHEDULES, sections->schedules);

	/* Devices are checked against the ports of `attach`. */
	if (sections->attach)
		read_attach(r, sections->attach, r->policy);
	if (sections->network)
		read_network(r, sections->network, r->policy);
	if (sections->unknown)
		read_unknown(r, sections->unknown);
	read_schedules(r);
	read_lists(r);
	read_profiles(r);
	read_devices(r);
	read_groups(r);
	claims_check(r);
}

static void set_default_local(struct reader *r)
{
	struct policy_prefixes *local = &r->policy->local;

	if (local->given)
		return;
	local->items = reader_array(r, N_DEFAULT_LOCAL, sizeof(*local->items));
	if (!local->items)
		return;
	for (size_t i = 0; i < N_DEFAULT_LOCAL; i++)
		if (prefix_parse(default_local[i], &local->items[i]) == ADDR_OK)
			local->n_items++;
}

static void reader_release(struct reader *r)
{
	for (int i = 0; i < NAMES_COUNT; i++)
		index_free(&r->names[i].index);
	index_free(&r->macs);
	index_free(&r->addresses);
}

static int read_root(struct reader *r, const struct node *root)
{
	struct sections sections = {0};
	uint32_t seen;

	r->policy->unknown_profile = POLICY_NONE;
	if (reader_map(r, &keys_policy, root, &sections, &seen))
		read_sections(r, &sections);
	set_default_local(r);
	reader_release(r);
	r->diags->no_memory |= r->no_memory;
	return r->diags->no_memory ? -ENOMEM : 0;
}

static struct policy *policy_new(const char *file)
{
	AUTO_ARENA struct arena *arena = arena_new();
	struct policy *policy = arena ? arena_array(arena, 1, sizeof(*policy)) : NULL;

	if (!policy)
		return NULL;
	policy->file = arena_text(arena, file, strlen(file));
	if (!policy->file)
		return NULL;
	policy->arena = TAKE_PTR(arena);
	return policy;
}

int policy_read_text(const char *name, const char *text, size_t len, struct diags *diags, struct policy **ret_policy)
{
	AUTO_ARENA struct arena *tree = arena_new();
	AUTO_POLICY struct policy *policy = policy_new(name);
	struct reader r = {
		.diags = diags,
		.src = {.file = name, .text = text, .len = len},
		.policy = policy,
	};
	size_t errors = diags->n_errors;
	struct node *root;
	int error;

	if (!tree || !policy) {
		diags->no_memory = true;
		return -ENOMEM;
	}
	/* The byte order mark that some editors write is no part of the first line. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		r.src.text += 3;
		r.src.len -= 3;
	}
	if (len > FILE_TEXT_MAX) {
		reader_error(&r, (struct diag_pos){0}, "larger than a policy may be (%lu MiB)", FILE_TEXT_MAX >> 20);
		return -EINVAL;
	}
	r.arena = policy->arena;
	policy->source = (struct diag_source){
		.file = policy->file, .text = arena_text(policy->arena, r.src.text, r.src.len), .len = r.src.len};
	if (!policy->source.text) {
		diags->no_memory = true;
		return -ENOMEM;
	}
	error = node_parse(&r.src, diags, tree, &root);
	if (!error)
		error = read_root(&r, root);
	if (error)
		return error;
	if (diags->n_errors > errors)
		return -EINVAL;
	*ret_policy = TAKE_PTR(policy);
	return 0;
}

int policy_read_file(const char *path, struct diags *diags, struct policy **ret_policy)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int r = file_read(path, diags, &text, &len);

	return r ? r : policy_read_text(path, text, len, diags, ret_policy);
}

size_t policy_count_rules(const struct policy *policy)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_profiles; i++)
		n += policy->profiles[i].rules.n_items + policy->profiles[i].inbound.n_items;
	for (size_t i = 0; i < policy->n_devices; i++)
		n += policy->devices[i].rules.n_items;
	return n;
}

static bool listed(const struct policy_strings *names, const char *name)
{
	for (size_t i = 0; i < names->n_items; i++)
		if (!strcmp(names->items[i], name))
			return true;
	return false;
}

bool policy_has_port(const struct policy *policy, const char *name, bool on_bridge)
{
	return policy->bridge ? on_bridge && !listed(&policy->uplinks, name) : listed(&policy->ports, name);
}

uint32_t policy_find_device(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_devices; i++)
		if (strcmp(policy->devices[i].name, name) == 0)
			return (uint32_t)i;
	return POLICY_NONE;
}
