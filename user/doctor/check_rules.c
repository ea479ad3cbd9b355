// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_rules.c - which rules of the policy allow more than they look? See checks.h.
 */
#include <netinet/in.h>

#include "checks.h"
#include "rules.h"

#define HTTPS 443

/* Rules that a predicate takes, as one finding. */
struct search {
	const struct survey *survey;
	struct findings *findings;
	enum way way;
	bool (*takes)(const struct policy *policy, const struct rules_place *place);
	struct finding *finding;
};

static bool search_rule(const struct rules_place *place, void *context)
{
	struct search *search = context;
	const struct policy *policy = search->survey->policy;

	if (!search->takes(policy, place))
		return true;
	if (!search->finding)
		search->finding = findings_add(search->findings, search->way, SEVERITY_ADVICE);
	finding_about(search->finding, "%s:%u", policy->file, place->rule->pos.line);
	return true;
}

/* NULL: no rule is taken. */
static struct finding *find_rules(const struct survey *survey, struct findings *findings, enum way way,
				  bool (*takes)(const struct policy *policy, const struct rules_place *place))
{
	struct search search = {survey, findings, way, takes, NULL};

	rules_each(survey->policy, search_rule, &search);
	return search.finding;
}

static bool goes_anywhere(const struct policy_rule *rule)
{
	return rule->action == POLICY_ALLOW &&
	       (rule_has(rule, POLICY_DEST_ANY) || rule_has(rule, POLICY_DEST_INTERNET));
}

static bool is_wide(const struct policy *policy, const struct rules_place *place)
{
	(void)policy;
	return goes_anywhere(place->rule) && !place->rule->n_ports &&
	       (!place->rule->n_protos || rule_has_proto(place->rule, IPPROTO_TCP) ||
		rule_has_proto(place->rule, IPPROTO_UDP));
}

void check_wide_rules(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_wide_rules, is_wide);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: any host on the Internet, on any port: any relay, any VPN",
		     finding_names(finding, names));
	finding_close(
		finding,
		"say which names, protocols and ports it needs: `ringfence events' and `ringfence names' show them");
}

static bool is_web(const struct policy *policy, const struct rules_place *place)
{
	(void)policy;
	return goes_anywhere(place->rule) && rule_has_port(place->rule, HTTPS);
}

void check_web(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_web, is_web);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: port 443 of any host: DNS over HTTPS, relays and VPNs look like any web page",
		     finding_names(finding, names));
	finding_close(finding, "allow names in place of `internet' or `any'");
}

static bool is_wildcard(const struct policy *policy, const struct rules_place *place)
{
	(void)policy;
	return place->rule->action == POLICY_ALLOW && rule_has(place->rule, POLICY_DEST_WILDCARD);
}

void check_wildcards(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_wildcards, is_wildcard);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: any label below the zone is listed, so data in labels reaches its servers",
		     finding_names(finding, names));
	finding_close(finding, "single names where the zone has customers of its own (content networks, dynamic DNS)");
}

static bool is_by_name(const struct policy_rule *rule)
{
	return rule->action == POLICY_ALLOW &&
	       (rule_has(rule, POLICY_DEST_NAME) || rule_has(rule, POLICY_DEST_WILDCARD));
}

/* What is local is denied before, whatever it is: then an answer with an address at home opens nothing. */
static bool is_unguarded(const struct policy *policy, const struct rules_place *place)
{
	(void)policy;
	if (!is_by_name(place->rule))
		return false;
	for (size_t i = 0; i < place->at; i++) {
		const struct policy_rule *before = &place->rules->items[i];

		if (before->action != POLICY_ALLOW && !before->n_protos && !before->n_ports &&
		    (rule_has(before, POLICY_DEST_LOCAL) || rule_has(before, POLICY_DEST_ANY)))
			return false;
	}
	return true;
}

void check_name_owner(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_name_owner, is_unguarded);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding,
		     "%s: who answers for the name may give an address at home, and it is open for the rule's ports",
		     finding_names(finding, names));
	finding_close(finding, "put {deny: local} before it, behind what is allowed at home");
}

static bool takes_name(const struct policy *policy, const struct rules_place *place)
{
	(void)policy;
	return is_by_name(place->rule);
}

void check_shared(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_shared, takes_name);

	if (!finding)
		return;
	finding_seen(finding,
		     "%zu rules allow by name. An address of a content network serves others' sites as well, and which "
		     "one is inside of TLS",
		     finding->count);
	finding_close(finding,
		      "prefer names that have addresses of their own; `ringfence names' shows what was learned");
}

/* 64:ff9b::/96: by NAT64 an IPv6 address for every IPv4 one (RFC 6052). */
static bool denies_embedded(const struct policy_rule *rule)
{
	static const struct addr nat64 = {{0x00, 0x64, 0xff, 0x9b, [12] = 203, 0, 113, 1}};

	if (rule->action == POLICY_ALLOW)
		return false;
	for (size_t i = 0; i < rule->n_dests; i++)
		if (rule->dests[i].kind == POLICY_DEST_PREFIX && prefix_contains(&rule->dests[i].prefix, &nat64))
			return true;
	return false;
}

static bool denies_v4(const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_dests && rule->action != POLICY_ALLOW; i++)
		if (rule->dests[i].kind == POLICY_DEST_PREFIX && prefix_is_v4(&rule->dests[i].prefix))
			return true;
	return false;
}

/* A rule for the whole Internet behind one that denies IPv4 addresses of it, and none for their IPv6 form. */
static bool opens_embedded(const struct policy *policy, const struct rules_place *place)
{
	bool v4 = false, embedded = false;

	(void)policy;
	if (!goes_anywhere(place->rule))
		return false;
	for (size_t i = 0; i < place->at; i++) {
		v4 |= denies_v4(&place->rules->items[i]);
		embedded |= denies_embedded(&place->rules->items[i]);
	}
	return v4 && !embedded;
}

void check_embedded(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_embedded, opens_embedded);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding,
		     "%s: IPv4 addresses that are denied before it have an IPv6 form where NAT64 or 6to4 is offered",
		     finding_names(finding, names));
	finding_close(finding, "{deny: [64:ff9b::/96, 2002::/16]} before it");
}

static bool is_ping(const struct policy *policy, const struct rules_place *place)
{
	const struct policy_rule *rule = place->rule;

	(void)policy;
	return rule->action == POLICY_ALLOW && !rule_has(rule, POLICY_DEST_LOCAL) &&
	       (rule_has_proto(rule, IPPROTO_ICMP) || rule_has_proto(rule, IPPROTO_ICMPV6));
}

void check_ping(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_ping, is_ping);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: pings carry data, which is not read", finding_names(finding, names));
	finding_close(finding, "allow ICMP to no host outside; errors that belong to connections pass without a rule");
}

static bool is_between(const struct policy *policy, const struct rules_place *place)
{
	const struct policy_rule *rule = place->rule;

	(void)policy;
	return rule->action == POLICY_ALLOW && (rule_has(rule, POLICY_DEST_DEVICE) ||
						rule_has(rule, POLICY_DEST_GROUP) || rule_has(rule, POLICY_DEST_LOCAL));
}

void check_between(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = find_rules(survey, findings, WAY_between, is_between);
	char names[FINDING_NAMES_MAX];

	if (!finding)
		return;
	finding_seen(finding, "%s: a device that may be reached can carry on, under its own address, what it is told",
		     finding_names(finding, names));
	finding_close(finding,
		      "such rules only where they are needed, and narrow ones for devices that others may reach");
}
