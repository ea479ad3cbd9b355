// SPDX-License-Identifier: GPL-2.0-only
/*
 * layers_data.c - bytes without a structure.
 *
 *   payload [N] [fill=N]    N bytes, 0 by default
 *   hex DIGITS...           bytes; several words are joined
 *   text WORDS...           the words, with a space between them
 *   pad N                   bytes that no length before counts: Ethernet padding
 *   cut N                   takes the last N bytes away, without telling the lengths
 */
#include <errno.h>
#include <string.h>

#include "layer.h"

static int write_payload(struct builder *builder, struct args *args)
{
	uint64_t len = 0, fill = 0;
	uint8_t *at;

	if (args_number(builder, args, "fill", 255, &fill) < 0 ||
	    args_next_number(builder, args, FRAME_BYTES_MAX, &len) < 0)
		return -EINVAL;
	at = builder_put(builder, len);
	if (!at)
		return -EINVAL;
	memset(at, (int)fill, len);
	return 0;
}

static int write_hex(struct builder *builder, struct args *args)
{
	const char *word;

	while ((word = args_word(args)))
		if (builder_put_hex(builder, word) < 0)
			return -EINVAL;
	return 0;
}

static int write_text(struct builder *builder, struct args *args)
{
	const char *word, *between = "";

	while ((word = args_word(args))) {
		uint8_t *at = builder_put(builder, strlen(between) + strlen(word));

		if (!at)
			return -EINVAL;
		memcpy(at, between, strlen(between));
		memcpy(at + strlen(between), word, strlen(word));
		between = " ";
	}
	return 0;
}

static int write_pad(struct builder *builder, struct args *args)
{
	uint64_t len = 0;

	if (args_next_number(builder, args, FRAME_BYTES_MAX, &len) < 0 || !builder_put(builder, len))
		return -EINVAL;
	builder->pad += len;
	return 0;
}

/* Lengths are filled in from the frame before the cut. */
static int write_cut(struct builder *builder, struct args *args)
{
	uint64_t len = 0;

	if (args_next_number(builder, args, builder->frame->len, &len) < 0)
		return -EINVAL;
	builder->cut = len;
	return 0;
}

const struct layer_type layers_data[] = {
	{.name = "payload", .write = write_payload}, {.name = "hex", .write = write_hex},
	{.name = "text", .write = write_text},	     {.name = "pad", .write = write_pad},
	{.name = "cut", .write = write_cut},	     {0},
};
