// SPDX-License-Identifier: GPL-2.0-only
/*
 * check_programs.c - who gets frames on a port before our programs do? See checks.h.
 *
 * Whether a program of others redirects frames its code says, which nobody here reads: it is named, and left to whoever knows it.
 */
#include "checks.h"

static const char *side(bool egress)
{
	return egress ? "to" : "from";
}

static void tell_program(struct findings *findings, const struct survey_port *port, const struct ahead *ahead)
{
	static const char *const kinds[] = {
		[AHEAD_XDP] = "the XDP program",
		[AHEAD_DISPATCHER] = "below the same XDP dispatcher, the program",
		[AHEAD_TCX] = "the TCX program",
	};
	struct finding *finding = findings_add(findings, WAY_programs, SEVERITY_WARNING);
	char word[FINDING_WORD_MAX];

	finding_about(finding, "%s", port->link->name);
	finding_seen(
		finding,
		"%s: %s %s (id %u) gets frames %s devices before ours: what it redirects or answers, nobody judges",
		port->link->name, kinds[ahead->place], ahead->name, ahead->id, side(ahead->egress));
	finding_close(finding, "make sure that it only passes and drops (bpftool net show dev %s), else take it off",
		      finding_word(port->link->name, word));
	if (ahead->place == AHEAD_XDP)
		finding_command(finding, "ip link set dev %s xdp off", finding_word(port->link->name, word));
}

static void close_filter(struct finding *finding, const struct survey_port *port, const struct filter *filter,
			 bool egress)
{
	char word[FINDING_WORD_MAX];

	finding_command(finding, "tc filter del dev %s %s pref %u handle %#x %s", finding_word(port->link->name, word),
			egress ? "egress" : "ingress", filter->priority, filter->handle, filter->kind);
}

/* Filters stand in the order in which they judge; they are before ours only if ours is one of them. */
static void check_side(struct findings *findings, const struct survey_port *port, bool egress)
{
	const struct filters *filters = egress ? &port->to : &port->from;
	const uint32_t own = egress ? port->hooks.to_id : port->hooks.from_id;

	if ((egress ? port->hooks.to : port->hooks.from) != HOOK_CLSACT)
		return;
	for (size_t i = 0; i < filters->n && filters->items[i].prog_id != own; i++) {
		const struct filter *filter = &filters->items[i];
		struct finding *finding = findings_add(findings, WAY_programs, SEVERITY_WARNING);

		finding_about(finding, "%s", port->link->name);
		finding_seen(
			finding,
			"%s: a filter of kind %s (priority %u%s%s) gets frames %s devices before ours: what it redirects or "
			"accepts, nobody judges",
			port->link->name, filter->kind, filter->priority, *filter->name ? ", " : "", filter->name,
			side(egress));
		finding_close(finding, "take it away, or add it anew with a higher number as priority");
		close_filter(finding, port, filter, egress);
	}
}

void check_programs(const struct survey *survey, struct findings *findings)
{
	for (size_t i = 0; i < survey->n_ports; i++) {
		const struct survey_port *port = &survey->ports[i];

		if (port->role != SURVEY_INSIDE)
			continue;
		for (size_t j = 0; j < port->n_ahead; j++)
			tell_program(findings, port, &port->ahead[j]);
		check_side(findings, port, false);
		check_side(findings, port, true);
	}
}

static void check_hardware(struct findings *findings, const struct survey_port *port, bool egress)
{
	const struct filters *filters = egress ? &port->to : &port->from;

	for (size_t i = 0; i < filters->n; i++) {
		const struct filter *filter = &filters->items[i];
		struct finding *finding;

		if (!filter->hardware)
			continue;
		finding = findings_add(findings, WAY_hardware_filters, SEVERITY_WARNING);
		finding_about(finding, "%s", port->link->name);
		finding_seen(
			finding,
			"%s: its hardware runs a filter of kind %s (priority %u): a frame that it redirects never gets to "
			"this machine's programs",
			port->link->name, filter->kind, filter->priority);
		finding_close(finding, "take it away, or add it anew with skip_hw");
		close_filter(finding, port, filter, egress);
	}
}

void check_hardware_filters(const struct survey *survey, struct findings *findings)
{
	for (size_t i = 0; i < survey->n_ports; i++) {
		if (survey->ports[i].role != SURVEY_INSIDE)
			continue;
		check_hardware(findings, &survey->ports[i], false);
		check_hardware(findings, &survey->ports[i], true);
	}
}
