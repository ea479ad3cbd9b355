// SPDX-License-Identifier: GPL-2.0-only
/*
 * stage_names.c - DNS questions and answers, and what rules by name cost other packets. See stage.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "../../user/datapath/maps.h"
#include "../../user/datapath/window.h"
#include "frames.h"
#include "stage.h"

#define TC_NEXT ((uint32_t)-1)
#define QUESTION_ID 0x1234
_Static_assert(sizeof(struct rf_question_set) == BENCH_QUESTION_WORDS * 8, "as turn_answer copies it");

static void dns_key(enum scene_device class, bool to, struct bench_key *key)
{
	const uint64_t mac = scene_mac(class, 0), router = 0x0600000000feULL, dst = to ? mac : router,
		       src = to ? router : mac;

	memset(key, 0, sizeof(*key));
	key->dst_mac_high = htonl((uint32_t)(dst >> 16));
	key->dst_mac_low = htons((uint16_t)dst);
	key->src_mac_high = htons((uint16_t)(src >> 32));
	key->src_mac_low = htonl((uint32_t)src);
	key->saddr = htonl(to ? SCENE_SERVER : scene_device_addr(0));
	key->daddr = htonl(to ? scene_device_addr(0) : SCENE_SERVER);
	key->sport = htons(to ? 53 : 40000);
	key->dport = htons(to ? 40000 : 53);
}

static size_t question_frame(enum scene_device class, uint8_t *frame)
{
	struct bench_key key;
	uint8_t message[512];

	dns_key(class, false, &key);
	return frame_udp(frame, &key, message, frame_question(message, QUESTION_ID));
}

/* ---- questions ---- */

static int add_question(struct stage *stage, enum scene_device class, const char *id, const char *name)
{
	struct row *row = rows_add(&stage->rows, id, name, &stage->scene.size);

	if (!row)
		return -ENOMEM;
	row->fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM);
	row->empty_fd = stage->empty_xdp_fd;
	row->len = question_frame(class, row->frame);
	row->retval = XDP_PASS;
	return stage_prove(stage, row, scene_index(&stage->scene, class, 0), RF_REASON_SERVICE);
}

/* ---- answers ---- */

/* Ask anew, and hand what was remembered to the turn, which puts it back before each answer. */
static int ask(struct row *row, void *context)
{
	struct stage *stage = context;
	const struct maps *maps = datapath_maps(stage->scene.datapath);
	const uint32_t device = scene_index(&stage->scene, SCENE_NAMES_FEW, 0),
		       each = maps_each(MAP_QUESTIONS, maps->sizing), first = device * each, zero = 0;
	struct bpf_object *const objects[] = {row->turn, row->empty_turn};
	struct window window AUTO_WINDOW = {0};
	const struct rf_question_set *sets;
	uint8_t frame[FRAME_MAX];
	uint32_t retval;
	size_t len = question_frame(SCENE_NAMES_FEW, frame);
	int err = measure_run(datapath_prog_fd(stage->scene.datapath, DATAPATH_TC_FROM), frame, len, 1, &retval);

	if (err >= 0)
		err = window_open_devices(maps, MAP_QUESTIONS, device, 1, false, &window);
	if (err < 0)
		return err;
	sets = window.base;
	for (uint32_t i = first; i < first + each; i++) {
		struct bench_question saved = {.index = i};
		bool used = false;

		for (int way = 0; way < RF_QUESTION_WAYS; way++)
			used = used || sets[i].tag[way];
		if (!used)
			continue;
		memcpy(saved.words, &sets[i], sizeof(saved.words));
		for (int k = 0; k < 2; k++)
			if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(objects[k], "question"), &zero, &saved,
						BPF_ANY) < 0)
				return -errno;
		return 0;
	}
	return -ENOENT; /* it was not remembered */
}

static int learned(const struct stage *stage, uint64_t *ret_learned)
{
	const struct maps *maps = datapath_maps(stage->scene.datapath);
	struct rf_totals totals[256];
	const uint32_t zero = 0;

	if (libbpf_num_possible_cpus() > 256)
		return -E2BIG;
	if (bpf_map_lookup_elem(maps->map[MAP_TOTALS].fd, &zero, totals) < 0)
		return -errno;
	*ret_learned = 0;
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		*ret_learned += totals[i].dns_learned;
	return 0;
}

static int prove_learned(struct stage *stage, struct row *row, unsigned int n_addresses)
{
	uint64_t before = 0, after = 0;
	uint32_t retval = 0;
	int err = ask(row, stage);

	if (!err)
		err = learned(stage, &before);
	if (!err)
		err = measure_run(row->fd, row->frame, row->len, 8, &retval);
	if (err >= 0)
		err = learned(stage, &after);
	if (!err && after - before != (uint64_t)8 * n_addresses) {
		fprintf(stderr, "bench: %s: 8 answers taught %llu addresses\n", row->result.name,
			(unsigned long long)(after - before));
		err = -EPROTO;
	}
	return err;
}

static int add_answer(struct stage *stage, unsigned int n_addresses, const char *id, const char *name)
{
	struct row *row = rows_add(&stage->rows, id, name, &stage->scene.size);
	struct turn_into into = {.program = "turn_answer",
				 .target_fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_TC_TO),
				 .questions_fd = datapath_maps(stage->scene.datapath)->map[MAP_QUESTIONS].fd};
	uint8_t message[1024];
	struct bench_key key;
	int err;

	if (!row)
		return -ENOMEM;
	err = turn_make(&into, &row->turn);
	into.target_fd = stage->empty_tc_fd;
	if (!err)
		err = turn_make(&into, &row->empty_turn);
	if (err)
		return err;
	row->fd = turn_prog_fd(row->turn, into.program);
	row->empty_fd = turn_prog_fd(row->empty_turn, into.program);
	dns_key(SCENE_NAMES_FEW, true, &key);
	row->len = frame_udp(row->frame, &key, message, frame_answer(message, QUESTION_ID, n_addresses));
	row->retval = TC_NEXT;
	row->prepare = ask;
	row->context = stage;
	return prove_learned(stage, row, n_addresses);
}

/* ---- names learned ---- */

static int run_tc(const struct stage *stage, enum datapath_prog prog, const struct bench_key *key,
		  const uint8_t *message, size_t len)
{
	uint8_t frame[FRAME_MAX];
	uint32_t retval = 0;
	int err = measure_run(datapath_prog_fd(stage->scene.datapath, prog), frame, frame_udp(frame, key, message, len),
			      1, &retval);

	return err < 0 ? err : retval == TC_NEXT;
}

/* Device `device` asks for host `host` and is answered. The key of what it then may send. */
static int teach(const struct stage *stage, uint32_t device, uint32_t host, struct bench_key *ret_key)
{
	const struct scene_keys from = {.class = SCENE_NAMES_MANY}, to = {.class = SCENE_NAMES_MANY, .to = true};
	struct bench_key question = {0}, answer = {0};
	uint8_t message[512];
	int err;

	scene_key(&from, device, 0, &question);
	scene_key(&to, device, 0, &answer);
	question.daddr = answer.saddr = htonl(SCENE_SERVER);
	question.sport = answer.dport = htons((uint16_t)(20000 + host));
	question.dport = answer.sport = htons(53);
	err = run_tc(stage, DATAPATH_TC_FROM, &question, message, frame_question_of(message, (uint16_t)host, host));
	if (err == 1)
		err = run_tc(stage, DATAPATH_TC_TO, &answer, message,
			     frame_answer_of(message, (uint16_t)host, host, 1));
	if (err != 1)
		return err < 0 ? err : -EPROTO;
	scene_key(&from, device, 0, ret_key);
	ret_key->daddr = htonl(frame_host_addr(host));
	ret_key->dport = htons(SCENE_NAME_PORT);
	ret_key->device = scene_index(&stage->scene, SCENE_NAMES_MANY, device);
	return 0;
}

#define NAMES_A_DEVICE 32 /* half of what it may keep */

/* Those that a full set has not given up since. Negative errno. */
static int keep_usable(struct stage *stage, uint32_t n)
{
	int kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		const int passes = run_tc(stage, DATAPATH_TC_FROM, &stage->room[i], NULL, 0);

		if (passes < 0)
			return passes;
		if (passes)
			stage->room[kept++] = stage->room[i];
	}
	return kept;
}

/* `n` names, learned by as many devices as that takes, from `first` on (devices of their own: else they would push out others' names), and used in turn. */
static int add_learned(struct stage *stage, uint32_t n, uint32_t first, const char *id, const char *name)
{
	const struct stage_row row = {.id = id,
				      .name = name,
				      .fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM),
				      .retval = XDP_PASS,
				      .reason = RF_REASON_RULE};
	const uint32_t each = n < NAMES_A_DEVICE ? n : NAMES_A_DEVICE;
	int kept;

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t device = first + i / each, host = (i * 7 + device) % SCENE_MANY;
		int err = device < SCENE_LEARNERS ? teach(stage, device, host, &stage->room[i]) : -E2BIG;

		if (err)
			return err;
	}
	kept = keep_usable(stage, n);
	if (kept >= 0 && (uint32_t)kept < n * 9 / 10) {
		fprintf(stderr, "bench: of %u names that were answered only %d are usable\n", n, kept);
		return -EPROTO;
	}
	return kept < 0 ? kept : stage_add_keys(stage, &row, (size_t)kept);
}

static int add_all_learned(struct stage *stage)
{
	int err = add_learned(stage, 10, 0, "learned-10", "allowed by name, 10 names learned");

	if (!err)
		err = add_learned(stage, 100, 1, "learned-100", "allowed by name, 100 names learned");
	if (!err)
		err = add_learned(stage, 1000, 5, "learned-1000", "allowed by name, 1,000 names learned");
	return err ? err : add_learned(stage, 10000, 37, "learned-10000", "allowed by name, 10,000 names learned");
}

int stage_names(struct stage *stage)
{
	const struct stage_row allowed = {.id = "allowed-names",
					  .name = "allowed by rule, profile has rules by name",
					  .keys = {.class = SCENE_NAMES_FEW},
					  .fd = datapath_prog_fd(stage->scene.datapath, DATAPATH_XDP_FROM),
					  .retval = XDP_PASS,
					  .reason = RF_REASON_RULE};
	int err = stage_add(stage, &allowed);

	if (!err)
		err = add_question(stage, SCENE_NAMES_FEW, "question-few", "DNS question, 10 names in the profile");
	if (!err)
		err = add_question(stage, SCENE_NAMES_MANY, "question-many",
				   "DNS question, 1,000 names in the profile");
	if (!err)
		err = add_question(stage, SCENE_NAMES_HUGE, "question-huge",
				   "DNS question, 10,000 names in the profile");
	if (!err)
		err = add_all_learned(stage);
	if (!err)
		err = add_answer(stage, 1, "answer-1", "DNS answer, 1 address");
	if (!err)
		err = add_answer(stage, 4, "answer-4", "DNS answer, 4 addresses");
	if (!err)
		err = add_answer(stage, 16, "answer-16", "DNS answer, 16 addresses");
	return err ? err : add_answer(stage, 32, "answer-32", "DNS answer, 32 addresses");
}
