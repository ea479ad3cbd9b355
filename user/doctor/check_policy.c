// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_policy.c - what does the policy leave open by its profiles, modes and devices? See checks.h.
 */
#include "checks.h"
#include "rules.h"

/* ---- whoever comes ------------------------------------------------------------------------------------------------ */

void check_unknown(const struct survey *survey, struct findings *findings)
{
	const struct policy *policy = survey->policy;
	const struct policy_profile *profile = NULL;
	struct finding *finding;
	bool free;

	if (policy->unknown == POLICY_UNKNOWN_QUARANTINE)
		return;
	if (policy->unknown == POLICY_UNKNOWN_PROFILE)
		profile = &policy->profiles[policy->unknown_profile];
	free = !profile || profile->default_action == POLICY_ALLOW;
	finding = findings_add(findings, WAY_unknown, free ? SEVERITY_OPEN : SEVERITY_WARNING);
	if (profile)
		finding_about(finding, "%s", profile->name);
	finding_seen(finding, "`unknown: %s': %s, and every device can have a new MAC address",
		     profile ? profile->name : "monitor",
		     free ? "a MAC address that no device claims may do anything that is not denied"
			  : "a MAC address that no device claims has the rights of this profile");
	finding_close(finding, "`unknown: quarantine', and name the devices that are to have more");
}

/* ---- devices ------------------------------------------------------------------------------------------------------ */

static struct finding *find_devices(const struct survey *survey, struct findings *findings, enum way way,
				    enum severity severity,
				    bool (*takes)(const struct policy *policy, const struct policy_device *device))
{
	struct finding *finding = NULL;

	for (size_t i = 0; i < survey->policy->n_devices; i++) {
		const struct policy_device *device = &survey->policy->devices[i];

		if (!takes(survey->policy, device))
			continue;
		if (!finding)
			finding = findings_add(findings, way, severity);
		finding_about(finding, "%s", device->name);
	}
	return finding;
}

static bool is_free(const struct policy *policy, const struct policy_device *device)
{
	(void)policy;
	return device->mode == POLICY_MODE_OFF || device->mode == POLICY_MODE_MONITOR;
}

void check_modes(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_devices(survey, findings, WAY_modes, SEVERITY_WARNING, is_free);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: in mode off or monitor, which drop nothing", finding_names(finding, names));
	finding_close(finding, "`mode: enforce', when `would-drop' in ringfence stats shows no more than it should");
}

/* One whose identity is worth to be taken: it may do what no rule names. */
static bool is_worth_cloning(const struct policy *policy, const struct policy_device *device)
{
	return !device->n_ports && device->mode != POLICY_MODE_QUARANTINE &&
	       (is_free(policy, device) || policy->profiles[device->profile].default_action == POLICY_ALLOW);
}

void check_clones(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_devices(survey, findings, WAY_clones, SEVERITY_ADVICE, is_worth_cloning);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding,
		     "%s: bound to no port, and free to go anywhere: whoever sends with the MAC address is, too",
		     finding_names(finding, names));
	finding_close(finding, "`ports:' for what is wired; 802.1X or a WPA key for each device where it is not");
}

static bool has_no_address(const struct policy *policy, const struct policy_device *device)
{
	(void)policy;
	return !device->n_addresses && !device->addresses_dhcp;
}

void check_addresses(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_devices(survey, findings, WAY_addresses, SEVERITY_ADVICE, has_no_address);

	if (!finding)
		return;
	finding_seen(finding,
		     "%zu of %zu devices have no `addresses:': they may claim another's by ARP or neighbour discovery",
		     finding->count, survey->policy->n_devices);
	finding_close(finding, "`addresses:' for each, with reservations in the DHCP server");
}

/* .15, .31 ... .239: the last address of some network of 16. */
static bool is_like_broadcast(const struct prefix *prefix)
{
	return prefix->len == ADDR_BITS && prefix_is_v4(prefix) && (prefix->addr.bytes[ADDR_BYTES - 1] & 0x0f) == 0x0f;
}

static bool has_broadcast_address(const struct policy *policy, const struct policy_device *device)
{
	(void)policy;
	for (size_t i = 0; i < device->n_addresses; i++)
		if (is_like_broadcast(&device->addresses[i]))
			return true;
	return false;
}

void check_broadcast(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_devices(survey, findings, WAY_broadcast, SEVERITY_ADVICE, has_broadcast_address);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding,
		     "%s: its address ends in four ones, so a packet to it in a frame to all passes its `inbound'",
		     finding_names(finding, names));
	finding_close(finding, "another address, or `deny' rules for those who may not reach it");
}

/* ---- profiles ----------------------------------------------------------------------------------------------------- */

struct search {
	struct findings *findings;
	enum way way;
	bool (*takes)(const struct policy_profile *profile);
	struct finding *finding;
};

static void search_profile(const struct policy *policy, const struct policy_profile *profile, void *context)
{
	struct search *search = context;

	(void)policy;
	if (!search->takes(profile))
		return;
	if (!search->finding)
		search->finding = findings_add(search->findings, search->way, SEVERITY_ADVICE);
	finding_about(search->finding, "%s", profile->name);
}

/* Profiles that the predicate takes, with what is said of them: "%s" in seen is their names. */
static void check_profiles(const struct survey *survey, struct findings *findings, enum way way,
			   bool (*takes)(const struct policy_profile *profile), const char *const text[2])
{
	struct search search = {findings, way, takes, NULL};
	char names[FINDING_NAMES_MAX];

	profiles_each(survey->policy, search_profile, &search);
	if (!search.finding)
		return;
	finding_seen(search.finding, "%s: %s", finding_names(search.finding, names), text[0]);
	finding_close(search.finding, "%s", text[1]);
}

static bool has_service(const struct policy_profile *profile, enum policy_service service)
{
	return profile->services & 1U << service;
}

static bool allows_by_default(const struct policy_profile *profile)
{
	return profile->default_action == POLICY_ALLOW;
}

void check_default_allow(const struct survey *survey, struct findings *findings)
{
	static const char *const text[] = {"`default: allow', so that only what a rule names is stopped",
					   "`default: deny' for whatever is not a person's own computer"};

	check_profiles(survey, findings, WAY_default_allow, allows_by_default, text);
}

/* `deny' is all that counts: where all is allowed, names are the least of it. */
static bool asks_any_name(const struct policy_profile *profile)
{
	return has_service(profile, POLICY_SERVICE_DNS) && !profile->dns_listed && !allows_by_default(profile);
}

void check_any_names(const struct survey *survey, struct findings *findings)
{
	static const char *const text[] = {"may ask for any name: labels carry data out through the resolver",
					   "`dns: listed' for what needs only the names of its rules"};

	check_profiles(survey, findings, WAY_any_names, asks_any_name, text);
}

static bool has_ntp(const struct policy_profile *profile)
{
	return has_service(profile, POLICY_SERVICE_NTP) && !allows_by_default(profile);
}

void check_ntp(const struct survey *survey, struct findings *findings)
{
	static const char *const text[] = {
		"the service ntp reaches UDP port 123 of any host",
		"leave it out, and allow the router's own time server or named ones by rules"};

	check_profiles(survey, findings, WAY_ntp, has_ntp, text);
}

static bool has_mdns(const struct policy_profile *profile)
{
	return has_service(profile, POLICY_SERVICE_MDNS) && !allows_by_default(profile);
}

void check_mdns(const struct survey *survey, struct findings *findings)
{
	static const char *const text[] = {
		"with the service mdns, UDP from port 5353 reaches hosts at home on any port",
		"only where it is needed; the `inbound' of those who have not got it stops it"};

	check_profiles(survey, findings, WAY_mdns, has_mdns, text);
}

static bool has_llc(const struct policy_profile *profile)
{
	return profile->llc;
}

void check_llc(const struct survey *survey, struct findings *findings)
{
	static const char *const text[] = {
		"`ethertypes' lists llc: all of 802.3, and what other organisations' SNAP carries",
		"single ethertypes where the protocol has one"};

	check_profiles(survey, findings, WAY_llc, has_llc, text);
}
