// SPDX-License-Identifier: GPL-2.0-only
/*
 * stage_packets.c - packets by rules, rows and modes, beside the pieces that any such program needs and xdp-filter. See stage.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "frames.h"
#include "peers.h"
#include "stage.h"

#define TC_NEXT ((uint32_t)-1)

/* ---- pieces and peers ---- */

struct piece {
	const char *id, *name, *program;
	int (*load)(const struct scene *scene, struct bpf_object **ret_object);
};

static int load_parse(const struct scene *scene, struct bpf_object **ret_object)
{
	(void)scene;
	return turn_load("piece_parse", NULL, NULL, ret_object);
}

static const struct piece pieces[] = {
	{"piece-parse", "piece: parse", "piece_parse", load_parse},
	{"piece-hash", "piece: hash look-up of the MAC", "piece_hash", piece_hash_load},
	{"piece-lpm", "piece: LPM look-up of the address", "piece_lpm", piece_lpm_load},
};

static int add_both(struct stage *stage, struct stage_row *row)
{
	int err = stage_add(stage, row);

	row->keys.cold = true;
	return err ? err : stage_add(stage, row);
}

static int add_pieces(struct stage *stage)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]) && !err; i++) {
		struct stage_row row = {.id = pieces[i].id, .name = pieces[i].name, .retval = XDP_PASS};
		struct bpf_object *object = NULL;

		err = pieces[i].load(&stage->scene, &object);
		if (!err)
			err = stage_keep(stage, object);
		if (!err)
			row.fd = turn_prog_fd(object, pieces[i].program);
		if (!err)
			err = add_both(stage, &row);
	}
	return err;
}

static int add_filter(struct stage *stage)
{
	const struct scene_size *size = &stage->scene.size;
	struct stage_row row = {
		.id = "xdp-filter-pass", .name = "xdp-filter, all features: passes", .retval = XDP_PASS};
	struct bpf_object *object = NULL;
	int err;

	if (size->devices > PEERS_FILTER_MAX || size->prefixes > PEERS_FILTER_MAX)
		return 0; /* its tables are smaller: the table of the report says so */
	err = peer_filter_load(&stage->scene, &object);
	if (err == -ENOENT) {
		fputs("bench: xdp-filter is not installed (package xdp-tools): its rows are missing\n", stderr);
		return 0;
	}
	if (!err)
		err = stage_keep(stage, object);
	if (err)
		return err;
	row.fd = bpf_program__fd(bpf_object__next_program(object, NULL));
	err = stage_add(stage, &row);
	if (err)
		return err;
	row.id = "xdp-filter-drop";
	row.name = "xdp-filter, all features: drops";
	row.retval = XDP_DROP;
	row.keys.traffic = SCENE_DENIED;
	return stage_add(stage, &row);
}

/* ---- ours ---- */

static int add_from(struct stage *stage)
{
	const int fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM);
	struct stage_row rows[] = {
		{.id = "allowed", .name = "allowed by rule", .retval = XDP_PASS, .reason = RF_REASON_RULE},
		{.id = "denied",
		 .name = "denied by default",
		 .keys = {.traffic = SCENE_DENIED},
		 .retval = XDP_DROP,
		 .reason = RF_REASON_DEFAULT_DENY},
	};
	const struct stage_row warm[] = {
		{.id = "unknown",
		 .name = "unknown MAC",
		 .keys = {.traffic = SCENE_UNKNOWN},
		 .fd = fd,
		 .retval = XDP_DROP,
		 .reason = RF_REASON_UNKNOWN_DEVICE},
		{.id = "off",
		 .name = "unrestricted device (mode off)",
		 .keys = {.class = SCENE_OFF},
		 .fd = fd,
		 .retval = XDP_PASS,
		 .reason = RF_REASON_MODE_OFF},
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !err; i++) {
		rows[i].fd = fd;
		err = add_both(stage, &rows[i]);
	}
	for (size_t i = 0; i < sizeof(warm) / sizeof(warm[0]) && !err; i++)
		err = stage_add(stage, &warm[i]);
	return err;
}

/* IPv6: one frame again and again. */
static int add_from6(struct stage *stage)
{
	static const struct {
		const char *id, *name;
		unsigned int site;
		uint32_t retval;
		uint8_t reason;
	} rows[] = {{"allowed-6", "allowed by rule, IPv6", SCENE_SITE, XDP_PASS, RF_REASON_RULE},
		    {"denied-6", "denied by default, IPv6", SCENE_SITE + 1, XDP_DROP, RF_REASON_DEFAULT_DENY}};
	const struct scene_keys what = {0};
	struct bench_key key;
	int err = 0;

	memset(&key, 0, sizeof(key));
	scene_key(&what, 0, 0, &key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !err; i++) {
		struct row *row = rows_add(&stage->rows, rows[i].id, rows[i].name, &stage->scene.size);

		if (!row)
			return -ENOMEM;
		row->fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM);
		row->empty_fd = stage->empty_xdp_fd;
		row->len = frame_udp6(row->frame, &key, rows[i].site);
		row->retval = rows[i].retval;
		err = stage_prove(stage, row, scene_index(&stage->scene, SCENE_FENCED, 0), rows[i].reason);
	}
	return err;
}

/* Offer all keys of another row once: the connections that the row in hand needs, which others may have pushed out since. */
static int open_connections(struct row *row, void *context)
{
	const struct row *opener = context;
	uint32_t retval;
	int err = measure_run(opener->fd, opener->frame, opener->len, SCENE_ACTIVE * SCENE_REMOTES, &retval);

	(void)row;
	return err < 0 ? err : 0;
}

static int add_opened(struct stage *stage, struct row *opener, const struct stage_row *what)
{
	int err = open_connections(NULL, opener);
	struct row *row;

	if (!err)
		err = stage_add(stage, what);
	if (err)
		return err;
	row = stage->rows.items[stage->rows.n - 1];
	row->prepare = open_connections;
	row->context = opener;
	return 0;
}

static struct row *find_row(const struct stage *stage, const char *id)
{
	for (size_t i = 0; i < stage->rows.n; i++)
		if (strcmp(stage->rows.items[i]->result.id, id) == 0)
			return stage->rows.items[i];
	return NULL;
}

/* What connections let through: opened to the device under inbound, and opened by it. */
static int add_rows(struct stage *stage)
{
	const int to_fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_TC_TO);
	const struct stage_row opening = {.id = "opened-to",
					  .name = "to device: opened to it, as inbound allows",
					  .keys = {.traffic = SCENE_ANSWERS, .to = true},
					  .tc = true,
					  .fd = to_fd,
					  .retval = TC_NEXT};
	const struct stage_row inbound = {.id = "inbound",
					  .name = "allowed by inbound row",
					  .keys = {.traffic = SCENE_ANSWERS},
					  .fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM),
					  .retval = XDP_PASS,
					  .reason = RF_REASON_ESTABLISHED};
	const struct stage_row answer = {.id = "answer-to",
					 .name = "to device: answers what it opened",
					 .keys = {.to = true},
					 .tc = true,
					 .fd = to_fd,
					 .retval = TC_NEXT,
					 .reason = RF_REASON_ESTABLISHED};
	int err = stage_add(stage, &opening);

	if (!err)
		err = add_opened(stage, find_row(stage, opening.id), &inbound);
	return err ? err : add_opened(stage, find_row(stage, "allowed"), &answer);
}

static int add_tc(struct stage *stage)
{
	const struct stage_row allowed = {.id = "allowed-tc",
					  .name = "allowed by rule, at TC",
					  .tc = true,
					  .fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_TC_FROM),
					  .retval = TC_NEXT,
					  .reason = RF_REASON_RULE};

	return stage_add(stage, &allowed);
}

int stage_packets(struct stage *stage)
{
	int err = stage->scene.size.each ? 0 : add_pieces(stage);

	if (!err && !stage->scene.size.each)
		err = add_filter(stage);
	if (!err)
		err = add_from(stage);
	if (!err)
		err = add_from6(stage);
	if (!err)
		err = add_rows(stage);
	return err ? err : add_tc(stage);
}
