// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: stories on a small network - connections, their ends, fragments, ICMP errors, DNS questions and answers, steps of the clock, changes of policy -
 * from a program of bytes, through the core.
 *
 * What must hold whatever happens:
 *   - nothing passes as part of a connection that was not opened before, from the side that may open it, within its life;
 *   - under a policy that allows nothing, nothing but link traffic passes, at the very next packet;
 *   - an engine that nobody watches, where frames go by what was said of their flow's last one (bpf/flow.h), gives the same verdicts, and has the same rows,
 *     names, folds and counters at the end, byte by byte;
 *   - an engine that sees only one device's frames gives them the same verdicts: no device changes another's state;
 *   - what was dropped is what events told, what folds still hold, what was counted as quiet and what was counted as lost.
 * Room: bpf user/engine
 */
#include "fuzz.h"
#include "messages.h"
#include "packets.h"

#include "../host/twin.h"

#define RECORDS_MAX 300
#define OPENINGS_MAX 128
#define NS_PER_MS 1000000ULL
#define TIME_FIRST_NS (3600ULL * 1000 * NS_PER_MS)
#define LIFE_MAX_MS (7440ULL * 1000)

#define DEVICES_TEXT                                                                                                   \
	"devices:\n"                                                                                                   \
	"  a: {mac: \"02:00:00:00:00:10\", profile: p}\n"                                                              \
	"  b: {mac: \"02:00:00:00:00:11\", profile: p}\n"                                                              \
	"  c: {mac: \"02:00:00:00:00:12\", profile: q, mode: monitor}\n"                                               \
	"  d: {mac: \"02:00:00:00:00:13\", profile: q, addresses: [192.168.1.13, \"fd00:1::c0a8:10d\"]}\n"
#define NETWORK_TEXT                                                                                                   \
	"network: {local: [192.168.1.0/24, \"fd00:1::/64\"], gateway: [192.168.1.1], resolvers: [192.168.1.1, \"fd00:1::c0a8:101\"]}\n"

/* The devices are the same in all, so that their indices are. CLOSED allows nothing. */
enum { OPEN, NARROW, CLOSED, POLICIES };
static const char *const texts[POLICIES] = {
	[OPEN] = NETWORK_TEXT
	"profiles:\n"
	"  p: {default: deny, services: [dhcp, dns, ping], rules: [{allow: 203.0.113.7}, {allow: 198.51.100.20, proto: [tcp, udp], port: 443},"
	" {allow: device:b}, {allow: \"*.example.com\", proto: [tcp, udp], port: 443}, {deny: 8.8.8.8, log: false}, {allow: \"2001:db8::/32\", proto: tcp}],"
	" inbound: [{allow: local}, {allow: 203.0.113.77, proto: udp}]}\n"
	"  q: {default: allow, dns: listed, rules: [{deny: 203.0.113.0/24}, {allow: a.example.com}]}\n" DEVICES_TEXT,
	[NARROW] = NETWORK_TEXT
	"profiles:\n"
	"  p: {default: deny, services: [dns], rules: [{allow: 203.0.113.7, proto: udp}, {allow: a.example.com}], inbound: []}\n"
	"  q: {default: deny, deny-names: [\"*.example.com\"], rules: [{allow: internet, proto: tcp}]}\n" DEVICES_TEXT,
	[CLOSED] = NETWORK_TEXT "profiles:\n"
				"  p: {default: deny, services: [], inbound: []}\n"
				"  q: {default: deny, services: [], inbound: []}\n" DEVICES_TEXT,
};

static struct ruleset *rulesets[POLICIES];

/* A connection that was allowed to begin. */
struct opening {
	struct talk talk;
	bool by_device;
	uint64_t last_ms;
};

struct story {
	struct engine *all, *one; /* of everybody; of the device that is watched */
	struct engine *live;	  /* of everybody, as in the kernel */
	uint8_t watched;
	int policy;
	uint32_t generation; /* never the same twice: what is remembered says which one judged it */
	uint64_t now_ns;
	uint64_t told, dropped;
	struct opening openings[OPENINGS_MAX];
	size_t n_openings, next_opening;
	struct talk last;
	uint8_t question_id, question_name;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (int i = 0; i < POLICIES; i++) {
		const struct ruleset_input input = {.generation = (uint32_t)i + 1, .seed = 1};
		AUTO_DIAGS struct diags diags = {0};
		struct policy *policy = NULL; /* never freed: the ruleset borrows it */

		if (policy_read_text("policy", texts[i], strlen(texts[i]), &diags, &policy) ||
		    ruleset_compile(policy, &input, &diags, &rulesets[i])) {
			diags_print(&diags, stderr);
			exit(EXIT_FAILURE);
		}
	}
	return 0;
}

/* ---- what must hold ---- */

static bool same_talk(const struct talk *a, const struct talk *b)
{
	return a->device == b->device && a->peer == b->peer && a->v6 == b->v6 && a->proto == b->proto &&
	       a->port == b->port &&
	       (a->remote_port == b->remote_port || a->proto == IPPROTO_ICMP || a->proto == IPPROTO_ICMPV6);
}

static struct opening *find_opening(struct story *story, const struct talk *talk, bool by_device)
{
	for (size_t i = 0; i < story->n_openings; i++) {
		struct opening *opening = &story->openings[i];

		if (opening->by_device == by_device && same_talk(&opening->talk, talk) &&
		    story->now_ns / NS_PER_MS <= opening->last_ms + LIFE_MAX_MS)
			return opening;
	}
	return NULL;
}

static void note_opening(struct story *story, const struct talk *talk, bool by_device)
{
	struct opening *opening = find_opening(story, talk, by_device);

	if (!opening) {
		opening = &story->openings[story->next_opening++ % OPENINGS_MAX];
		story->n_openings = story->next_opening < OPENINGS_MAX ? story->next_opening : OPENINGS_MAX;
	}
	*opening = (struct opening){*talk, by_device, story->now_ns / NS_PER_MS};
}

/* Part of a connection: then somebody opened it, and not the other side alone. */
static void check_established(struct story *story, const struct talk *talk)
{
	struct opening *opening = find_opening(story, talk, false);

	if (!opening && talk->to)
		opening = find_opening(story, talk, true);
	/* So many connections that this target no longer knows all of them. */
	if (!opening && story->next_opening > OPENINGS_MAX)
		return;
	REQUIRE(opening);
	opening->last_ms = story->now_ns / NS_PER_MS;
}

static bool is_whole(const struct talk *talk)
{
	return !talk->fragmented && (talk->proto == IPPROTO_TCP || talk->proto == IPPROTO_UDP);
}

static void check_verdict(struct story *story, const struct rf_result *result, const struct talk *talk, bool is_error)
{
	const bool passes = result->verdict == RF_PASS && result->reason != RF_REASON_WOULD_DROP;

	REQUIRE(result->reason != RF_REASON_NONE && result->reason != RF_REASON_INTERNAL);
	REQUIRE(result->reason != RF_REASON_UNKNOWN_DEVICE && result->reason != RF_REASON_MODE_OFF);
	if (story->policy == CLOSED)
		REQUIRE(!passes || result->reason == RF_REASON_LINK);
	if (!passes || is_error)
		return;
	if (result->reason == RF_REASON_ESTABLISHED && is_whole(talk))
		check_established(story, talk);
	else if (result->reason != RF_REASON_ESTABLISHED && !talk->fragment_units)
		note_opening(story, talk, !talk->to);
}

static void count_event(void *data, const struct rf_event *event)
{
	struct story *story = data;

	if (event->type == RF_EVENT_DROP || event->type == RF_EVENT_WOULD_DROP)
		story->told += event->packets;
}

/* "Nothing is uncounted." */
static void check_counts(const struct story *story)
{
	const struct rf_totals *totals = engine_totals(story->all);
	uint64_t pending = 0;

	for (uint32_t i = 0; i < story->all->n_folds; i++)
		for (int way = 0; way < RF_FOLD_WAYS; way++)
			pending += rf_fold_packets(story->all->folds[i].count[way]);
	REQUIRE(story->told + pending + totals->packets_quiet + totals->packets_lost == story->dropped);
}

static void check_live(const struct story *story)
{
	REQUIRE(!twin_differs(story->all, story->live, 0, story->all->n_counters));
}

/* ---- frames ---- */

static void judge(struct story *story, const struct packet *packet, const struct talk *talk, bool is_error)
{
	uint8_t *copy = malloc(packet->len); /* of its own, so that a byte read beyond it is found */
	const struct engine_frame frame = {
		.bytes = copy, .cap_len = packet->len, .wire_len = packet->len, .time_ns = story->now_ns};
	const enum rf_direction direction = talk->to ? RF_DIRECTION_TO : RF_DIRECTION_FROM;
	struct rf_result result = {0}, alone = {0}, live = {0};

	REQUIRE(copy);
	memcpy(copy, packet->bytes, packet->len);
	REQUIRE(!engine_judge(story->all, direction, &frame, &result));
	story->dropped += result.verdict == RF_DROP || result.reason == RF_REASON_WOULD_DROP;
	check_verdict(story, &result, talk, is_error);
	REQUIRE(!engine_judge(story->live, direction, &frame, &live));
	REQUIRE(live.verdict == result.verdict && live.reason == result.reason);
	if (talk->device == story->watched) {
		REQUIRE(!engine_judge(story->one, direction, &frame, &alone));
		REQUIRE(memcmp(&alone, &result, sizeof(result)) == 0);
	}
	free(copy);
}

/* Most of the bytes of a program choose from little, so that things meet. */
static struct talk read_talk(struct food *food)
{
	static const uint8_t protos[] = {IPPROTO_TCP,  IPPROTO_UDP,  IPPROTO_TCP, IPPROTO_UDP,
					 IPPROTO_ICMP, IPPROTO_SCTP, IPPROTO_GRE, IPPROTO_UDP};
	static const uint16_t ports[] = {443, 53, 5353, 7000};
	static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x01};
	const uint8_t who = food_8(food), what = food_8(food), how = food_8(food);
	struct talk talk = {
		.device = who & 3,
		.peer = who >> 2 & 7,
		.v6 = who >> 5 & 1,
		.to = who >> 6 & 1,
		.proto = protos[what & 7],
		.port = (uint16_t)(1000 + (what >> 3 & 7)),
		.remote_port = ports[what >> 6],
		.tcp_flags = flags[how & 7],
	};

	if (talk.proto == IPPROTO_ICMP) {
		talk.proto = talk.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		talk.remote_port = how >> 3 & 1;
	}
	if (how >> 4 & 1 && talk.proto == IPPROTO_UDP)
		talk.port = talk.remote_port; /* 5353 to 5353 */
	/* Nobody talks to himself. */
	if (talk.peer >= 6 && talk.peer - 6 == talk.device)
		talk.peer = 2;
	return talk;
}

static void step_fragment(struct story *story, struct food *food)
{
	static const uint8_t payload[40];
	struct talk talk = food_8(food) & 1 ? story->last : read_talk(food);
	const uint8_t how = food_8(food);
	struct packet packet;

	talk.fragmented = true;
	talk.fragment_id = how & 3;
	talk.fragment_units = how & 4 ? (uint16_t)(2 + (how >> 3 & 7)) : 0;
	talk.more = how >> 6 & 1 || !talk.fragment_units;
	packet_talk(&packet, &talk, payload, sizeof(payload));
	judge(story, &packet, &talk, false);
}

static void step_error(struct story *story, struct food *food)
{
	static const uint8_t types[] = {3, 11, 12, 5}, types6[] = {1, 2, 3, 137};
	const uint8_t how = food_8(food);
	struct talk talk = how & 1 ? story->last : read_talk(food);
	struct packet packet;

	talk.to = how >> 1 & 1;
	talk.fragmented = false;
	packet_error(&packet, &talk, talk.v6 ? types6[how >> 2 & 3] : types[how >> 2 & 3]);
	judge(story, &packet, &talk, true);
}

static struct talk dns_talk(const struct story *story, uint8_t how, bool to)
{
	return (struct talk){.device = how & 3,
			     .peer = how >> 2 & 1 ? 5 : 0,
			     .v6 = story->last.v6,
			     .to = to,
			     .proto = IPPROTO_UDP,
			     .port = (uint16_t)(2000 + (how >> 3 & 1)),
			     .remote_port = 53};
}

static void step_question(struct story *story, struct food *food)
{
	const uint8_t how = food_8(food);
	const struct talk talk = dns_talk(story, how, false);
	const struct message message = message_begin(how >> 4 & 3, how >> 6, false);
	struct packet packet;

	packet_talk(&packet, &talk, message.bytes, message.len);
	judge(story, &packet, &talk, false);
	story->question_id = how >> 4 & 3;
	story->question_name = how >> 6;
}

/* Mostly the answer to the last question, perhaps behind a CNAME. */
static void step_answer(struct story *story, struct food *food)
{
	const uint8_t how = food_8(food), lie = food_8(food);
	const struct talk talk = dns_talk(story, how, true);
	struct message message =
		message_begin((uint8_t)(story->question_id ^ (lie & 1)), story->question_name ^ (lie >> 1 & 1), true);
	uint16_t owner = MESSAGE_OWNER;
	struct packet packet;

	if (lie & 4)
		owner = message_add_alias(&message, owner, lie >> 6);
	message_add_address(&message, owner, (lie >> 3 & 7) * 60, peer_v4(how >> 4 & 7));
	packet_talk(&packet, &talk, message.bytes, message.len);
	judge(story, &packet, &talk, false);
}

static void step_clock(struct story *story, uint8_t how)
{
	static const uint32_t waits_ms[] = {1,	   999,	  1001,	 9999,	 10001,	 19999,	  20001,   29999,
					    30001, 59999, 60001, 179999, 180001, 7439999, 7440001, 86400001};

	story->now_ns += waits_ms[how & 15] * NS_PER_MS;
}

static void step(struct story *story, struct food *food)
{
	const uint8_t op = food_8(food);
	struct packet packet;

	story->now_ns += (op >> 4) * NS_PER_MS;
	switch (op & 15) {
	default:
		story->last = read_talk(food);
		packet_talk(&packet, &story->last, (const uint8_t *)"data", 4);
		judge(story, &packet, &story->last, false);
		break;
	case 8: /* the same connection, the other way */
		story->last.to = !story->last.to;
		story->last.tcp_flags = food_8(food) & 1 ? 0x10 : 0x11;
		packet_talk(&packet, &story->last, NULL, 0);
		judge(story, &packet, &story->last, false);
		break;
	case 9:
		step_fragment(story, food);
		break;
	case 10:
		step_error(story, food);
		break;
	case 11:
		step_question(story, food);
		break;
	case 12:
	case 13:
		step_answer(story, food);
		break;
	case 14:
		step_clock(story, food_8(food));
		break;
	case 15:
		story->policy = food_8(food) % POLICIES;
		rulesets[story->policy]->bank.generation = ++story->generation;
		REQUIRE(!engine_reload(story->all, rulesets[story->policy]));
		REQUIRE(!engine_reload(story->one, rulesets[story->policy]));
		REQUIRE(!engine_reload(story->live, rulesets[story->policy]));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct story story;
	struct food food = {data, size};

	story = (struct story){.now_ns = TIME_FIRST_NS, .watched = food_8(&food) % DEVICES, .generation = 1};
	rulesets[OPEN]->bank.generation = story.generation;
	REQUIRE(!engine_new(rulesets[OPEN], RF_SIZING_AUTO, &story.all) &&
		!engine_new(rulesets[OPEN], RF_SIZING_AUTO, &story.one) &&
		!engine_new(rulesets[OPEN], RF_SIZING_AUTO, &story.live));
	story.live->unwatched = true;
	engine_on_event(story.all, count_event, &story);
	for (int i = 0; i < RECORDS_MAX && food.left; i++)
		step(&story, &food);
	check_counts(&story);
	check_live(&story);
	engine_free(story.all);
	engine_free(story.one);
	engine_free(story.live);
	return 0;
}
