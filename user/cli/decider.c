// SPDX-License-Identifier: GPL-2.0-only
/*
 * decider.c - see decider.h.
 */
#include "decider.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void put_services(const struct policy_profile *profile, const char *service, FILE *out, uint32_t *line)
{
	*line = profile->services_pos.line;
	fprintf(out, "services: %s%s", service, *line ? "" : ", by default");
}

static void put_default(const struct policy_profile *profile, FILE *out, uint32_t *line)
{
	*line = profile->default_pos.line;
	fprintf(out, "default: %s", policy_action_text(profile->default_action));
}

static void put_inbound(const struct policy_profile *profile, FILE *out, uint32_t *line)
{
	*line = profile->has_inbound ? profile->pos.line : 0;
	if (profile->has_inbound)
		fprintf(out, "inbound of profile %s: none of its rules matches", profile->name);
	else
		fputs("inbound: [{allow: local}], by default", out);
}

static void put_identity(const struct policy_device *device, enum rf_reason reason, FILE *out, uint32_t *line)
{
	*line = device->pos.line;
	fprintf(out, "%s of device %s",
		reason == RF_REASON_WRONG_PORT	 ? "ports"
		: reason == RF_REASON_WRONG_VLAN ? "vlan"
						 : "addresses",
		device->name);
}

/* What is behind a reason that no rule of the file gives. */
static void put_reason(const struct policy_file *file, const struct judge_verdict *verdict, enum rf_reason reason,
		       FILE *out, uint32_t *line)
{
	const struct policy_device *device = verdict->device;
	const struct policy_profile *profile = &file->policy->profiles[device->profile];
	uint32_t id = verdict->result.rule;
	const struct ruleset_rule *rule = id < file->ruleset->n_rules ? &file->ruleset->rules[id] : NULL;

	switch ((unsigned int)reason) {
	case RF_REASON_SERVICE:
		put_services(profile, rule && rule->service ? rule->service : "?", out, line);
		break;
	case RF_REASON_DEFAULT_DENY:
	case RF_REASON_DEFAULT_ALLOW:
	case RF_REASON_UNTRUSTED_RESOLVER:
		put_default(profile, out, line);
		break;
	case RF_REASON_INBOUND:
	case RF_REASON_INBOUND_DENY:
		put_inbound(profile, out, line);
		break;
	case RF_REASON_WRONG_PORT:
	case RF_REASON_WRONG_VLAN:
	case RF_REASON_SPOOFED_SOURCE:
		put_identity(device, reason, out, line);
		break;
	case RF_REASON_MODE_OFF:
	case RF_REASON_QUARANTINED:
		*line = device->pos.line;
		fprintf(out, "mode: %s", policy_mode_text(device->mode));
		break;
	default:
		break;
	}
}

static void put_unknown(const struct policy *policy, FILE *out)
{
	switch (policy->unknown) {
	case POLICY_UNKNOWN_QUARANTINE:
		fputs("unknown: quarantine", out);
		break;
	case POLICY_UNKNOWN_MONITOR:
		fputs("unknown: monitor", out);
		break;
	case POLICY_UNKNOWN_PROFILE:
		fprintf(out, "unknown: %s", policy->profiles[policy->unknown_profile].name);
		break;
	}
}

int decider_find(const struct policy_file *file, const struct judge_verdict *verdict, const struct policy_rule *rule,
		 struct decider *ret_decider)
{
	enum rf_reason reason = verdict->result.reason;
	char *text = NULL;
	uint32_t line = 0;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	if (reason == RF_REASON_WOULD_DROP)
		reason = verdict->result.would;
	if (rule) {
		line = rule->pos.line;
		policy_print_rule(file->policy, rule, out);
	} else if (verdict->device) {
		put_reason(file, verdict, reason, out, &line);
	} else {
		put_unknown(file->policy, out);
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	if (!len) {
		free(text);
		text = NULL;
	}
	*ret_decider = (struct decider){.line = line, .text = text};
	return 0;
}
