// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach.c - which hooks a port gets, and why. See datapath.h.
 *
 * Each direction has a list of hooks to try, best first; the first that the kernel takes and then shows is the port's. A port
 * with one direction only would be a fence with a hole, so such a port gets none.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nic.h"
#include "state.h"

#define HOOKS_TRIED_MAX 3

struct choice {
	enum hook hook[HOOKS_TRIED_MAX];
	int n;
};

static void say(char text[REPORT_WHY_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sentences are joined by "; ". */
static void say(char text[REPORT_WHY_MAX], const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	if (len)
		len += (size_t)snprintf(text + len, REPORT_WHY_MAX - len, "; ");
	if (len >= REPORT_WHY_MAX)
		return;
	va_start(args, format);
	vsnprintf(text + len, REPORT_WHY_MAX - len, format, args);
	va_end(args);
}

static void choice_add(struct choice *choice, enum hook hook)
{
	choice->hook[choice->n++] = hook;
}

static void choose_auto(const struct datapath_port *port, const struct nic *nic, const struct hooks *have,
			struct choice *choice, char why[REPORT_WHY_MAX])
{
	char owner[HOOK_PROG_NAME_MAX];

	if (!nic->physical) {
		say(why, "no hardware behind it (%s), where TC is faster than XDP", nic->driver);
	} else if (port->vlan) {
		say(why, "the policy has VLANs, whose tags XDP does not see");
	} else if (have->foreign_xdp) {
		hooks_prog_name(have->foreign_xdp, owner);
		say(why, "XDP is taken by program %s (id %u) of somebody else", owner, have->foreign_xdp);
	} else {
		say(why, "hardware (%s)", nic->driver);
		choice_add(choice, HOOK_XDP_NATIVE);
	}
	choice_add(choice, HOOK_TCX);
	choice_add(choice, HOOK_CLSACT);
}

static void choose(const struct datapath_port *port, const struct nic *nic, const struct hooks *have,
		   struct choice *choice, char why[REPORT_WHY_MAX])
{
	if (port->vlan && (port->hook == POLICY_HOOK_XDP_NATIVE || port->hook == POLICY_HOOK_XDP_GENERIC)) {
		say(why, "the policy asks for %s, but it has VLANs, whose tags XDP does not see",
		    policy_hook_text(port->hook));
		choice_add(choice, HOOK_TCX);
		choice_add(choice, HOOK_CLSACT);
		return;
	}
	switch (port->hook) {
	case POLICY_HOOK_AUTO:
		choose_auto(port, nic, have, choice, why);
		break;
	case POLICY_HOOK_XDP_NATIVE:
		say(why, "the policy asks for xdp-native");
		choice_add(choice, have->foreign_xdp ? HOOK_XDP_SHARED : HOOK_XDP_NATIVE);
		break;
	case POLICY_HOOK_XDP_GENERIC:
		say(why, "the policy asks for xdp-generic");
		choice_add(choice, have->foreign_xdp ? HOOK_XDP_SHARED : HOOK_XDP_GENERIC);
		break;
	case POLICY_HOOK_TC:
		say(why, "the policy asks for tc");
		choice_add(choice, HOOK_TCX);
		choice_add(choice, HOOK_CLSACT);
		break;
	}
}

/* Is it TC whatever stands at the port's XDP? */
static bool is_at_tc(const struct datapath_port *port, const struct nic *nic)
{
	return port->vlan || port->hook == POLICY_HOOK_TC || (port->hook == POLICY_HOOK_AUTO && !nic->physical);
}

/*
 * What polices the port now, as far as it matters. A port that joined while it was up forwards until a program stands there: what is asked of XDP is
 * answered with all interfaces of the machine, milliseconds where there are hundreds.
 */
static void read_before(const struct datapath *datapath, const struct datapath_port *port, const struct nic *nic,
			struct hooks *ret_have)
{
	char path[STATE_PATH_MAX];

	if (!is_at_tc(port, nic)) {
		hooks_read(port->ifindex, &datapath->own, ret_have);
		return;
	}
	pins_link_path(datapath->pin_dir, port->ifindex, "from", path);
	hooks_read_tc(port->ifindex, &datapath->own, ret_have);
	if (ret_have->from == HOOK_NONE && access(path, F_OK) == 0)
		hooks_read(port->ifindex, &datapath->own, ret_have);
}

static const char *refusal(enum hook hook, int err)
{
	if (err == -EBUSY || err == -EEXIST)
		return "somebody else's program is there";
	if (hook == HOOK_TCX && err == -EINVAL)
		return "not in this kernel (Linux 6.6)";
	if (hook == HOOK_XDP_NATIVE && (err == -EOPNOTSUPP || err == -EINVAL))
		return "not supported by the driver";
	return strerror(-err);
}

static int try_hook(struct datapath *datapath, const struct datapath_port *port, enum hook hook, bool egress)
{
	const enum datapath_prog prog = egress						      ? DATAPATH_TC_TO
					: hook == HOOK_XDP_NATIVE || hook == HOOK_XDP_GENERIC ? DATAPATH_XDP_FROM
											      : DATAPATH_TC_FROM;
	struct link_request request = {
		.pin_dir = datapath->pin_dir,
		.ifindex = port->ifindex,
		.hook = hook,
		.egress = egress,
		.prog_fd = datapath->prog_fd[prog],
		.own = &datapath->own,
	};

	if (hook == HOOK_XDP_SHARED) {
		const int err = shared_attach(datapath, port);

		/* What was at TC until now would judge and count a second time. */
		if (!err)
			link_detach(datapath->pin_dir, port->ifindex, false, &datapath->own);
		return err;
	}
	if (prog == DATAPATH_XDP_FROM) {
		const int err = load_xdp(datapath);

		if (err)
			return err;
		request.prog_fd = datapath->prog_fd[prog];
	}
	return link_attach(&request);
}

/* Try in order. 0, or the last error with all refusals in report->error. */
static int try_all(struct datapath *datapath, const struct datapath_port *port, const struct choice *choice,
		   bool egress, struct report_port *report)
{
	char refused[REPORT_WHY_MAX] = "";
	int err = -EOPNOTSUPP;

	for (int i = 0; i < choice->n; i++) {
		err = try_hook(datapath, port, choice->hook[i], egress);
		if (!err) {
			if (!egress && choice->hook[i] != HOOK_XDP_SHARED)
				shared_detach(port->ifindex);
			if (refused[0] && !egress)
				say(report->why, "%s", refused);
			return 0;
		}
		say(refused, "%s: %s", hook_text(choice->hook[i]), refusal(choice->hook[i], err));
	}
	say(report->error, "%s not policed: %s", egress ? "frames to devices are" : "frames from devices are", refused);
	return err;
}

static void name_owner(const struct hooks *have, struct report_port *report)
{
	char owner[HOOK_PROG_NAME_MAX];

	if (!have->foreign_xdp)
		return;
	hooks_prog_name(have->foreign_xdp, owner);
	say(report->error,
	    "XDP program %s (id %u) is there: remove it (ip link set dev %s xdp off), or choose hook: tc", owner,
	    have->foreign_xdp, report->name);
}

/* The kernel has the last word on what is attached. */
static int read_back(struct datapath *datapath, const struct datapath_port *port, struct report_port *report)
{
	datapath_hooks(datapath, port->ifindex, &report->hooks);
	report->enforced = report->hooks.from != HOOK_NONE && report->hooks.to != HOOK_NONE;
	if (report->enforced)
		return 0;
	if (!report->error[0])
		say(report->error, "the kernel took the programs but does not show them");
	return -ENOENT;
}

int datapath_attach(struct datapath *datapath, const struct datapath_port *port, struct report_port *ret_port)
{
	struct report_port report = {.ifindex = port->ifindex};
	struct choice from = {0}, to = {.hook = {HOOK_TCX, HOOK_CLSACT}, .n = 2};
	struct hooks have;
	struct nic nic;
	int err;

	snprintf(report.name, sizeof(report.name), "%s", port->name);
	nic_read(port->name, &nic);
	read_before(datapath, port, &nic, &have);
	choose(port, &nic, &have, &from, report.why);
	err = try_all(datapath, port, &from, false, &report);
	if (err)
		name_owner(&have, &report);
	else
		err = try_all(datapath, port, &to, true, &report);
	/* Half a port is none. But what policed it before goes on. */
	if (err && have.from == HOOK_NONE)
		link_detach(datapath->pin_dir, port->ifindex, false, &datapath->own);
	if (!err)
		err = read_back(datapath, port, &report);
	else
		read_back(datapath, port, &report);
	*ret_port = report;
	return err;
}

void datapath_hooks(const struct datapath *datapath, uint32_t ifindex, struct hooks *ret_hooks)
{
	hooks_read(ifindex, &datapath->own, ret_hooks);
}

int datapath_detach_port(struct datapath *datapath, uint32_t ifindex)
{
	const int from = link_detach(datapath->pin_dir, ifindex, false, &datapath->own);
	const int to = link_detach(datapath->pin_dir, ifindex, true, &datapath->own);
	const int shared = shared_detach(ifindex);

	return from < 0 ? from : to < 0 ? to : shared < 0 ? shared : 0;
}

struct prune {
	const uint32_t *ifindices;
	size_t n;
	int removed;
};

static void prune_link(void *context, const char *path)
{
	struct prune *prune = context;
	struct link_info info = {0};

	if (!link_read(path, &info))
		for (size_t i = 0; i < prune->n; i++)
			if (prune->ifindices[i] == info.ifindex)
				return;
	if (!link_remove(path))
		prune->removed++;
}

int datapath_prune(struct datapath *datapath, const uint32_t *ifindices, size_t n)
{
	struct prune prune = {.ifindices = ifindices, .n = n};

	pins_each_link(datapath->pin_dir, prune_link, &prune);
	return prune.removed;
}
