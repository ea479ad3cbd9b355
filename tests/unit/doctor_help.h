/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up machine for the tests of the doctor's checks, on which there is nothing to be found.
 */
#ifndef TEST_DOCTOR_HELP_H
#define TEST_DOCTOR_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../user/doctor/doctor.h"

/* A home where nothing is to be found: a bridge with two inside ports and an uplink, all policed, and a tight policy. */
static const char home_tight[] =
	"attach: {bridge: br0, uplinks: [wan]}\n"
	"network: {local: [192.168.1.0/24], gateway: [192.168.1.1]}\n"
	"profiles:\n"
	"  p: {default: deny, services: [dhcp], rules: [{allow: 203.0.113.7, proto: tcp, port: 443}]}\n"
	"devices:\n"
	"  cam: {mac: \"02:00:00:00:00:01\", profile: p, ports: [lan1], addresses: [192.168.1.7]}\n";

#define HOME_LINKS 4
enum { BRIDGE, LAN1, LAN2, WAN };

struct home {
	struct survey survey;
	struct policy *policy;
	struct link links[HOME_LINKS + 2];
	struct survey_port ports[3];
	struct address addresses[3];
	struct findings findings;
};

static inline struct addr address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, &addr), ADDR_OK);
	return addr;
}

static inline struct policy *policy_of(const char *text)
{
	struct diags diags = {0};
	struct policy *policy = NULL;

	if (policy_read_text("test", text, strlen(text), &diags, &policy))
		diags_print(&diags, stderr);
	assert_non_null(policy);
	diags_free(&diags);
	return policy;
}

/* Nobody may; who has to be able to, says so. */
static inline int reach_none(void *context, const struct policy_device *device, const struct addr *addr, uint8_t proto,
			     uint16_t port)
{
	(void)context, (void)device, (void)addr, (void)proto, (void)port;
	return 0;
}

static inline void set_policy(struct home *home, const char *text)
{
	policy_free(home->policy);
	home->policy = policy_of(text);
	home->survey.policy = home->policy;
}

static inline void move_in(struct home *home)
{
	static const char *const names[HOME_LINKS] = {"br0", "lan1", "lan2", "wan"};

	memset(home, 0, sizeof(*home));
	for (uint32_t i = 0; i < HOME_LINKS; i++) {
		home->links[i] = (struct link){.ifindex = i + 1, .master = i ? 1 : 0, .running = true};
		strcpy(home->links[i].name, names[i]);
	}
	for (int i = 0; i < 3; i++)
		home->ports[i] = (struct survey_port){.link = &home->links[LAN1 + i],
						      .role = i < 2 ? SURVEY_INSIDE : SURVEY_UPLINK};
	for (int i = 0; i < 2; i++)
		home->ports[i].hooks = (struct hooks){.from = HOOK_TCX, .to = HOOK_TCX, .from_id = 1, .to_id = 2};
	home->addresses[0] = (struct address){1, address("192.168.1.1"), ADDR_V4_BITS + 24};
	home->survey = (struct survey){
		.pin_dir = "/pins",
		.daemon = true,
		.policy_path = "policy.yaml",
		.reach = reach_none,
		.links = {home->links, HOME_LINKS, HOME_LINKS, 0},
		.addresses = {.items = home->addresses, .n = 1},
		.ports = home->ports,
		.n_ports = 3,
		.bridges = {1},
		.n_bridges = 1,
		.init = SURVEY_INIT_SYSTEMD,
		.enabled = true,
	};
	set_policy(home, home_tight);
}

static inline void move_out(struct home *home)
{
	findings_free(&home->findings);
	policy_free(home->policy);
}

static inline void look(struct home *home)
{
	findings_free(&home->findings);
	assert_int_equal(doctor_run(&home->survey, &home->findings), 0);
}

/* The only finding of this way. */
static inline const struct finding *only(const struct home *home, enum way way)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < home->findings.n; i++) {
		if (home->findings.items[i].way != way)
			continue;
		if (found)
			fail_msg("%s is told twice", way_key(way));
		found = &home->findings.items[i];
	}
	if (!found)
		fail_msg("%s is not told", way_key(way));
	return found;
}

static inline const struct finding *expect(struct home *home, enum way way, enum severity severity, const char *about)
{
	const struct finding *finding;
	char names[FINDING_NAMES_MAX];

	look(home);
	finding = only(home, way);
	if (finding->severity != severity)
		fail_msg("%s is %s, not %s: %s", way_key(way), severity_text(finding->severity),
			 severity_text(severity), finding->seen ?: "");
	if (about)
		assert_string_equal(finding_names(finding, names), about);
	assert_true(severity == SEVERITY_OK || (finding->seen && *finding->seen));
	return finding;
}

#endif
