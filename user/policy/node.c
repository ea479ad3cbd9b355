// SPDX-License-Identifier: GPL-2.0-only
/*
 * YAML text -> tree: see node.h.
 *
 * libyaml's event interface only.  Anchors, aliases, tags and further documents
 * are refused: a policy has no use for them, and they are how small YAML files
 * become big ones.
 */
#include "node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "../common/text.h"
#include "plain.h"

/* The deepest place of the language is profiles/NAME/rules/[]/allow/[]: 6. */
#define DEPTH_MAX 12

/* A DNS name has at most 253 characters, a note some lines. */
#define SCALAR_MAX 4096

/*
 * 50,000 devices with 20 values each, and one for 6 bytes of a text that is larger (devices with a rule of their own have one for 7): bounds the tree of
 * a small file to about 60 MB, of any text to 11 times itself.
 */
#define NODES_MAX (1000u * 1000)
#define NODE_BYTES 6

/* Text that was meant as a name and is read as an alias: so many are told in one run. */
#define STARS_MAX 64

struct builder {
	yaml_parser_t yaml;
	const struct diag_source *src;
	struct diags *diags;
	struct arena *arena;
	uint32_t n_nodes, nodes_max;
	/*
	 * libyaml stops at "*.example.com". What it is given is then a copy in which another character stands for the star, and
	 * is read once more; the text's node is NODE_INVALID, and what stands before it was told already.
	 */
	char *copy;
	size_t star[STARS_MAX]; /* in characters, as libyaml counts */
	uint32_t n_stars;
	bool again;
	struct diag_pos told;
};

const char *node_kind_text(const struct node *node)
{
	switch (node->kind) {
	case NODE_MAP:
		return "a map";
	case NODE_LIST:
		return "a list";
	case NODE_SCALAR:
		return node_is_empty(node) ? "nothing" : "text";
	case NODE_INVALID:
		break;
	}
	return "something unreadable";
}

static struct diag_pos mark_pos(yaml_mark_t mark)
{
	return (struct diag_pos){.line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
}

static bool is_told(const struct builder *b, struct diag_pos pos)
{
	return pos.line < b->told.line || (pos.line == b->told.line && pos.column <= b->told.column);
}

static int fail(struct builder *b, struct diag_pos pos, const char *message)
{
	if (is_told(b, pos))
		b->diags->last_kept = false; /* no place for a hint */
	else
		diags_add(b->diags, DIAG_ERROR, b->src, pos, "%s", message);
	return -EINVAL;
}

/* libyaml counts characters, not bytes. */
static const char *char_at(const struct builder *b, size_t index)
{
	const char *at = b->src->text, *end = at + b->src->len;
	uint32_t code;

	for (; index && at < end; index--) {
		size_t n = text_utf8(at, (size_t)(end - at), &code);

		at += n ? n : 1;
	}
	return at;
}

/* The text from there to the end of what looks like a word, for a hint. */
static size_t word_at(const struct builder *b, size_t index, const char **ret_word)
{
	const char *at = char_at(b, index), *end = b->src->text + b->src->len, *stop = at;

	while (stop < end && !strchr(" \t\r\n,[]{}\"'#", *stop) && stop - at < 64)
		stop++;
	*ret_word = at;
	return (size_t)(stop - at);
}

/* A star that libyaml cannot read: tell it, and prepare to read on behind it. */
static int star_error(struct builder *b, yaml_mark_t mark)
{
	const char *word;
	size_t len = word_at(b, mark.index, &word);

	fail(b, mark_pos(mark), "YAML reads * as the beginning of an alias");
	diags_hint(b->diags, "put it into quotes: \"%.*s\"", (int)len, word);
	if (b->n_stars == STARS_MAX || word == b->src->text + b->src->len)
		return -EINVAL;
	if (!b->copy) {
		b->copy = malloc(b->src->len + 1); /* never 0 */
		if (!b->copy)
			return -ENOMEM;
		memcpy(b->copy, b->src->text, b->src->len);
	}
	b->copy[word - b->src->text] = 'x';
	b->star[b->n_stars++] = mark.index;
	b->told = mark_pos(mark);
	b->again = true;
	return -EINVAL;
}

static bool is_star(const struct builder *b, yaml_mark_t mark)
{
	for (uint32_t i = 0; i < b->n_stars; i++)
		if (b->star[i] == mark.index)
			return true;
	return false;
}

/* Say what libyaml found wrong, in the words of somebody who writes a policy. */
static int syntax_error(struct builder *b)
{
	const yaml_parser_t *yaml = &b->yaml;
	const char *context = yaml->context ? yaml->context : "";

	if (yaml->error == YAML_MEMORY_ERROR) {
		b->diags->no_memory = true;
		return -ENOMEM;
	}
	if (yaml->error == YAML_READER_ERROR)
		return fail(b, (struct diag_pos){0}, yaml->problem);

	if (strstr(context, "scanning an alias"))
		return star_error(b, yaml->context_mark);
	diags_add(b->diags, DIAG_ERROR, b->src, mark_pos(yaml->problem_mark), "YAML syntax: %s%s%s",
		  yaml->problem ? yaml->problem : "unreadable", *context ? " " : "", context);
	if (*context && yaml->context_mark.line != yaml->problem_mark.line)
		diags_hint(b->diags, "it began at line %zu", yaml->context_mark.line + 1);
	else if (yaml->problem && strstr(yaml->problem, "cannot start any token"))
		diags_hint(b->diags, "indent with spaces, and put text that begins with %s in quotes",
			   "one of @ ` % or a tab");
	else if (yaml->problem && strstr(yaml->problem, "mapping values are not allowed"))
		diags_hint(b->diags, "put text that has \": \" in it into quotes");
	else if (yaml->problem &&
		 (strstr(yaml->problem, "unexpected ':'") || strstr(yaml->problem, "expected node content")))
		diags_hint(b->diags, "put text that begins or ends with a colon into quotes");
	return -EINVAL;
}

static int next_event(struct builder *b, yaml_event_t *ret_event)
{
	if (!yaml_parser_parse(&b->yaml, ret_event))
		return syntax_error(b);
	return 0;
}

/* Anchor or tag on a node. The node is read all the same, to find what else is wrong. */
static void check_decoration(struct builder *b, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor) {
		fail(b, mark_pos(event->start_mark), "anchors (&NAME) are not allowed in a policy");
		diags_hint(b->diags, "put text that begins with & into quotes");
	} else if (tag) {
		fail(b, mark_pos(event->start_mark), "tags (!TAG) are not allowed in a policy");
		diags_hint(b->diags, "put text that begins with ! into quotes");
	}
}

static int set_scalar(struct builder *b, const yaml_event_t *event, struct node *node)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (is_star(b, event->start_mark))
		return 0;
	if (len > SCALAR_MAX) {
		if (!is_told(b, node->pos))
			diags_add(b->diags, DIAG_ERROR, b->src, node->pos, "text of %zu bytes is too long (at most %d)",
				  len, SCALAR_MAX);
		return 0;
	}
	/* Only escapes and block scalars can make one: the file itself was checked. */
	if (!text_is_printable(text, len)) {
		fail(b, node->pos, "control characters are not allowed in text");
		return 0;
	}
	node->text = arena_text(b->arena, text, len);
	if (!node->text)
		return -ENOMEM;
	node->kind = NODE_SCALAR;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int build(struct builder *b, const yaml_event_t *event, unsigned int depth, struct node **ret_node);

/* Children up to the matching end event. */
static int build_children(struct builder *b, struct node *node, unsigned int depth)
{
	yaml_event_type_t end = node->kind == NODE_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	struct node **link = &node->first;
	uint32_t n = 0;

	for (;;) {
		yaml_event_t event;
		bool done;
		int r;

		r = next_event(b, &event);
		if (r < 0)
			return r;
		done = event.type == end;
		if (!done)
			r = build(b, &event, depth + 1, link);
		yaml_event_delete(&event);
		if (r < 0)
			return r;
		if (done)
			break;
		if (node->kind == NODE_MAP && n % 2 == 0 && (*link)->kind > NODE_SCALAR) {
			fail(b, (*link)->pos, "a key must be text");
			(*link)->kind = NODE_INVALID;
		}
		link = &(*link)->next;
		n++;
	}
	node->count = node->kind == NODE_MAP ? n / 2 : n;
	return 0;
}

/* The node that event starts, with all below it. */
static int build(struct builder *b, const yaml_event_t *event, unsigned int depth, struct node **ret_node)
{
	struct diag_pos pos = mark_pos(event->start_mark);
	struct node *node;
	int r = 0;

	if (depth > DEPTH_MAX)
		return fail(b, pos, "nested too deeply");
	if (++b->n_nodes > b->nodes_max)
		return fail(b, pos, "the policy has too many values");
	node = arena_array(b->arena, 1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->pos = pos;
	check_decoration(b, event);

	if (event->type == YAML_SCALAR_EVENT) {
		r = set_scalar(b, event, node);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		node->kind = NODE_LIST;
		r = build_children(b, node, depth);
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		node->kind = NODE_MAP;
		r = build_children(b, node, depth);
	} else { /* an alias: nothing else can stand here */
		fail(b, pos, "YAML reads * as the beginning of an alias");
		diags_hint(b->diags, "put it into quotes: \"*%s\"", (const char *)event->data.alias.anchor);
	}
	if (r == 0)
		*ret_node = node;
	return r;
}

/* Stream and document events around the root, and the root. */
static int build_document(struct builder *b, struct node **ret_root)
{
	struct node *root = NULL;

	for (;;) {
		yaml_event_t event;
		yaml_event_type_t type;
		struct diag_pos pos;
		int r;

		r = next_event(b, &event);
		if (r < 0)
			return r;
		type = event.type;
		pos = mark_pos(event.start_mark);
		if (type == YAML_DOCUMENT_START_EVENT && root)
			r = fail(b, pos, "a policy is one YAML document; here a second one begins");
		else if (type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT || type == YAML_SEQUENCE_START_EVENT ||
			 type == YAML_MAPPING_START_EVENT)
			r = build(b, &event, 1, &root);
		yaml_event_delete(&event);
		if (r < 0)
			return r;
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (!root || node_is_empty(root) || (root->kind == NODE_MAP && !root->count)) {
		fail(b, (struct diag_pos){1, 1}, "the policy is empty");
		diags_hint(b->diags, "begin with one of the shipped examples");
		return -EINVAL;
	}
	*ret_root = root;
	return 0;
}

/* Once through the text, or the copy of it. */
static int read_text(struct builder *b, struct node **ret_root)
{
	const char *text = b->copy ? b->copy : b->src->text;
	int r;

	b->again = false;
	b->n_nodes = 0;
	if (!yaml_parser_initialize(&b->yaml))
		return -ENOMEM;
	/* Else a byte order mark could turn what was just checked into UTF-16. */
	yaml_parser_set_encoding(&b->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b->yaml, (const unsigned char *)text, b->src->len);
	r = build_document(b, ret_root);
	yaml_parser_delete(&b->yaml);
	return r;
}

int node_parse(const struct diag_source *src, struct diags *diags, struct arena *arena, struct node **ret_root)
{
	struct builder b = {.src = src, .diags = diags, .arena = arena, .nodes_max = NODES_MAX};
	int r;

	if (src->len / NODE_BYTES > b.nodes_max)
		b.nodes_max = (uint32_t)(src->len / NODE_BYTES);
	r = plain_check(src, diags);
	if (r < 0)
		return r;
	do
		r = read_text(&b, ret_root);
	while (r == -EINVAL && b.again);
	free(b.copy);
	if (r == -ENOMEM)
		diags->no_memory = true;
	return r;
}
