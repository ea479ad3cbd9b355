// SPDX-License-Identifier: GPL-2.0-only
/*
 * daemon.c - see daemon.h.
 */
#include "daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../common/text.h"

int daemon_unreachable(const struct cli *cli, int error)
{
	switch (-error) {
	case ENOENT:
	case ECONNREFUSED:
		return cli_fail(
			CLI_CANNOT,
			"the daemon is not running (no answer at %s/%s); start it with `systemctl start ringfence'. "
			"What is attached is enforced without it: see `ringfence status'",
			cli->run_dir, CONTROL_SOCKET);
	case EACCES:
	case EPERM:
		return cli_fail(CLI_CANNOT, "not allowed to talk to the daemon: run as root, or join the group `%s'",
				CONTROL_GROUP);
	case ENOMEM:
		return cli_no_memory();
	default:
		return cli_fail(CLI_CANNOT, "cannot talk to the daemon at %s/%s: %s", cli->run_dir, CONTROL_SOCKET,
				strerror(-error));
	}
}

int daemon_connect(const struct cli *cli, struct control_client **ret_client)
{
	int r = control_connect(cli->run_dir, ret_client);

	return r ? daemon_unreachable(cli, r) : CLI_DONE;
}

double daemon_seconds(const json_t *object, const char *key)
{
	const char *time = json_string_value(json_object_get(object, key)), *end;
	struct tm tm = {0};

	end = time ? strptime(time, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	return end ? (double)timegm(&tm) + (*end == '.' ? strtod(end, NULL) : 0) : 0;
}

void daemon_print_diagnostic(const char *text)
{
	for (const char *line = text, *end; line; line = *end ? end + 1 : NULL) {
		AUTO_FREE char *shown = NULL;

		end = strchrnul(line, '\n');
		shown = text_escape(line, (size_t)(end - line));
		fprintf(stderr, "%s\n", shown ? shown : "");
	}
}

int daemon_refused(const json_t *reply)
{
	const char *message = NULL, *error = control_error(reply, &message);
	const json_t *text;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(reply, "parameters"), "diagnostics"), i, text)
		daemon_print_diagnostic(json_string_value(text));
	cli_warn("the daemon says: %s", message ? message : error);
	if (strcmp(error, "bad-policy") == 0 || strcmp(error, "bad-request") == 0)
		return CLI_NO;
	return CLI_CANNOT;
}

int daemon_call(const struct cli *cli, const char *method, json_t *parameters, json_t **ret_reply)
{
	struct control_client *client AUTO_CONTROL = NULL;
	json_t *reply AUTO_JSON = NULL;
	int code = daemon_connect(cli, &client), r;

	if (code) {
		json_decref(parameters);
		return code;
	}
	r = control_call(client, method, parameters, &reply);
	if (r)
		return daemon_unreachable(cli, r);
	if (control_error(reply, NULL))
		return daemon_refused(reply);
	*ret_reply = TAKE_PTR(reply);
	return CLI_DONE;
}
