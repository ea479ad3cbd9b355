/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - messages between `ringfence` and `ringfenced`: framing, the client's calls and what may be asked.
 *
 * RUN_DIR/control.sock, SOCK_STREAM, mode 0660, group `ringfence` if there is one. A message is one JSON object and one NUL byte.
 * A client sends requests, one after another, and gets for each one reply, or, if it said `more`, replies of which all
 * but the last have `"continues":true`:
 *
 *   {"method":"status","parameters":{},"more":false}
 *   {"parameters":{...}}                       or   {"parameters":{...},"continues":true}
 *   {"error":"bad-policy","parameters":{"message":"..."}}
 *
 * `message` is one line for people that says what to do. Methods (w: root or group `ringfence` only, by SO_PEERCRED):
 *
 *   status    {}  ->  the object of `ringfence status --json` (user/datapath/report.h)
 *   reload w  {}  ->  {"generation":4,"policy":"sha256:...","file":"...","devices":9,"profiles":3,"rules":40,"warnings":["FILE:LINE:COL: ..."]}
 *                     errors: bad-policy, with {"message":..., "diagnostics":["FILE:LINE:COL: ...", ...]}: the old policy stays; failed
 *   events    {"follow":bool, "device":"NAME or MAC", "since":SECONDS, "type":"drop", "limit":N}  ->  one reply an event (ringfence(8), JSON),
 *                     oldest first; needs `more`. All keys are optional. since: seconds of the epoch, may have a fraction. limit: only the last N of the history.
 *                     Not `follow`: an empty reply without `continues` ends it. `follow` goes on until the client closes, or, when it reads
 *                     too slowly, ends with the error too-slow.
 *   devices   {}  ->  {"unknown":[{"mac":"..","port":"..","first_seen":"TIME","last_seen":"TIME"}], "ports":{"NAME":"ifname"}}: what only the
 *                     daemon knows: MAC addresses that no device claims (last_seen: of its last event), and where each known device was last seen
 *   policy    {}  ->  {"file":"/etc/...","policy":"sha256:...","generation":3,"gateway":["192.168.1.1",...]}: what `explain` has to compile to
 *                     judge alike; gateway: what the machine gave, used where the policy does not say
 *   rules     {"generation":3,"ids":[4,17]}  ->  {"file":"/etc/...","lines":[12,null]}: where rules of the generation in force stand in the file;
 *                     null: nowhere, or another generation is in force
 *
 * Errors of every method: bad-request, unknown-method, permission-denied, busy (too many clients), failed.
 *
 * Both ends treat the other's bytes as hostile: lengths are bounded, and what does not parse ends the connection. Nothing here logs.
 */
#ifndef COMMON_CONTROL_H
#define COMMON_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "cleanup.h"

#define CONTROL_RUN_DIR "/run/ringfence"
#define CONTROL_SOCKET "control.sock"
#define CONTROL_GROUP "ringfence"

/* A request names a method and a few scalars. */
#define CONTROL_REQUEST_MAX (16 * 1024)
/* The longest reply is a refused policy: DIAGS_MAX diagnostics of some lines; or the status of some hundred ports. */
#define CONTROL_REPLY_MAX (1024 * 1024)

/* Bytes received that are not yet a whole message. Start as {.max = CONTROL_..._MAX}. */
struct control_buffer {
	char *bytes;
	size_t len, room;
	size_t max;
};

/*
 * Read what is there, once. 1: bytes came; 0: the other end closed; -EAGAIN; -EMSGSIZE: a message is longer than max; other negative errno.
 */
int control_fill(struct control_buffer *buffer, int fd);

/*
 * Take the first whole message off the buffer. 1: *ret_message is a JSON object; 0: none is whole yet; -EBADMSG: not a JSON object; -ENOMEM.
 */
int control_take(struct control_buffer *buffer, json_t **ret_message);

/* One message as bytes, NUL included, allocated. NULL: no memory. */
char *control_pack(const json_t *message, size_t *ret_len);

/*
 * Text that others chose (names of interfaces and files may be any bytes) as a JSON string: what is no UTF-8 becomes "?". NULL text: null.
 */
json_t *control_text(const char *text);

void control_buffer_free(struct control_buffer *buffer);

/* ---- client ------------------------------------------------------------------------------------------------------- */

struct control_client;

/* run_dir NULL: CONTROL_RUN_DIR. -ENOENT, -ECONNREFUSED: no daemon runs; -EACCES: not root nor in the group; other errno. */
int control_connect(const char *run_dir, struct control_client **ret_client);

/* Ask. `parameters` is taken over, also on failure; NULL: {}. 0 or negative errno. */
int control_send(struct control_client *client, const char *method, json_t *parameters, bool more);

/*
 * The next message. 1: *ret_reply is the whole object: it has `error`, or `parameters`. 0: the daemon closed the connection.
 * -ETIMEDOUT after timeout_ms (-1: wait for ever); -EINTR: a signal came; -EBADMSG, -EMSGSIZE: not our protocol.
 */
int control_next(struct control_client *client, int timeout_ms, json_t **ret_reply);

/* control_send and one control_next; what is not a reply is -ECONNRESET. 0: *ret_reply as above. */
int control_call(struct control_client *client, const char *method, json_t *parameters, json_t **ret_reply);

/* Of a reply: NULL, or the word of its error; *ret_message (may be NULL) is then the text for people. Borrowed from the reply. */
const char *control_error(const json_t *reply, const char **ret_message);

/* For epoll or poll by clients that wait for more than the daemon. */
int control_client_fd(const struct control_client *client);

void control_close(struct control_client *client);

static inline void control_cleanup(struct control_client **client)
{
	control_close(*client);
}

#define AUTO_CONTROL CLEANUP(control_cleanup)

static inline void json_cleanup(json_t **json)
{
	json_decref(*json);
}

#define AUTO_JSON CLEANUP(json_cleanup)

#endif
