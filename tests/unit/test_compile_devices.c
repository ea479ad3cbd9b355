// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rule compiler: what is said of devices, of those that nobody named, and of the machine that the policy is compiled on.
 */
#include "ruleset_help.h"

#include <errno.h>
#include <stdlib.h>

/* Modes, bindings, gateway, unknown, and indices that stay. */
static void test_devices(void **state)
{
	static const char *const text =
		"network: {gateway: [192.168.1.1, \"fd00::1\"]}\n"
		"unknown: p\n"
		"profiles:\n"
		"  p: {default: deny, ethertypes: [0x88e1, llc], dns: listed, deny-names: [a.example]}\n"
		"devices:\n"
		"  bound:\n"
		"    mac: [\"02:00:00:00:00:01\", \"02:00:00:00:00:02\"]\n"
		"    profile: p\n"
		"    mode: monitor\n"
		"    ports: [eth1, wlan0]\n"
		"    vlan: 20\n"
		"    addresses: [192.168.1.40, \"fd00::/64\"]\n"
		"  held:\n"
		"    {mac: \"02:00:00:00:00:03\", profile: p, mode: quarantine, rules: [{allow: any}]}\n"
		"  router: {mac: \"02:00:00:00:00:04\", profile: p, mode: off, addresses: [192.168.1.0/24, 192.168.1.1]}\n";
	static const struct ruleset_index before[] = {{"gone", 64}, {"held", 3}, {"router", 70}};
	struct ruleset_input input = {
		.generation = 7, .seed = HELP_SEED, .indices = before, .n_indices = 3, .policy_hash = {1, 2}};
	AUTO_POLICY struct policy *policy = help_policy(text);
	AUTO_DIAGS struct diags diags = {0};
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct help_arrays arrays;
	const struct rf_device_slot *slot;
	const struct rf_ident *ident;

	(void)state;
	assert_int_equal(ruleset_compile(policy, &input, &diags, &ruleset), 0);
	arrays = help_arrays(ruleset);
	assert_int_equal(ruleset->bank.generation, 7);
	assert_int_equal(ruleset->bank.policy_hash[1], 2);
	assert_int_equal(ruleset->bank.unknown_mode, RF_MODE_ENFORCE);
	assert_int_equal(ruleset->bank.unknown_profile, RF_PROFILE_FIRST);
	assert_int_equal(ruleset->n_indices, 71);

	slot = help_device(&arrays, 0x020000000001);
	assert_int_equal(slot->device, 64);
	assert_int_equal(help_device(&arrays, 0x020000000002)->device, 64);
	assert_int_equal(slot->key >> RF_DEVICE_MODE_SHIFT & 0xff, RF_MODE_MONITOR);
	/* fd00::/64, in which there is a gateway, is a range: that one is not its own. */
	assert_int_equal(slot->key >> RF_DEVICE_FLAGS_SHIFT,
			 RF_DEVICE_VALID | RF_DEVICE_PORTS | RF_DEVICE_VLAN | RF_DEVICE_ADDRESSES);
	ident = &ruleset->idents[64];
	assert_int_equal(ident->n_ports, 2);
	assert_int_equal(ident->vlan, 20);
	assert_int_equal(ident->n_addresses, 2);
	assert_int_equal(ident->address[0].lo, RF_ADDR_V4_MAPPED | 0xc0a80128);
	assert_int_equal(ident->prefix_len[0], 128);
	assert_int_equal(ident->address[1].hi, 0xfd00000000000000);
	assert_int_equal(ident->prefix_len[1], 64);
	assert_string_equal(ruleset->infos[64].name, "bound");
	assert_string_equal(ruleset->infos[64].profile, "p");
	assert_int_equal(ruleset->infos[64].mode, RF_MODE_MONITOR);

	/* 3 belongs to unknown devices: not given to anyone */
	slot = help_device(&arrays, 0x020000000003);
	assert_int_equal(slot->device, 65);
	assert_int_equal(slot->profile, RF_PROFILE_QUARANTINE);
	assert_int_equal(slot->key >> RF_DEVICE_MODE_SHIFT & 0xff, RF_MODE_QUARANTINE);
	assert_int_equal(ruleset->devices[1].own_profile, RF_PROFILE_FIRST + 1);

	slot = help_device(&arrays, 0x020000000004);
	assert_int_equal(slot->device, 70);
	assert_int_equal(slot->key >> RF_DEVICE_MODE_SHIFT & 0xff, RF_MODE_OFF);
	assert_true(slot->key >> RF_DEVICE_FLAGS_SHIFT & RF_DEVICE_GATEWAY);

	assert_int_equal(ruleset->profiles[RF_PROFILE_FIRST].flags,
			 RF_PROFILE_LLC | RF_PROFILE_DNS_LISTED | RF_PROFILE_DENY_NAMES);
	assert_int_equal(ruleset->profiles[RF_PROFILE_FIRST].n_ethertypes, 1);
	assert_int_equal(ruleset->profiles[RF_PROFILE_FIRST].ethertypes[0], 0x88e1);
}

static void test_unknown_modes(void **state)
{
	static const struct {
		const char *text;
		uint8_t mode;
	} cases[] = {
		{"profiles: {p: {default: deny}}\n", RF_MODE_QUARANTINE},
		{"unknown: quarantine\nprofiles: {p: {default: deny}}\n", RF_MODE_QUARANTINE},
		{"unknown: monitor\nprofiles: {p: {default: deny}}\n", RF_MODE_MONITOR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_POLICY struct policy *policy = help_policy(cases[i].text);
		AUTO_RULESET struct ruleset *ruleset = help_compile(policy);

		assert_int_equal(ruleset->bank.unknown_mode, cases[i].mode);
		assert_int_equal(ruleset->bank.unknown_profile, RF_PROFILE_UNKNOWN);
		assert_int_equal(ruleset->n_buckets, 1);
		assert_int_equal(ruleset->n_peers, 1);
	}
}

/* Gateways and resolvers come from the machine where the policy is silent. */
static void test_machine_gateways(void **state)
{
	AUTO_POLICY struct policy *policy = help_policy("profiles: {p: {default: deny}}\n");
	AUTO_DIAGS struct diags diags = {0};
	AUTO_RULESET struct ruleset *ruleset = NULL;
	struct addr gateways[RF_GATEWAYS_MAX + 1];
	struct ruleset_input input = {.gateways = gateways, .n_gateways = 2};
	const struct help_frame dns = {17, 9, 53}; /* UDP */
	struct help_arrays arrays;
	uint32_t list;

	(void)state;
	for (size_t i = 0; i < RF_GATEWAYS_MAX + 1; i++) {
		assert_int_equal(addr_parse("10.0.0.1", &gateways[i]), ADDR_OK);
		gateways[i].bytes[15] = (uint8_t)(i + 1);
	}
	assert_int_equal(ruleset_compile(policy, &input, &diags, &ruleset), 0);
	arrays = help_arrays(ruleset);
	assert_int_equal(ruleset->bank.n_gateways, 2);
	assert_int_equal(ruleset->bank.n_resolvers, 2);
	assert_int_equal(ruleset->bank.resolver[1].lo, RF_ADDR_V4_MAPPED | 0x0a000002);
	list = help_list(&arrays, RF_PROFILE_FIRST, RF_SET_OUT, help_addr("10.0.0.2"));
	assert_int_equal(help_match(&arrays, list, dns)->reason, RF_REASON_SERVICE);
	list = help_list(&arrays, RF_PROFILE_FIRST, RF_SET_OUT, help_addr("10.0.0.3"));
	assert_int_equal(help_match(&arrays, list, dns)->reason, RF_REASON_DEFAULT_DENY);

	input.n_gateways = RF_GATEWAYS_MAX + 1;
	ruleset_free(TAKE_PTR(ruleset));
	assert_int_equal(ruleset_compile(policy, &input, &diags, &ruleset), -E2BIG);
	assert_null(ruleset);
	assert_int_equal(diags.n_errors, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_unknown_modes),
		cmocka_unit_test(test_machine_gateways),
	};

	return cmocka_run_group_tests_name("compile devices", tests, NULL, NULL);
}
