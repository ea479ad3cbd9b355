/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layer.h - what a layer of the frame builder is: a word, bytes that it writes, fields that it fills in when all are written.
 *
 * A new protocol is a table in a file of its own, named in frame.c.
 */
#ifndef TESTS_HOST_LAYER_H
#define TESTS_HOST_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define LAYERS_MAX                                                                                                     \
	64 /* tags, extension headers, a quoted packet, the records of a DNS message; far more than a parser may accept */
#define ARGS_MAX 24

/* "key=value", or with key NULL a bare word. The last of a key counts, so that a shorthand can be overridden. */
struct arg {
	const char *key;
	const char *value;
	bool used;
};

struct args {
	struct arg items[ARGS_MAX];
	size_t n;
};

struct builder;
struct layer;

struct layer_type {
	const char *name;
	int (*write)(struct builder *builder, struct args *args);
	/* Called for the last layer first. `end`: where what belongs to the layer ends. NULL: nothing to fill in. */
	void (*finish)(struct builder *builder, const struct layer *layer, size_t end);
	uint16_t ethertype; /* by which the layer before names it; 0: none */
	uint8_t ip_proto;   /* likewise; 0: none, hop-by-hop options say LAYER_HOPOPTS */
};

#define LAYER_HOPOPTS 0xff /* 0 is a protocol, too: finish() turns this into it */
#define LAYER_NO_NEXT 59

struct layer {
	const struct layer_type *type;
	size_t off;
	uint32_t given;	    /* bits of the layer's own: fields that the text gave */
	uint16_t ethertype; /* the type's, unless the text gave another (a tag's TPID) */
	uint8_t ip_proto;
};

#define DNS_HEADER_BYTES 12
#define DNS_MARKS_MAX 64

/* The DNS message that is being written: what its names may point to. Offsets are from its header. */
struct dns_marks {
	size_t message; /* of the header in the frame */
	bool compress;
	size_t n_records; /* the first DNS_MARKS_MAX of all sections */
	size_t owner[DNS_MARKS_MAX], data[DNS_MARKS_MAX];
};

struct builder {
	struct frame *frame;
	struct layer layers[LAYERS_MAX];
	size_t n_layers;
	size_t pad; /* bytes at the end that belong to no layer */
	size_t cut; /* bytes to take from the end when all is filled in */
	struct dns_marks dns;
	char *error;
};

int builder_fail(struct builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room at the end of the frame, zeroed; NULL: the frame is full, builder_fail was called. */
uint8_t *builder_put(struct builder *builder, size_t len);

/* The layer being written. */
struct layer *builder_layer(struct builder *builder);
/* The one behind `layer`; NULL: none. */
const struct layer *layer_next(const struct builder *builder, const struct layer *layer);
/* Protocol by which IP names what follows `layer`. */
uint8_t layer_next_proto(const struct builder *builder, const struct layer *layer);
/* The IP header that `layer` is in, as its bytes; NULL: none. */
const uint8_t *layer_ip(const struct builder *builder, const struct layer *layer);

/*
 * Arguments. Each gives whether the text had it, or a negative errno after builder_fail(); *ret_value is untouched if it had not.
 * Numbers: decimal or 0x.
 */
int args_number(struct builder *builder, struct args *args, const char *key, uint64_t max, uint64_t *ret_value);
int args_mac(struct builder *builder, struct args *args, const char *key, uint8_t ret_mac[6]);
int args_ip4(struct builder *builder, struct args *args, const char *key, uint8_t ret_addr[4]);
int args_ip6(struct builder *builder, struct args *args, const char *key, uint8_t ret_addr[16]);
/* The next bare word not yet used, as a number. */
int args_next_number(struct builder *builder, struct args *args, uint64_t max, uint64_t *ret_value);
const char *args_text(struct args *args, const char *key);
/* The next bare word not yet used; NULL: none. */
const char *args_word(struct args *args);
bool args_flag(struct args *args, const char *word);

/* Append the bytes of hex digits (spaces not allowed, ":" and "-" ignored). */
int builder_put_hex(struct builder *builder, const char *hex);

static inline void put16(uint8_t *at, uint64_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint64_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static inline uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* RFC 1071, starting from `sum`, not inverted. */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t len);
uint16_t checksum_end(uint32_t sum);
/* Over the pseudo header of the IP packet that `layer` is in and its own bytes up to `end`. */
uint16_t checksum_l4(const struct builder *builder, const struct layer *layer, size_t end, uint8_t proto);

/* The tables, each ends with a layer without a name. */
extern const struct layer_type layers_link[];
extern const struct layer_type layers_ip[];
extern const struct layer_type layers_transport[];
extern const struct layer_type layers_icmp[];
extern const struct layer_type layers_dns[];
extern const struct layer_type layers_data[];

#endif
