// SPDX-License-Identifier: GPL-2.0-only
/*
 * frame.c - splits the text into layers, has each write itself, then has each fill in what depends on the others. See frame.h.
 */
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/common/cleanup.h"
#include "layer.h"

#define SPACE " \t"

static const struct layer_type *const tables[] = {
	layers_link, layers_ip, layers_transport, layers_icmp, layers_dns, layers_data,
};

static const struct layer_type *find_type(const char *name)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct layer_type *type = tables[t]; type->name; type++)
			if (strcmp(type->name, name) == 0)
				return type;
	return NULL;
}

static int split_args(struct builder *builder, char *text, struct args *args)
{
	char *save = NULL;

	for (char *word = strtok_r(text, SPACE, &save); word; word = strtok_r(NULL, SPACE, &save)) {
		char *equals = strchr(word, '=');

		if (args->n == ARGS_MAX)
			return builder_fail(builder, "more than %d arguments", ARGS_MAX);
		if (equals)
			*equals = '\0';
		args->items[args->n++] = (struct arg){
			.key = equals ? word : NULL,
			.value = equals ? equals + 1 : word,
		};
	}
	return 0;
}

/* What nobody asked for is a mistake in the case, not something to ignore. */
static int refuse_unused(struct builder *builder, const char *name, const struct args *args)
{
	for (size_t i = 0; i < args->n; i++) {
		const struct arg *arg = &args->items[i];

		if (!arg->used)
			return builder_fail(builder, "layer %s does not take \"%s%s%s\"", name,
					    arg->key ? arg->key : "", arg->key ? "=" : "", arg->value);
	}
	return 0;
}

static int write_layer(struct builder *builder, char *text)
{
	struct args args = {0};
	const struct layer_type *type;
	const char *name;
	char *rest;
	int err;

	text += strspn(text, SPACE);
	rest = text + strcspn(text, SPACE);
	if (*rest)
		*rest++ = '\0';
	name = text;
	type = find_type(name);
	if (!type)
		return builder_fail(builder, "no layer is called \"%s\"", name);
	if (builder->n_layers == LAYERS_MAX)
		return builder_fail(builder, "more than %d layers", LAYERS_MAX);
	err = split_args(builder, rest, &args);
	if (err)
		return err;
	builder->layers[builder->n_layers++] = (struct layer){
		.type = type, .off = builder->frame->len, .ethertype = type->ethertype, .ip_proto = type->ip_proto};
	err = type->write(builder, &args);
	return err ? err : refuse_unused(builder, name, &args);
}

int frame_build(const char *text, struct frame *ret_frame, char error[FRAME_ERROR_MAX])
{
	struct builder builder = {.frame = ret_frame, .error = error};
	AUTO_FREE char *copy = strdup(text);
	char *save = NULL;

	if (!copy)
		return builder_fail(&builder, "no memory");
	memset(ret_frame, 0, sizeof(*ret_frame));
	for (char *part = strtok_r(copy, "|", &save); part; part = strtok_r(NULL, "|", &save)) {
		int err = write_layer(&builder, part);

		if (err)
			return err;
	}
	for (size_t i = builder.n_layers; i-- > 0;) {
		const struct layer *layer = &builder.layers[i];

		if (layer->type->finish)
			layer->type->finish(&builder, layer, ret_frame->len - builder.pad);
	}
	ret_frame->len -= builder.cut;
	return 0;
}
