// SPDX-License-Identifier: GPL-2.0-only
/*
 * wire.c - `make bench`, part two: what a frame costs from the sender's link through a filter and a bridge, all on one CPU.
 *
 *   wire --size DEVICES/PREFIXES [--rounds N] [--milliseconds N] [--ordinary] --lane NAME:KIND:BRIDGE_NS:DEVICE_NS... --json FILE
 *   wire --size DEVICES/PREFIXES --hold --lane NAME:KIND:BRIDGE_NS:DEVICE_NS...
 *   wire --size DEVICES/PREFIXES --list macs|prefixes|policy
 *
 * Each lane (lane.h) has its filter in place before the first frame, and each round goes through all lanes: what the machine does meanwhile
 * meets all alike. The file holds every round; what to make of them is for tests/bench/report.py. --list: the policy of that size, for who
 * writes the same in another language. --hold: puts the filters in place, says "ready", and takes them away at the end of its input.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <jansson.h>

#include "../../../user/common/cleanup.h"
#include "../lane.h"
#include "../netns.h"
#include "../sender.h"
#include "list.h"

#define LANES_MAX 24
#define ROUNDS_MOST 32
#define FRAMES_MAX SCENE_COLD_KEYS
#define FRAMES_MIN 512
#define BATCH 64
#define SETTLE_US 2000 /* what a queue still holds after the sender's last frame */

enum verdict { FORWARDED, DROPPED, VERDICTS };

static const char *const verdict_text[VERDICTS] = {"forwarded", "dropped"};
static const char *const way_text[SENDER_WAYS] = {"live", "ordinary"};

struct options {
	struct scene_size size;
	uint32_t rounds, milliseconds;
	bool ordinary, hold;
	const char *list, *json, *lock;
	struct lane lanes[LANES_MAX];
	size_t n_lanes;
};

/* One thing to measure: lane NULL is the generator alone. */
struct course {
	struct lane *lane;
	enum verdict verdict;
	enum sender_way way;
	bool all; /* any device to any prefix */
	uint32_t frames;
	uint32_t n;
	double ns[ROUNDS_MOST];
	uint64_t offered, lost; /* lost: between sender and filter, or forwarded and not arrived */
	const char *wrong;	/* NULL: it does what it is called by */
};

#define COURSES_MAX ((LANES_MAX + 1) * VERDICTS * SENDER_WAYS * 2)

struct wire {
	struct options *options;
	struct scene scene;
	struct sender senders[2][VERDICTS]; /* by course.all */
	struct course courses[COURSES_MAX];
	size_t n;
};

/* ---- one run ---- */

static int run_generator(const struct wire *wire, const struct course *course, double *ret_ns)
{
	return sender_run(&wire->senders[course->all][course->verdict], course->way, 0, course->frames, ret_ns);
}

/* Into ret_ns; what came where is added to the course. */
static int run_lane(const struct wire *wire, struct course *course, uint32_t frames, double *ret_ns)
{
	const struct lane *lane = course->lane;
	uint64_t received = 0, received_before = 0, arrived;
	const uint64_t before = lane->arrivals->frames;
	int err = netns_enter(lane->bridge_ns);

	if (!err)
		err = netns_received(LANE_PORT, &received_before);
	if (!err)
		err = netns_enter(lane->device_ns);
	if (err)
		return err;
	sender_alone(true);
	err = sender_run(&wire->senders[course->all][course->verdict], course->way, lane->device_ifindex, frames,
			 ret_ns);
	sender_alone(false);
	usleep(SETTLE_US);
	if (!err)
		err = netns_enter(lane->bridge_ns);
	if (!err)
		err = netns_received(LANE_PORT, &received);
	if (err)
		return err;
	received -= received_before;
	arrived = lane->arrivals->frames - before;
	course->offered += frames;
	if (received > frames)
		received = frames; /* the bridge's own */
	course->lost += frames - received;
	if (course->verdict == FORWARDED && arrived < received)
		course->wrong = "frames that it should forward did not arrive";
	if (course->verdict == DROPPED && arrived)
		course->wrong = "frames that it should drop arrived";
	return 0;
}

static int run_course(const struct wire *wire, struct course *course, uint32_t frames, double *ret_ns)
{
	return course->lane ? run_lane(wire, course, frames, ret_ns) : run_generator(wire, course, ret_ns);
}

/* So many frames as take `milliseconds`, once through the whole list at most: a run must not hold the CPU for long. Warms up, too. */
static int choose_frames(const struct wire *wire, struct course *course)
{
	const double budget_ns = wire->options->milliseconds * 1e6;
	double ns = 0;
	uint32_t frames = FRAMES_MIN;
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		err = run_course(wire, course, frames, &ns);
		frames = ns * FRAMES_MAX > budget_ns ? (uint32_t)(budget_ns / ns) : FRAMES_MAX;
		frames = frames < FRAMES_MIN ? FRAMES_MIN : frames - frames % BATCH;
		course->frames = frames;
	}
	course->offered = course->lost = 0;
	return err;
}

/* ---- all runs ---- */

static int make_sender(struct wire *wire, bool all, enum verdict verdict)
{
	const struct scene_keys what = {.traffic = verdict == DROPPED ? SCENE_DENIED : SCENE_ALLOWED, .cold = all};
	struct bench_key *list = calloc(SCENE_COLD_KEYS, sizeof(*list));

	if (!list)
		return -ENOMEM;
	return sender_open(list, scene_keys(&wire->scene, &what, list), &wire->senders[all][verdict]);
}

static void add_course(struct wire *wire, struct lane *lane, enum sender_way way)
{
	for (int all = 0; all < 2; all++)
		for (enum verdict verdict = FORWARDED; verdict < VERDICTS; verdict++) {
			if (lane && !(verdict == FORWARDED ? lane->forwards : lane->drops))
				continue;
			if (!lane && verdict == DROPPED)
				continue;
			wire->courses[wire->n++] = (struct course){
				.lane = lane, .verdict = verdict, .way = way, .all = all != 0, .frames = FRAMES_MIN};
		}
}

/* Frames without a socket buffer need receive queues at the port, which offload or an XDP program brings; ordinary ones go as they come by default. */
static int set_gro(const struct wire *wire, bool on)
{
	int err = 0;

	for (size_t i = 0; i < wire->options->n_lanes && !err; i++) {
		err = netns_enter(wire->options->lanes[i].bridge_ns);
		if (!err)
			err = netns_set_gro(LANE_PORT, on);
	}
	return err;
}

static int run_all(struct wire *wire, enum sender_way way)
{
	AUTO_CLOSE int lock = wire->options->lock ? open(wire->options->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
	int err = set_gro(wire, way == SENDER_LIVE);

	for (uint32_t round = 0; round <= wire->options->rounds && !err; round++) {
		if (lock >= 0)
			flock(lock, LOCK_EX);
		for (size_t i = 0; i < wire->n && !err; i++) {
			struct course *course = &wire->courses[i];

			if (course->way != way)
				continue;
			if (!round)
				err = choose_frames(wire, course);
			else
				err = run_course(wire, course, course->frames, &course->ns[course->n++]);
			if (err)
				fprintf(stderr, "bench: %s: %s\n", course->lane ? course->lane->name : "generator",
					strerror(-err));
		}
		if (lock >= 0)
			flock(lock, LOCK_UN);
	}
	return err;
}

/* ---- telling ---- */

static json_t *course_json(const struct wire *wire, const struct course *course)
{
	json_t *rounds = json_array();

	for (uint32_t i = 0; i < course->n; i++)
		json_array_append_new(rounds, json_real(course->ns[i]));
	return json_pack("{ss ss ss si si sb so sI sI si ss*}", "lane", course->lane ? course->lane->name : "generator",
			 "way", way_text[course->way], "verdict", verdict_text[course->verdict], "devices",
			 (int)wire->scene.size.devices, "prefixes", (int)wire->scene.size.prefixes, "all_active",
			 course->all, "ns", rounds, "offered", (json_int_t)course->offered, "lost",
			 (json_int_t)course->lost, "frames_a_round", (int)course->frames, "wrong", course->wrong);
}

static int write_json(const struct wire *wire)
{
	json_t *rows = json_array();
	int err;

	for (size_t i = 0; i < wire->n; i++)
		json_array_append_new(rows, course_json(wire, &wire->courses[i]));
	err = json_dump_file(rows, wire->options->json, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(rows);
	if (err)
		fprintf(stderr, "bench: cannot write %s\n", wire->options->json);
	return err ? -EIO : 0;
}

/* ---- the whole ---- */

static int open_all(struct wire *wire)
{
	struct options *options = wire->options;
	int err = scene_open(&options->size, &wire->scene);

	for (int all = 0; all < 2 && !err; all++)
		for (enum verdict verdict = FORWARDED; verdict < VERDICTS && !err; verdict++)
			err = make_sender(wire, all != 0, verdict);
	if (!err)
		add_course(wire, NULL, SENDER_LIVE);
	for (size_t i = 0; i < options->n_lanes && !err; i++) {
		err = lane_open(&options->lanes[i], &wire->scene);
		add_course(wire, &options->lanes[i], SENDER_LIVE);
		if (options->ordinary)
			add_course(wire, &options->lanes[i], SENDER_ORDINARY);
	}
	return err;
}

static void hold(void)
{
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static void close_all(struct wire *wire)
{
	struct fault fault = {{0}};

	for (size_t i = 0; i < wire->options->n_lanes; i++)
		lane_close(&wire->options->lanes[i]);
	for (int all = 0; all < 2; all++)
		for (enum verdict verdict = FORWARDED; verdict < VERDICTS; verdict++)
			sender_close(&wire->senders[all][verdict]);
	scene_close(&wire->scene);
	datapath_detach(wire->options->size.pin_dir, NULL, NULL, &fault);
}

static int read_size(const char *text, struct scene_size *size)
{
	/* NOLINTNEXTLINE(cert-err34-c): both numbers are checked, and it is a developer's own option. */
	if (sscanf(text, "%u/%u", &size->devices, &size->prefixes) != 2 || !size->devices || !size->prefixes)
		return -EINVAL;
	return 0;
}

static int read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"size", required_argument, NULL, 's'},
		{"rounds", required_argument, NULL, 'r'},
		{"milliseconds", required_argument, NULL, 'm'},
		{"ordinary", no_argument, NULL, 'o'},
		{"hold", no_argument, NULL, 'h'},
		{"lane", required_argument, NULL, 'l'},
		{"list", required_argument, NULL, 'L'},
		{"json", required_argument, NULL, 'j'},
		{NULL, 0, NULL, 0},
	};
	int opt, err = 0;

	while (!err && (opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (opt == 's')
			err = read_size(optarg, &options->size);
		else if (opt == 'r')
			options->rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'm')
			options->milliseconds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 'o')
			options->ordinary = true;
		else if (opt == 'h')
			options->hold = true;
		else if (opt == 'l' && options->n_lanes < LANES_MAX)
			err = lane_parse(optarg, &options->lanes[options->n_lanes++]);
		else if (opt == 'L')
			options->list = optarg;
		else if (opt == 'j')
			options->json = optarg;
		else
			err = -EINVAL;
	}
	if (err || optind < argc || !options->size.devices ||
	    (!options->list && ((!options->json && !options->hold) || !options->n_lanes)) || !options->rounds ||
	    options->rounds > ROUNDS_MOST || !options->milliseconds)
		return -EINVAL;
	return 0;
}

static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
	struct options options = {.rounds = 7, .milliseconds = 150, .lock = getenv("BENCH_LOCK")};
	struct wire wire = {.options = &options};
	char pin_dir[64];
	int err = read_options(argc, argv, &options);

	if (err) {
		fputs("usage: wire --size DEVICES/PREFIXES [--rounds 1..32] [--milliseconds N] [--ordinary] --lane NAME:KIND:BRIDGE_NS:DEVICE_NS... --json FILE\n"
		      "       wire --size DEVICES/PREFIXES --hold --lane ...\n"
		      "       wire --size DEVICES/PREFIXES --list macs|prefixes|policy\n",
		      stderr);
		return 2;
	}
	options.size.plain = true;
	if (options.list)
		return list_print(&options.size, options.list) ? 2 : 0;
	/* lanes.py takes away what bears its number, should this be killed. */
	snprintf(pin_dir, sizeof(pin_dir), "/sys/fs/bpf/rfbench-%d-%d", (int)getppid(), (int)getpid());
	options.size.pin_dir = pin_dir;
	if (!options.hold)
		stay_on_one_cpu();
	err = open_all(&wire);
	if (!err && options.hold)
		hold();
	if (!err && !options.hold)
		err = run_all(&wire, SENDER_LIVE);
	if (!err && !options.hold && options.ordinary)
		err = run_all(&wire, SENDER_ORDINARY);
	if (!err && !options.hold)
		err = write_json(&wire);
	close_all(&wire);
	return err ? 1 : 0;
}
