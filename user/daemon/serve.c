// SPDX-License-Identifier: GPL-2.0-only
/*
 * serve.c - the daemon's life after the start: what wakes it, and who does the work. See daemon.h.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../common/log.h"
#include "daemon.h"
#include "methods.h"
#include "notify.h"
#include "privilege.h"
#include "setup.h"

/* Seconds until a port that could not be policed is tried again; and to notice what netlink does not tell. */
#define CHECK_TICKS 5

static void signal_ready(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	struct signalfd_siginfo info;
	struct diags diags AUTO_DIAGS = {0};
	struct fault fault = {0};

	(void)events;
	if (read(daemon->signals.fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		daemon_reload(daemon, &diags, &fault);
	else
		daemon->loop.stop = true;
}

static void netlink_ready(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	const int changed = interfaces_update(&daemon->interfaces);

	(void)events;
	if (changed < 0)
		log_error("cannot follow the interfaces: %s", strerror(-changed));
	if (changed) /* what is known is followed, too, when not all of it is */
		ports_sync(daemon, false);
	/* By now, not in some seconds: until then a port whose filter somebody removed lets everything through. */
	if (daemon->interfaces.hooks_changed) {
		daemon->interfaces.hooks_changed = false;
		ports_check(daemon, false);
	}
}

static void ring_ready(void *context, uint32_t events)
{
	struct daemon *daemon = context;

	(void)events;
	datapath_consume(daemon->datapath);
	server_feed(&daemon->server);
}

/* The same gateways in another order are others: the first are the bridge's own. */
static void check_gateways(struct daemon *daemon)
{
	const uint32_t ifindex = setup_gateway_interface(daemon, daemon->now->policy);
	struct diags diags AUTO_DIAGS = {0};
	struct fault fault = {0};
	struct gateways gateways = {0};

	if (!daemon->interfaces.addresses_changed)
		return;
	daemon->interfaces.addresses_changed = false;
	if (daemon->now->policy->gateway.given || !ifindex || interfaces_gateways(ifindex, &gateways))
		return;
	if (gateways.n == daemon->now->gateways.n &&
	    !memcmp(gateways.items, daemon->now->gateways.items, gateways.n * sizeof(gateways.items[0])))
		return;
	log_info("the addresses of the gateway changed: compiling the policy anew");
	daemon_reload(daemon, &diags, &fault);
}

static void timer_ready(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	uint64_t ticks = 0;

	(void)events;
	if (read(daemon->timer.fd, &ticks, sizeof(ticks)) != (ssize_t)sizeof(ticks))
		return;
	if (!datapath_pinned(daemon->datapath)) {
		log_warning("the fence was opened (`ringfence detach`): ending");
		daemon->opened = true;
		daemon->loop.stop = true;
		return;
	}
	datapath_consume(daemon->datapath);
	events_tick(daemon);
	dns_tick(daemon);
	check_gateways(daemon);
	daemon->ticks += ticks;
	if (daemon->ticks >= CHECK_TICKS) {
		daemon->ticks = 0;
		ports_check(daemon, true);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_timer(void)
{
	const struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
	const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		timerfd_settime(fd, 0, &second, NULL);
	return fd;
}

static int watch(struct daemon *daemon, struct loop_source *source, int fd, void (*ready)(void *, uint32_t))
{
	if (fd < 0)
		return -EBADF;
	*source = (struct loop_source){.fd = fd, .ready = ready, .context = daemon};
	return loop_add(&daemon->loop, source, EPOLLIN);
}

static int open_sources(struct daemon *daemon)
{
	int err = loop_init(&daemon->loop);

	if (!err)
		err = watch(daemon, &daemon->signals, open_signals(), signal_ready);
	if (!err)
		err = watch(daemon, &daemon->timer, open_timer(), timer_ready);
	if (!err)
		err = watch(daemon, &daemon->netlink, interfaces_fd(&daemon->interfaces), netlink_ready);
	if (!err)
		err = datapath_listen(daemon->datapath, events_record, daemon);
	if (!err)
		err = datapath_listen_segments(daemon->datapath, dns_segment, daemon);
	if (!err)
		err = watch(daemon, &daemon->ring, datapath_event_fd(daemon->datapath), ring_ready);
	if (err)
		log_error("cannot listen for events: %s", strerror(-err));
	return err;
}

static int open_server(struct daemon *daemon)
{
	int err;

	daemon->server.history = &daemon->history;
	daemon->server.handler = methods_handle;
	daemon->server.context = daemon;
	err = server_open(&daemon->server, &daemon->loop, daemon->options.run_dir);
	if (err)
		log_error("cannot listen at %s/%s: %s", daemon->options.run_dir, CONTROL_SOCKET, strerror(-err));
	return err;
}

static bool any_shared(const struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->ports.n; i++)
		if (daemon->ports.items[i].report.hooks.from == HOOK_XDP_SHARED)
			return true;
	return false;
}

static void drop_privilege(const struct daemon *daemon)
{
	char text[PRIVILEGE_TEXT_MAX];
	int err;

	if (any_shared(daemon)) {
		log_notice("keeping all capabilities: to see our program below a dispatcher needs CAP_SYS_ADMIN");
		return;
	}
	err = privilege_drop();
	if (err)
		log_warning("cannot drop capabilities: %s", strerror(-err));
	log_debug("capabilities: %s", privilege_text(text));
}

enum daemon_exit daemon_serve(struct daemon *daemon)
{
	int err;

	if (open_sources(daemon) || open_server(daemon))
		return DAEMON_CANNOT;
	drop_privilege(daemon);
	datapath_trim();
	notify("READY=1");
	err = loop_run(&daemon->loop);
	notify("STOPPING=1");
	if (err)
		log_error("the event loop ended: %s", strerror(-err));
	if (!daemon->opened)
		log_info("stopped; the fence stays up (`ringfence detach` opens it)");
	return err ? DAEMON_CANNOT : DAEMON_OK;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void daemon_end(struct daemon *daemon)
{
	server_close(&daemon->server);
	close_fd(daemon->signals.fd);
	close_fd(daemon->timer.fd);
	loop_close(&daemon->loop);
	datapath_close(daemon->datapath);
	view_close(daemon->view);
	generation_free(daemon->now);
	generation_free(daemon->before);
	ports_free(&daemon->ports);
	events_free(&daemon->events);
	dns_free(&daemon->dns);
	history_free(&daemon->history);
	interfaces_close(&daemon->interfaces);
	close_fd(daemon->lock_fd);
}
