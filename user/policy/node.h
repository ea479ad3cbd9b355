/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * YAML text -> a tree of scalars, lists and maps, each with its place.
 *
 * The only user of libyaml.  Knows the syntax that a policy may use and its
 * limits, but no key of it; the readers (reader.h) give the tree a meaning.
 * Every scalar is text: nothing is guessed to be a number, a bool or a null.
 */
#ifndef POLICY_NODE_H
#define POLICY_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/arena.h"
#include "../common/diag.h"

enum node_kind {
	NODE_INVALID, /* reported already: readers skip it without a word */
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

struct node {
	enum node_kind kind;
	bool quoted; /* SCALAR: in quotes or a block scalar, so never "nothing" */
	struct diag_pos pos;
	const char *text;   /* SCALAR: printable UTF-8 */
	struct node *first; /* LIST: items; MAP: a key (a scalar), its value, a key, ... */
	struct node *next;
	uint32_t count; /* LIST: items; MAP: pairs */
};

/*
 * Root of the only document of src.  Errors go to diags.  0: *ret_root is set,
 * though some nodes may be NODE_INVALID; -EINVAL: no tree; -ENOMEM.
 */
int node_parse(const struct diag_source *src, struct diags *diags, struct arena *arena, struct node **ret_root);

/* "a map", "a list", "text" for messages. */
const char *node_kind_text(const struct node *node);

/* Nothing was written: "key:" with nothing after it. */
static inline bool node_is_empty(const struct node *node)
{
	return node->kind == NODE_SCALAR && !node->quoted && !*node->text;
}

#endif
