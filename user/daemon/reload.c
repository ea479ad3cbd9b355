// SPDX-License-Identifier: GPL-2.0-only
/*
 * reload.c - another policy in the place of the one in force, or nothing changed. See daemon.h.
 */
#include <errno.h>

#include "../common/log.h"
#include "daemon.h"
#include "notify.h"
#include "setup.h"

static int commit(struct daemon *daemon, struct generation *next, struct fault *fault)
{
	AUTO_FREE struct datapath_port *requests = NULL;
	size_t n = 0;
	int err = datapath_stage(daemon->datapath, next->ruleset);

	if (!err) {
		datapath_flip(daemon->datapath);
		return 0;
	}
	if (err != -ENOSPC)
		return fault_errno(fault, err, "cannot copy the policy into the maps");
	err = ports_requests(daemon, next->policy, &requests, &n);
	if (!err)
		err = datapath_grow(daemon->datapath, next->ruleset, requests, n, fault);
	if (err)
		return fault->text[0] ? err : fault_errno(fault, err, "cannot make room for the policy");
	log_info("the policy outgrew its maps: new ones were made");
	return setup_view(daemon, fault);
}

/* What the new policy asks of ports may be other than what they have. */
static bool attaches_otherwise(const struct generation *now, const struct generation *next)
{
	return now->policy->hook != next->policy->hook || generation_has_vlan(now) != generation_has_vlan(next);
}

static int replace(struct daemon *daemon, struct diags *diags, struct fault *fault)
{
	AUTO_GENERATION struct generation *next = NULL;
	AUTO_FREE struct ruleset_index *indices = NULL;
	struct generation_past past = {
		.number = generation_number(daemon->now),
		.name_seed = daemon->now->ruleset->bank.name_seed,
	};
	bool renew;
	int err = generation_indices(daemon->now, &indices, &past.n_indices);

	past.indices = indices;
	if (!err)
		err = setup_prepare(daemon, &past, diags, fault, &next);
	if (!err)
		err = commit(daemon, next, fault);
	if (err)
		return err;
	ruleset_drop_tables(next->ruleset);
	renew = attaches_otherwise(daemon->now, next);
	generation_free(daemon->before);
	daemon->before = daemon->now;
	daemon->now = TAKE_PTR(next);
	ports_sync(daemon, renew);
	return 0;
}

int daemon_reload(struct daemon *daemon, struct diags *diags, struct fault *fault)
{
	char hash[REPORT_HASH_MAX];
	int err;

	notify("RELOADING=1");
	err = replace(daemon, diags, fault);
	datapath_trim();
	setup_log(diags);
	if (!err) {
		log_info("%s: generation %u, %zu devices, %s", daemon->options.policy, generation_number(daemon->now),
			 daemon->now->policy->n_devices, report_hash(daemon->now->hash, hash));
		events_tell(daemon, "reload",
			    json_pack("{s:b, s:i, s:s}", "ok", true, "generation", (int)generation_number(daemon->now),
				      "policy", report_hash(daemon->now->hash, hash)));
	} else {
		if (fault->text[0])
			log_error("%s", fault->text);
		log_error("reload failed: generation %u stays in force", generation_number(daemon->now));
		events_tell(daemon, "reload",
			    json_pack("{s:b, s:i}", "ok", false, "generation", (int)generation_number(daemon->now)));
	}
	notify("READY=1");
	return err;
}
