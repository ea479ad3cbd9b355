// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_fence.c - does the fence stand, on every port, and will it go on? See checks.h.
 */
#include <errno.h>

#include "checks.h"

static bool is_attached(const struct survey *survey)
{
	for (size_t i = 0; i < survey->n_ports; i++)
		if (survey_has_programs(&survey->ports[i]))
			return true;
	return false;
}

static void start_daemon(const struct survey *survey, struct finding *finding)
{
	char path[FINDING_WORD_MAX];

	switch (survey->init) {
	case SURVEY_INIT_SYSTEMD:
		finding_command(finding, "systemctl enable --now ringfence");
		break;
	case SURVEY_INIT_OPENWRT:
		finding_command(finding, "/etc/init.d/ringfence enable && /etc/init.d/ringfence start");
		break;
	case SURVEY_INIT_OTHER:
	default:
		finding_command(finding, "ringfenced -c %s",
				finding_word(survey->policy_path ?: POLICY_FILE_DEFAULT, path));
	}
}

void check_fence(const struct survey *survey, struct findings *findings)
{
	const bool attached = is_attached(survey);
	struct finding *finding;

	if (!attached) {
		finding = findings_add(findings, WAY_fence, SEVERITY_OPEN);
		finding_seen(finding, "no program of ours is attached to any port: devices reach whatever they like");
		finding_close(finding, "start ringfenced with a policy");
		start_daemon(survey, finding);
	} else if (survey->pins) {
		finding = findings_add(findings, WAY_fence, SEVERITY_WARNING);
		finding_seen(finding, "programs are attached, but their maps in %s cannot be read: %s", survey->pin_dir,
			     survey->pins == -ENOENT ? "nothing is pinned there" : survey->pins_text);
		finding_close(finding, "say with --pin-dir where they are; else start ringfenced of this version anew");
	}
}

void check_policy_file(const struct survey *survey, struct findings *findings)
{
	struct finding *finding;

	if (!survey->policy) {
		finding = findings_add(findings, WAY_policy_file, SEVERITY_UNKNOWN);
		finding_seen(
			finding,
			"which policy is in force is not known, or it cannot be read: nothing that depends on its rules "
			"was looked at");
		finding_close(finding, "start ringfenced, which knows, or give --policy FILE");
	} else if (survey->policy_changed) {
		finding = findings_add(findings, WAY_policy_file, SEVERITY_WARNING);
		finding_about(finding, "%s", survey->policy_path);
		finding_seen(finding, "%s is not what is in force: what is said here of rules is what it says now",
			     survey->policy_path);
		finding_close(finding, "put it in force");
		finding_command(finding, "ringfence reload");
	}
}

/* ---- ports -------------------------------------------------------------------------------------------------------- */

static void no_ports(const struct survey *survey, struct findings *findings)
{
	struct finding *finding = findings_add(findings, WAY_ports, SEVERITY_UNKNOWN);

	if (survey->policy && survey->policy->bridge)
		finding_seen(finding, "there is no port to be policed: the bridge %s is not there, or has none",
			     survey->policy->bridge);
	else if (survey->policy)
		finding_seen(finding, "there is no port to be policed: none that `attach` names is there");
	else
		finding_seen(finding, "which ports are to be policed is not known");
	finding_close(finding, "give --policy FILE with an `attach` that names a bridge or ports of this machine");
}

/* How a port may be: both sides, one side, or without programs of ours. */
enum state { WHOLE, HALF, BARE };

static enum state state_of(const struct survey_port *port)
{
	if (!survey_has_programs(port))
		return BARE;
	return port->hooks.from != HOOK_NONE && port->hooks.to != HOOK_NONE ? WHOLE : HALF;
}

/* Ports in this state and role, as one finding; NULL: there is none. */
static struct finding *list_ports(const struct survey *survey, struct findings *findings, enum survey_role role,
				  enum state state, enum severity severity)
{
	struct finding *finding = NULL;

	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];

		if (port->role != role || state_of(port) != state)
			continue;
		if (!finding)
			finding = findings_add(findings, WAY_ports, severity);
		finding_about(finding, "%s", port->link->name);
	}
	return finding;
}

static void close_port(const struct survey *survey, struct finding *finding)
{
	char word[FINDING_WORD_MAX];

	finding_close(
		finding,
		"(re)start ringfenced, which attaches to it, or name it in `attach.uplinks` if it leads to the router; "
		"until then take it out of the bridge");
	if (is_attached(survey) && finding->count == 1)
		finding_command(finding, "ip link set dev %s nomaster", finding_word(finding->about[0], word));
}

void check_ports(const struct survey *survey, struct findings *findings)
{
	char names[FINDING_NAMES_MAX];
	struct finding *finding;

	if (!survey->n_ports) {
		no_ports(survey, findings);
		return;
	}
	finding = list_ports(survey, findings, SURVEY_INSIDE, BARE, SEVERITY_OPEN);
	if (finding) {
		finding_seen(finding, "%s: nobody judges what comes from devices there, nor what goes to them",
			     finding_names(finding, names));
		close_port(survey, finding);
	}
	finding = list_ports(survey, findings, SURVEY_INSIDE, HALF, SEVERITY_OPEN);
	if (finding) {
		finding_seen(finding, "%s: one direction is judged, the other is not", finding_names(finding, names));
		close_port(survey, finding);
	}
	finding = list_ports(survey, findings, SURVEY_UNCLEAR, BARE, SEVERITY_WARNING);
	if (finding) {
		finding_seen(finding, "%s: without programs; whether it is an uplink, only a policy says",
			     finding_names(finding, names));
		finding_close(finding, "start ringfenced, or give --policy FILE");
	}
}

/* ---- the daemon --------------------------------------------------------------------------------------------------- */

void check_service(const struct survey *survey, struct findings *findings)
{
	struct finding *finding;

	if (survey->daemon)
		return;
	finding = findings_add(findings, WAY_service, SEVERITY_WARNING);
	finding_seen(finding, "ringfenced does not answer%s",
		     is_attached(survey)
			     ? ". What is attached is enforced without it, but a port that joins the bridge is "
			       "not policed, what the packet programs cannot read (DNS over TCP) opens nothing, "
			       "and programs that somebody takes away are not put back"
			     : "");
	finding_close(finding, "start it");
	start_daemon(survey, finding);
}

void check_boot(const struct survey *survey, struct findings *findings)
{
	struct finding *finding;

	if (survey->init == SURVEY_INIT_OTHER) {
		finding = findings_add(findings, WAY_boot, SEVERITY_ADVICE);
		finding_seen(finding,
			     "neither systemd nor OpenWrt runs here: whether ringfenced starts with the machine "
			     "cannot be seen");
		finding_close(finding, "have it started before the network, with --wait");
	} else if (!survey->enabled) {
		finding = findings_add(findings, WAY_boot, SEVERITY_WARNING);
		finding_seen(finding,
			     "the service ringfence is not enabled: with the next start of the machine there is no "
			     "fence");
		finding_close(finding, "enable it; it starts before the network");
		finding_command(finding, survey->init == SURVEY_INIT_SYSTEMD ? "systemctl enable ringfence"
									     : "/etc/init.d/ringfence enable");
	}
}
