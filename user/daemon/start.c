// SPDX-License-Identifier: GPL-2.0-only
/*
 * start.c - from nothing to a fence that is up. See daemon.h.
 *
 * Everything is read, compiled and loaded before anything is changed; then ports get programs, then one flip makes the policy current.
 * What fails before the flip is undone, and what was pinned before goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/event.h"
#include "../common/log.h"
#include "../common/sizing.h"
#include "daemon.h"
#include "setup.h"

static int make_run_dir(const char *dir)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST) {
		const int err = -errno;

		log_error("cannot make %s: %s", dir, strerror(-err));
		return err;
	}
	return 0;
}

/* One daemon for a run directory: two would flip each other's banks. */
static int take_lock(struct daemon *daemon)
{
	char path[4096];

	if (make_run_dir(daemon->options.run_dir))
		return -EACCES;
	snprintf(path, sizeof(path), "%s/lock", daemon->options.run_dir);
	daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (daemon->lock_fd < 0) {
		log_error("cannot open %s: %s", path, strerror(errno));
		return -EACCES;
	}
	if (flock(daemon->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		log_error("another ringfenced is running with %s: use `ringfence reload`, or stop it first",
			  daemon->options.run_dir);
		return -EBUSY;
	}
	return 0;
}

/* The generation and the indices that are pinned. */
struct past {
	struct view *view;
	struct ruleset_index *indices;
	struct generation_past past;
};

static void past_cleanup(struct past *past)
{
	free(past->indices);
	view_close(past->view);
}

static int read_past(const struct daemon *daemon, struct past *past)
{
	struct fault fault = {0};
	int err = view_open(daemon->options.pin_dir, &fault, &past->view);

	if (err == -ENOENT)
		return 0;
	if (err == -EPROTO) {
		log_notice("%s; its programs are exchanged for ours, its counters end", fault.text);
		return 0;
	}
	if (err) {
		log_error("%s", fault.text);
		return err;
	}
	past->past.number = view_bank(past->view)->generation;
	past->past.name_seed = view_bank(past->view)->name_seed;
	err = view_indices(past->view, &past->indices, &past->past.n_indices);
	past->past.indices = past->indices;
	if (err)
		log_error("cannot read which devices are pinned: %s", strerror(-err));
	return err;
}

/* Programs on all ports and the policy current, or nothing changed. */
static int raise_fence(struct daemon *daemon, struct fault *fault)
{
	const bool reused = datapath_reused(daemon->datapath);
	int err = datapath_stage(daemon->datapath, daemon->now->ruleset);

	if (err)
		return fault_errno(
			fault, err,
			"the policy does not fit in the maps that were made for it: a bug, please report it");
	/* Nobody else uses new maps: their ports must not for a moment be judged by an empty bank. */
	if (!reused)
		datapath_flip(daemon->datapath);
	err = ports_attach_new(daemon, daemon->now->policy);
	if (err)
		return fault_set(fault, err, "not all ports can be policed, so none is");
	if (reused)
		datapath_flip(daemon->datapath);
	err = datapath_publish(daemon->datapath, fault);
	if (err && !reused)
		ports_undo(daemon);
	return err;
}

static void prune(struct daemon *daemon)
{
	AUTO_FREE uint32_t *ifindices = calloc(daemon->ports.n + 1, sizeof(*ifindices));
	int removed;

	if (!ifindices)
		return;
	for (size_t i = 0; i < daemon->ports.n; i++)
		ifindices[i] = daemon->ports.items[i].report.ifindex;
	removed = datapath_prune(daemon->datapath, ifindices, daemon->ports.n);
	if (removed > 0)
		log_info("removed %d attachments of ports that left before this start", removed);
}

/* What it costs, and what another sizing than before has cost. */
static void log_sizing(const struct daemon *daemon, const struct past *past)
{
	const enum rf_sizing_id sizing = datapath_sizing(daemon->datapath);

	log_info("sizing %s: room for %u devices, %" PRIu64 " MiB in the kernel", sizing_text(sizing),
		 datapath_devices(daemon->datapath) - RF_UNKNOWN_DEVICES, datapath_bytes(daemon->datapath) >> 20);
	if (past->view && view_sizing(past->view) != sizing)
		log_notice("it was %s: what devices had open and learned could not be carried over, counters are",
			   sizing_text(view_sizing(past->view)));
}

static void log_start(const struct daemon *daemon, int bad)
{
	char hash[REPORT_HASH_MAX];

	log_info("%s: %zu devices, %zu profiles; generation %u, %s", daemon->options.policy,
		 daemon->now->policy->n_devices, daemon->now->policy->n_profiles, generation_number(daemon->now),
		 report_hash(daemon->now->hash, hash));
	if (!daemon->ports.n)
		log_warning("no inside port is there yet: nothing is policed until one joins");
	else
		log_info("%zu of %zu inside ports are policed%s", daemon->ports.n - (size_t)bad, daemon->ports.n,
			 datapath_reused(daemon->datapath) ? " (took over what was pinned)" : "");
}

static enum daemon_exit start_with(struct daemon *daemon, struct past *past)
{
	const struct datapath_options options = {.pin_dir = daemon->options.pin_dir, .sizing = daemon->options.sizing};
	struct diags diags AUTO_DIAGS = {0};
	struct ruleset_sizes need;
	struct fault fault = {0};
	int err = setup_prepare(daemon, &past->past, &diags, &fault, &daemon->now);

	setup_log(&diags);
	if (!diags_ok(&diags)) {
		log_error("the policy is bad: not started%s", past->view ? "; what is pinned stays in force" : "");
		return DAEMON_BAD_POLICY;
	}
	if (!err) {
		need = ruleset_sizes(daemon->now->ruleset);
		err = datapath_open(&options, &need, &fault, &daemon->datapath);
	}
	if (!err)
		err = raise_fence(daemon, &fault);
	if (!err)
		err = setup_view(daemon, &fault);
	if (!err)
		ruleset_drop_tables(daemon->now->ruleset);
	if (err) {
		log_error("%s", fault.text);
		log_error("not started%s", past->view ? "; what is pinned stays in force" : "");
		return DAEMON_CANNOT;
	}
	log_start(daemon, ports_sync(daemon, false));
	log_sizing(daemon, past);
	prune(daemon);
	return DAEMON_OK;
}

/* A SIGHUP that comes before the loop runs waits for it (serve.c), and does not end us. */
static void hold_reload(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

enum daemon_exit daemon_start(struct daemon *daemon)
{
	struct past past CLEANUP(past_cleanup) = {0};
	int err;

	daemon->started_ns = event_now_ns();
	hold_reload();
	if (geteuid()) {
		log_error(
			"not root: ringfenced loads packet programs and attaches them to interfaces (sudo ringfenced)");
		return DAEMON_CANNOT;
	}
	if (take_lock(daemon))
		return DAEMON_CANNOT;
	err = interfaces_open(&daemon->interfaces);
	if (err) {
		log_error("cannot read the interfaces of this machine: %s", strerror(-err));
		return DAEMON_CANNOT;
	}
	if (history_init(&daemon->history) || events_init(daemon) || dns_init(daemon)) {
		log_error("out of memory");
		return DAEMON_CANNOT;
	}
	return read_past(daemon, &past) ? DAEMON_CANNOT : start_with(daemon, &past);
}
