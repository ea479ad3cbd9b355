// SPDX-License-Identifier: GPL-2.0-only
/*
 * home.c - see home.h. Frames are written here byte by byte: what tests read must not come from what is tested.
 */
#include "home.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "../../user/common/cleanup.h"
#include "../../user/engine/learner.h"
#include "../../user/engine/state.h"
#include "../../user/policy/policy.h"

#define TIME_FIRST_NS (3600ULL * 1000000000ULL)
#define FRAME_MAX 1600
#define ETH_BYTES 14
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES 8
#define DEVICES 256
#define OTHER 0 /* never asks */
#define GATEWAY 0xffff

static const char *const domains[] = {"com", "net", "org", "example", "arpa", "io",
				      "de",  "cn",  "uk",  "eu",      "tv",   "info"};
#define N_DOMAINS (sizeof(domains) / sizeof(domains[0]))

static struct policy *policy;
static struct ruleset *ruleset;
static struct engine *engine;
static struct learner *learner;
static uint32_t next_device = DEVICES;

/* Every name below the domains, and nothing else. */
static char *policy_text(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fputs("network: {local: [192.168.1.0/24], gateway: [192.168.1.1], resolvers: [192.168.1.1]}\n"
	      "profiles:\n  p:\n    default: deny\n    rules:\n      - allow: [",
	      out);
	for (size_t i = 0; i < N_DOMAINS; i++)
		fprintf(out, "%s\"*.%s\"", i ? ", " : "", domains[i]);
	fputs("]\ndevices:\n", out);
	for (unsigned int i = 0; i < DEVICES; i++)
		fprintf(out, "  d%u: {mac: 02:00:00:00:%02x:%02x, profile: p}\n", i, i >> 8, i & 0xff);
	fclose(out);
	return text;
}

int home_begin(void)
{
	const struct ruleset_input input = {.generation = 1, .seed = 1};
	AUTO_FREE char *text = policy_text();
	AUTO_DIAGS struct diags diags = {0};
	int err;

	if (!text)
		return -ENOMEM;
	err = policy_read_text("names", text, strlen(text), &diags, &policy);
	if (!err)
		err = ruleset_compile(policy, &input, &diags, &ruleset);
	if (err)
		diags_print(&diags, stderr);
	return err ? err : learner_new(&learner);
}

void home_end(void)
{
	engine_free(engine);
	learner_free(learner);
	ruleset_free(ruleset);
	policy_free(policy);
	engine = NULL;
	learner = NULL;
	ruleset = NULL;
	policy = NULL;
	next_device = DEVICES;
}

bool home_lists(const uint8_t *name, size_t len)
{
	size_t at = 0, last = 0, labels = 0;

	while (at < len && name[at]) {
		last = at;
		at += 1U + name[at];
		labels++;
	}
	for (size_t i = 0; labels > 1 && i < N_DOMAINS; i++)
		if (name[last] == strlen(domains[i]) &&
		    strncasecmp((const char *)name + last + 1, domains[i], name[last]) == 0)
			return true;
	return false;
}

static void on_event(void *data, const struct rf_event *event)
{
	struct home *home = data;

	if (event->type != RF_EVENT_LEARNED)
		return;
	if (home->n_learned == HOME_LEARNED_MAX)
		home->overflow = true;
	else
		home->learned[home->n_learned++] = event->remote;
}

int home_open(struct home *home)
{
	if (next_device >= DEVICES - 1) { /* one is left for home_open_beside() */
		int err;

		engine_free(engine);
		engine = NULL;
		err = engine_new(ruleset, RF_SIZING_HOME, &engine);
		if (err)
			return err;
		next_device = OTHER + 1;
	}
	home_open_beside(home);
	return 0;
}

void home_open_beside(struct home *home)
{
	*home = (struct home){.now_ns = TIME_FIRST_NS, .device = next_device++};
	home->before = *engine_totals(engine);
	engine_on_event(engine, on_event, home);
}

struct home_counts home_counts(const struct home *home)
{
	const struct rf_totals *now = engine_totals(engine), *before = &home->before;

	return (struct home_counts){
		.questions = now->dns_questions - before->dns_questions,
		.answers = now->dns_answers - before->dns_answers,
		.unasked = now->dns_unasked - before->dns_unasked,
		.unread = now->dns_unread - before->dns_unread,
		.learned = now->dns_learned - before->dns_learned,
		.evicted = now->dns_evicted - before->dns_evicted,
	};
}

/* ---- frames ---- */

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put64(uint8_t *at, uint64_t value)
{
	for (int i = 7; i >= 0; i--) {
		at[i] = (uint8_t)value;
		value >>= 8;
	}
}

static void put_eth(uint8_t *frame, uint32_t to, uint32_t from, uint16_t type)
{
	memset(frame, 0, 12);
	frame[0] = frame[6] = 2;
	put16(frame + 4, to);
	put16(frame + 10, from);
	put16(frame + 12, type);
}

static size_t put_ipv4(uint8_t *ip, uint32_t src, uint32_t dst, uint8_t proto, size_t len)
{
	memset(ip, 0, IPV4_BYTES);
	ip[0] = 0x45;
	put16(ip + 2, IPV4_BYTES + len);
	ip[8] = 64;
	ip[9] = proto;
	put16(ip + 12, src >> 16);
	put16(ip + 14, src);
	put16(ip + 16, dst >> 16);
	put16(ip + 18, dst);
	return IPV4_BYTES;
}

static size_t put_ipv6(uint8_t *ip, const struct rf_addr *dst, uint8_t proto, size_t len)
{
	memset(ip, 0, IPV6_BYTES);
	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = proto;
	ip[7] = 64;
	put64(ip + 8, 0xfd00000000010000ULL);
	put64(ip + 16, 0x40);
	put64(ip + 24, dst->hi);
	put64(ip + 32, dst->lo);
	return IPV6_BYTES;
}

static size_t put_udp(uint8_t *udp, uint16_t sport, uint16_t dport, size_t len)
{
	put16(udp, sport);
	put16(udp + 2, dport);
	put16(udp + 4, UDP_BYTES + len);
	put16(udp + 6, 0);
	return UDP_BYTES;
}

/* In memory of its own length, so that a byte read beyond it is found. */
static bool judge(struct home *home, enum rf_direction direction, const uint8_t *frame, size_t len)
{
	AUTO_FREE uint8_t *copy = malloc(len);
	const struct engine_frame input = {.bytes = copy, .cap_len = len, .wire_len = len, .time_ns = home->now_ns};
	struct rf_result result;

	if (!copy)
		abort();
	memcpy(copy, frame, len);
	if (engine_judge(engine, direction, &input, &result))
		abort();
	return result.verdict == RF_PASS;
}

static bool carry(struct home *home, enum rf_direction direction, const uint8_t *message, size_t len)
{
	const bool from = direction == RF_DIRECTION_FROM;
	const uint32_t device = 0xc0a80128, resolver = 0xc0a80101;
	uint8_t frame[FRAME_MAX];
	size_t at = ETH_BYTES;

	put_eth(frame, from ? GATEWAY : home->device, from ? home->device : GATEWAY, 0x0800);
	at += put_ipv4(frame + at, from ? device : resolver, from ? resolver : device, IPPROTO_UDP, UDP_BYTES + len);
	at += put_udp(frame + at, from ? 5353 : 53, from ? 53 : 5353, len);
	memcpy(frame + at, message, len);
	return judge(home, direction, frame, at + len);
}

bool home_ask(struct home *home, const uint8_t *message, size_t len)
{
	return carry(home, RF_DIRECTION_FROM, message, len);
}

bool home_answer(struct home *home, const uint8_t *message, size_t len)
{
	return carry(home, RF_DIRECTION_TO, message, len);
}

static struct learner_tables tables(void)
{
	return (struct learner_tables){
		.control = engine->in_force,
		.profiles = engine->profiles,
		.names = engine->names,
		.known = engine->known,
		.learned = engine->learned,
		.budgets = engine->budgets,
		.budget_stride = engine->budget_stride,
		.n_profiles = engine->n_profiles,
		.n_names = engine->n_names,
		.n_known = engine->n_known,
		.n_learned = engine->n_learned,
		.n_budgets = engine->n_budgets,
		.sizing = RF_SIZING_HOME,
		.hz = engine->ticks_per_s,
	};
}

int home_learn(struct home *home, const uint8_t *message, size_t len)
{
	/* Of the question, which was judged last. */
	const struct rf_judgement *asked = &engine->judgement;
	const struct learner_tables at = tables();
	const struct rf_segment who = {
		.mac = asked->subject.mac,
		.remote = asked->packet.dst,
		.local = asked->packet.src,
		.device = asked->subject.device,
		.state = asked->subject.state,
		.profile = asked->subject.profile,
		.mode = asked->subject.mode,
		.flags = asked->subject.flags,
		.bank = asked->bank & 1,
		.generation = engine->in_force->bank[asked->bank & 1].generation,
		.proto = IPPROTO_TCP,
		.direction = RF_DIRECTION_TO,
	};
	AUTO_FREE uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, message, len);
	learner_use(learner, &at);
	learner_on_event(learner, on_event, home);
	return learner_learn(learner, &who, copy, len, home->now_ns / ENGINE_NS_PER_TICK);
}

static bool reaches(struct home *home, uint32_t device, const struct rf_addr *addr)
{
	const bool is_v4 = !addr->hi && addr->lo >> 32 == 0xffff;
	uint8_t frame[FRAME_MAX];
	size_t at = ETH_BYTES;

	put_eth(frame, GATEWAY, device, is_v4 ? 0x0800 : 0x86dd);
	if (is_v4)
		at += put_ipv4(frame + at, 0xc0a80128, (uint32_t)addr->lo, IPPROTO_UDP, UDP_BYTES);
	else
		at += put_ipv6(frame + at, addr, IPPROTO_UDP, UDP_BYTES);
	at += put_udp(frame + at, 40000, 443, 0);
	return judge(home, RF_DIRECTION_FROM, frame, at);
}

bool home_reaches(struct home *home, const struct rf_addr *addr)
{
	return reaches(home, home->device, addr);
}

bool home_other_reaches(struct home *home, const struct rf_addr *addr)
{
	return reaches(home, OTHER, addr);
}
