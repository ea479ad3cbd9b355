// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct policy -> canonical YAML.
 *
 * What was left out of the file is left out again, every value has one form,
 * sections and keys have one order.  So reading the output gives the same
 * policy (but for positions), and printing that gives the same text.
 */
#include "print.h"

static void print_strings(const char *const *items, size_t n, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", out);
		print_text(items[i], out);
	}
	fputs("]\n", out);
}

static void print_rules(const struct policy *policy, const char *key, const struct policy_rules *rules, FILE *out)
{
	fprintf(out, "    %s:%s\n", key, rules->n_items ? "" : " []");
	for (size_t i = 0; i < rules->n_items; i++) {
		fputs("      - ", out);
		policy_print_rule(policy, &rules->items[i], out);
		fputc('\n', out);
	}
}

static void print_attach(const struct policy *policy, FILE *out)
{
	if (!policy->bridge && !policy->ports.n_items)
		return;
	fputs("attach:\n", out);
	if (policy->bridge) {
		fputs("  bridge: ", out);
		print_text(policy->bridge, out);
		fputc('\n', out);
	}
	if (policy->uplinks.n_items) {
		fputs("  uplinks: ", out);
		print_strings(policy->uplinks.items, policy->uplinks.n_items, out);
	}
	if (policy->ports.n_items) {
		fputs("  ports: ", out);
		print_strings(policy->ports.items, policy->ports.n_items, out);
	}
	fprintf(out, "  hook: %s\n\n", policy_hook_text(policy->hook));
}

static void print_prefixes(const char *key, const struct policy_prefixes *prefixes, FILE *out)
{
	if (!prefixes->given)
		return;
	fprintf(out, "  %s: [", key);
	for (size_t i = 0; i < prefixes->n_items; i++) {
		fputs(i ? ", " : "", out);
		print_prefix(&prefixes->items[i], out);
	}
	fputs("]\n", out);
}

static void print_network(const struct policy *policy, FILE *out)
{
	if (!policy->local.given && !policy->gateway.given && !policy->resolvers.given)
		return;
	fputs("network:\n", out);
	print_prefixes("local", &policy->local, out);
	print_prefixes("gateway", &policy->gateway, out);
	print_prefixes("resolvers", &policy->resolvers, out);
	fputc('\n', out);
}

static void print_unknown(const struct policy *policy, FILE *out)
{
	const char *word = "quarantine";

	if (policy->unknown == POLICY_UNKNOWN_MONITOR)
		word = "monitor";
	else if (policy->unknown == POLICY_UNKNOWN_PROFILE)
		word = policy->profiles[policy->unknown_profile].name;
	fprintf(out, "unknown: %s\n", word);
}

static void print_services(const struct policy_profile *profile, FILE *out)
{
	const char *separator = "";

	fputs("    services: [", out);
	for (unsigned int i = 0; i < POLICY_SERVICE_COUNT; i++) {
		if (!(profile->services & 1u << i))
			continue;
		fprintf(out, "%s%s", separator, policy_service_text((enum policy_service)i));
		separator = ", ";
	}
	fputs("]\n", out);
}

static void print_ethertypes(const struct policy_profile *profile, FILE *out)
{
	const char *separator = "";

	if (!profile->n_ethertypes && !profile->llc)
		return;
	fputs("    ethertypes: [", out);
	for (size_t i = 0; i < profile->n_ethertypes; i++) {
		fprintf(out, "%s0x%04x", separator, profile->ethertypes[i]);
		separator = ", ";
	}
	fprintf(out, "%s%s]\n", profile->llc ? separator : "", profile->llc ? "llc" : "");
}

static void print_deny_names(const struct policy_profile *profile, FILE *out)
{
	if (!profile->n_deny_names)
		return;
	fputs("    deny-names: [", out);
	for (size_t i = 0; i < profile->n_deny_names; i++) {
		const struct policy_name *name = &profile->deny_names[i];

		fprintf(out, "%s%s%s%s", i ? ", " : "", name->wildcard ? "\"*." : "", name->name,
			name->wildcard ? "\"" : "");
	}
	fputs("]\n", out);
}

static void print_limit(const struct policy_limit *limit, FILE *out)
{
	const char *separator = "";

	if (limit->packets.unit == POLICY_RATE_NONE && limit->bits.unit == POLICY_RATE_NONE &&
	    limit->flows.unit == POLICY_RATE_NONE)
		return;
	fputs("    limit: {", out);
	if (limit->packets.unit != POLICY_RATE_NONE) {
		print_rate("packets", &limit->packets, out);
		separator = ", ";
	}
	if (limit->bits.unit != POLICY_RATE_NONE) {
		fputs(separator, out);
		print_rate("bits", &limit->bits, out);
		separator = ", ";
	}
	if (limit->flows.unit != POLICY_RATE_NONE) {
		fputs(separator, out);
		print_rate("flows", &limit->flows, out);
	}
	fputs("}\n", out);
}

static void print_profile(const struct policy *policy, const struct policy_profile *profile, FILE *out)
{
	fprintf(out, "  %s:\n    default: %s\n", profile->name, policy_action_text(profile->default_action));
	print_services(profile, out);
	fprintf(out, "    dns: %s\n", profile->dns_listed ? "listed" : "any");
	print_deny_names(profile, out);
	if (profile->rules.n_items)
		print_rules(policy, "rules", &profile->rules, out);
	if (profile->has_inbound)
		print_rules(policy, "inbound", &profile->inbound, out);
	print_ethertypes(profile, out);
	print_limit(&profile->limit, out);
}

static void print_macs(const struct policy_device *device, FILE *out)
{
	char buf[MAC_TEXT_MAX];

	fputs(device->n_macs > 1 ? "    mac: [" : "    mac: ", out);
	for (size_t i = 0; i < device->n_macs; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", mac_format(&device->macs[i], buf));
	fputs(device->n_macs > 1 ? "]\n" : "\n", out);
}

static void print_addresses(const struct policy_device *device, FILE *out)
{
	if (!device->n_addresses && !device->addresses_dhcp)
		return;
	fprintf(out, "    addresses: [%s", device->addresses_dhcp ? "dhcp" : "");
	for (size_t i = 0; i < device->n_addresses; i++) {
		fputs(i || device->addresses_dhcp ? ", " : "", out);
		print_prefix(&device->addresses[i], out);
	}
	fputs("]\n", out);
}

static void print_device(const struct policy *policy, const struct policy_device *device, FILE *out)
{
	fprintf(out, "  %s:\n", device->name);
	print_macs(device, out);
	fprintf(out, "    profile: %s\n    mode: %s\n", policy->profiles[device->profile].name,
		policy_mode_text(device->mode));
	if (device->n_ports) {
		fputs("    ports: ", out);
		print_strings(device->ports, device->n_ports, out);
	}
	if (device->vlan)
		fprintf(out, "    vlan: %u\n", device->vlan);
	print_addresses(device, out);
	if (device->rules.n_items)
		print_rules(policy, "rules", &device->rules, out);
}

static void print_groups(const struct policy *policy, FILE *out)
{
	if (policy->n_groups)
		fputs("\ngroups:\n", out);
	for (size_t i = 0; i < policy->n_groups; i++) {
		const struct policy_group *group = &policy->groups[i];

		fprintf(out, "  %s: [", group->name);
		for (size_t j = 0; j < group->n_devices; j++)
			fprintf(out, "%s%s", j ? ", " : "", policy->devices[group->devices[j]].name);
		fputs("]\n", out);
	}
}

static void print_lists(const struct policy *policy, FILE *out)
{
	if (policy->n_lists)
		fputs("\nlists:\n", out);
	for (size_t i = 0; i < policy->n_lists; i++) {
		fprintf(out, "  %s: {file: ", policy->lists[i].name);
		print_text(policy->lists[i].file, out);
		fputs("}\n", out);
	}
}

static void print_span(const struct policy_span *span, FILE *out)
{
	static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	const char *separator = "";

	fputc('"', out);
	for (unsigned int day = 0; day < 7; day++) {
		if (!(span->days & 1u << day))
			continue;
		fprintf(out, "%s%s", separator, words[day]);
		separator = ",";
	}
	fprintf(out, " %02d:%02d-%02d:%02d\"", span->start_min / 60, span->start_min % 60, span->end_min / 60,
		span->end_min % 60);
}

static void print_schedules(const struct policy *policy, FILE *out)
{
	if (policy->n_schedules)
		fputs("\nschedules:\n", out);
	for (size_t i = 0; i < policy->n_schedules; i++) {
		const struct policy_schedule *schedule = &policy->schedules[i];

		fprintf(out, "  %s: [", schedule->name);
		for (size_t j = 0; j < schedule->n_spans; j++) {
			fputs(j ? ", " : "", out);
			print_span(&schedule->spans[j], out);
		}
		fputs("]\n", out);
	}
}

void policy_print(const struct policy *policy, FILE *out)
{
	print_attach(policy, out);
	print_network(policy, out);
	print_unknown(policy, out);
	if (policy->n_profiles)
		fputs("\nprofiles:\n", out);
	for (size_t i = 0; i < policy->n_profiles; i++)
		print_profile(policy, &policy->profiles[i], out);
	if (policy->n_devices)
		fputs("\ndevices:\n", out);
	for (size_t i = 0; i < policy->n_devices; i++)
		print_device(policy, &policy->devices[i], out);
	print_groups(policy, out);
	print_lists(policy, out);
	print_schedules(policy, out);
}
