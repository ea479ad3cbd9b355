/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - struct datapath, for the files of this room only.
 */
#ifndef DATAPATH_STATE_H
#define DATAPATH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "datapath.h"
#include "maps.h"

#define STATE_PATH_MAX 4096

struct datapath {
	char pin_dir[STATE_PATH_MAX]; /* "": nothing is pinned */
	struct bpf_object *object;
	struct bpf_object *xdp_object;	  /* NULL: no port needed XDP yet */
	int prog_fd[DATAPATH_PROG_COUNT]; /* the objects'; -1: not loaded */
	struct hook_own own;
	struct maps maps;
	/* What was pinned before and could not be taken over whole: its counts are added when we take its place. */
	struct maps before;
	bool reused;	 /* the policy maps are those of a fence that is up */
	bool published;	 /* the pins are ours */
	uint32_t staged; /* bank */
	bool has_staged; /* since it was opened: the names in its maps say whose the places are */
	/* Device indices that change hands with what was staged last. */
	uint32_t *changed;
	size_t n_changed;
	bool wrapped; /* rows tell generations by 16 bits, and those of what was staged last begin anew */

	struct ring_buffer *ring;
	datapath_event_fn callback;
	void *context;
	datapath_segment_fn on_segment; /* NULL: nobody asked */
	void *segment_context;
};

/* ---- load.c: the object ------------------------------------------------------------------------------------------- */

/*
 * Load the object into datapath: maps of `old` are taken over where they suffice (old may hold none), the others are new, and
 * what the state maps of `old` hold is copied, counters and folds excepted. Sets datapath->reused.
 */
int load_object(struct datapath *datapath, const struct datapath_options *options, const struct ruleset_sizes *need,
		const struct maps *old, struct fault *fault);

/* Load the XDP program, on the maps of the others, if it is not yet: half a second that ports at TC need not wait for. */
int load_xdp(struct datapath *datapath);

/* A second object on the maps of the first, of whose programs only the XDP program will be loaded. For load_xdp and shared.c. */
int load_open_xdp(const struct datapath *datapath, struct bpf_object **ret_object);

/* ---- stage.c: whose places change hands ---------------------------------------------------------------------------- */

/* Note the indices that change hands from what `names` (MAP_INFO) says to this ruleset. */
int stage_note_changed(struct datapath *datapath, const struct map *names, const struct ruleset *ruleset);

/* Do the 16 bits by which rows tell generations begin anew with this ruleset? */
bool stage_wraps(const struct maps *maps, const struct ruleset *ruleset);

/* Empty the rows of what was noted: of both, in the maps of before, too. */
void stage_forget_changed(const struct datapath *datapath);

/* ---- carry.c: state from maps that are too small to larger ones --------------------------------------------------- */

/* Connections, learned names and budgets, before any port has the new programs. */
void carry_rows(struct maps *to, const struct maps *from);

/* Add the counters, when no port has the old programs any more. */
int carry_counters(const struct maps *to, const struct maps *from);

/* ---- pins.c: directories and paths under bpffs -------------------------------------------------------------------- */

/* Mount bpffs at its usual place if pin_dir is below it and nothing is mounted; make pin_dir and its links/. */
int pins_prepare(const char *pin_dir, struct fault *fault);

/* Pin maps in place of those in PIN_DIR/maps, which stay where they are until all are pinned. */
int pins_exchange(const char *pin_dir, const struct maps *maps, struct fault *fault);

/* Unlink all in a directory and the directory itself. How many pins there were. */
int pins_remove(const char *dir);

/* PIN_DIR/links/IFINDEX-from and -to. */
void pins_link_path(const char *pin_dir, uint32_t ifindex, const char *side, char ret_path[STATE_PATH_MAX]);

/* Each file in PIN_DIR/links: callback gets its path. */
typedef void (*pins_link_fn)(void *context, const char *path);
void pins_each_link(const char *pin_dir, pins_link_fn callback, void *context);

/* ---- link.c: one hook of one port --------------------------------------------------------------------------------- */

struct link_request {
	const char *pin_dir;
	uint32_t ifindex;
	enum hook hook; /* XDP_NATIVE, XDP_GENERIC, TCX or CLSACT */
	bool egress;	/* TCX and CLSACT */
	int prog_fd;
	const struct hook_own *own;
};

/* Attach, or exchange the program of our own link of this kind. 0 or what the kernel said; -EBUSY, -EEXIST: somebody's XDP program. */
int link_attach(const struct link_request *request);

/* Remove what link_attach made on that side of the port; the second only a clsact filter. 1: removed; 0: nothing there. */
int link_detach(const char *pin_dir, uint32_t ifindex, bool egress, const struct hook_own *own);
int link_detach_filter(uint32_t ifindex, bool egress, const struct hook_own *own);

/* Detach a pinned link, at once, and remove its pin. */
int link_remove(const char *path);

/* What a pinned link is attached to: HOOK_NONE if it is dead or not ours to know. */
struct link_info {
	enum hook hook; /* XDP_NATIVE stands for any XDP */
	uint32_t ifindex;
	bool egress;
};
int link_read(const char *path, struct link_info *ret_info);

/* ---- shared.c: below the dispatcher of libxdp, next to others' XDP programs --------------------------------------- */

/* 0 only if the kernel then shows our program below a dispatcher; -EOPNOTSUPP: this kernel has no freplace. */
int shared_attach(struct datapath *datapath, const struct datapath_port *port);

/* 1: removed; 0: nothing of ours there. */
int shared_detach(uint32_t ifindex);

#endif
