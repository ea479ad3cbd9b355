/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all readers of the policy share: tables of keys, names, errors.
 *
 * node.h's tree -> the read_*.c files, one for each kind of map -> struct
 * policy.  Each map of the language has one table of its keys; the reader, the
 * check of the JSON Schema and the manual go by it.  Readers report what is
 * wrong and go on, so that one run finds everything; whatever they leave behind
 * after an error is never used.
 */
#ifndef POLICY_READER_H
#define POLICY_READER_H

#include "../common/diag.h"
#include "../common/index.h"
#include "feature.h"
#include "node.h"
#include "policy.h"

/* Names of profiles, devices, ...: they are typed on command lines. */
#define NAME_LEN_MAX 63

/* The sections whose entries have names that other entries refer to. */
enum names_kind {
	NAMES_PROFILES,
	NAMES_DEVICES,
	NAMES_GROUPS,
	NAMES_LISTS,
	NAMES_SCHEDULES,
	NAMES_COUNT,
};

/* Known before any reference is read, so that order in the file is free. */
struct names {
	struct entry {
		const char *name;
		struct diag_pos pos;
		const struct node *value;
	} * entries;
	uint32_t n_entries;
	struct index index; /* name -> place in entries */
};

struct reader {
	struct diags *diags;
	struct diag_source src;
	struct arena *arena; /* of the policy */
	struct policy *policy;
	struct names names[NAMES_COUNT];
	struct index macs;	/* claimed MAC -> device */
	struct index addresses; /* claimed single address -> device */
	bool no_memory;
};

struct key {
	const char *name;
	void (*read)(struct reader *r, const struct node *value, void *object);
	bool required;
	enum feature feature;
};

struct key_table {
	const char *id;	  /* of the map, as in the schema's definitions */
	const char *what; /* for messages: "a rule" */
	const struct key *keys;
	size_t n_keys;
};

#define KEY_TABLE(id_, what_, keys_)                                                                                   \
	{                                                                                                              \
		.id = (id_), .what = (what_), .keys = (keys_), .n_keys = sizeof(keys_) / sizeof((keys_)[0]),           \
	}

extern const struct key_table keys_policy, keys_attach, keys_network, keys_profile, keys_limit, keys_device, keys_rule,
	keys_list;

#define reader_error(r, pos, ...) diags_add((r)->diags, DIAG_ERROR, &(r)->src, pos, __VA_ARGS__)
#define reader_warning(r, pos, ...) diags_add((r)->diags, DIAG_WARNING, &(r)->src, pos, __VA_ARGS__)
#define reader_hint(r, ...) diags_hint((r)->diags, __VA_ARGS__)

/* Zeroed memory of the policy; NULL only if there is none, which is noted. */
void *reader_array(struct reader *r, size_t count, size_t size);
const char *reader_text(struct reader *r, const char *text);

/*
 * Read node as a map by its table into object. ret_seen: a bit for each key of
 * the table that was there. false: node is no map, reported.
 */
bool reader_map(struct reader *r, const struct key_table *table, const struct node *node, void *object,
		uint32_t *ret_seen);

/* The text of node; NULL: reported as "WHAT must be text, not a list". */
const char *reader_scalar(struct reader *r, const struct node *node, const char *what);

/* What a list holds, or one value that stands for a list of it. */
struct items {
	const struct node *first;
	uint32_t count;
};

/* A list only; it may be empty. */
bool reader_list(struct reader *r, const struct node *node, const char *what, struct items *ret_items);
/* A list or one text; not empty. */
bool reader_items(struct reader *r, const struct node *node, const char *what, struct items *ret_items);

/* Which word of the list (ended by NULL) node is; -1: reported with a hint. */
int reader_word(struct reader *r, const struct node *node, const char *const words[], const char *what);

/* Hint at the word that is most like text, if one is. true: hinted. */
bool reader_hint_word(struct reader *r, const char *text, const char *const words[]);
bool reader_hint_name(struct reader *r, enum names_kind kind, const char *text);

/* Index of the entry that name refers to; POLICY_NONE: reported at pos. */
uint32_t reader_refer(struct reader *r, enum names_kind kind, const char *name, struct diag_pos pos);

/* false: item's text is in seen already, reported. Else it is put there. */
bool reader_once(struct reader *r, const struct node *item, struct index *seen);

/* Report a feature that is used but not in force. */
void reader_feature(struct reader *r, struct diag_pos pos, enum feature feature);

const char *names_kind_text(enum names_kind kind); /* "profile", "device", ... */

/* Sections and shared parts; each in the file of that name. */
void read_attach(struct reader *r, const struct node *node, void *policy);
void read_network(struct reader *r, const struct node *node, void *policy);
void read_profile(struct reader *r, const struct entry *entry, struct policy_profile *profile);
void read_device(struct reader *r, const struct entry *entry, struct policy_device *device);
void read_group(struct reader *r, const struct entry *entry, struct policy_group *group);
void read_list(struct reader *r, const struct entry *entry, struct policy_list *list);
void read_schedule(struct reader *r, const struct entry *entry, struct policy_schedule *schedule);
void read_limit(struct reader *r, const struct node *node, void *profile);

/* A list of interface names, without duplicates. */
struct policy_strings read_ifnames(struct reader *r, const struct node *node, const char *what);

enum rule_place {
	RULE_OUT, /* rules: what the device may reach */
	RULE_IN,  /* inbound: who may reach the device */
};

void read_rules(struct reader *r, const struct node *node, enum rule_place place, struct policy_rules *ret_rules);
/* The destinations of one rule. */
void read_dests(struct reader *r, const struct node *node, struct policy_rule *rule);
/* deny-names of a profile. */
void read_deny_names(struct reader *r, const struct node *node, void *profile);
/* Report what is wrong with a prefix_parse() of node's text. */
void read_prefix_error(struct reader *r, const struct node *node, enum addr_status status,
		       const struct prefix *corrected);
/* "100/s" or "20mbit" as one of the units in the mask of 1 << unit. */
bool read_rate(struct reader *r, const struct node *node, unsigned int units, struct policy_rate *ret_rate);

/* Warn of addresses that another device may use too (claims.c). */
void claims_check(struct reader *r);

#endif
