// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of the policy language: see words.h.
 */
#include "words.h"

#include <stddef.h>

#define WORD(prefix, name, word) [prefix##name] = (word),

const char *policy_mode_text(enum policy_mode mode)
{
#define MODE_WORD(name, word) WORD(POLICY_MODE_, name, word)
	static const char *const words[] = {POLICY_MODES(MODE_WORD)};

	return words[mode];
}

const char *policy_hook_text(enum policy_hook hook)
{
#define HOOK_WORD(name, word) WORD(POLICY_HOOK_, name, word)
	static const char *const words[] = {POLICY_HOOKS(HOOK_WORD)};

	return words[hook];
}

const char *policy_service_text(enum policy_service service)
{
#define SERVICE_WORD(name, word) WORD(POLICY_SERVICE_, name, word)
	static const char *const words[] = {POLICY_SERVICES(SERVICE_WORD)};

	return words[service];
}

const char *policy_dest_text(enum policy_dest_kind kind)
{
#define DEST_WORD(name, word) WORD(POLICY_DEST_, name, word)
	static const char *const words[] = {POLICY_DEST_WORDS(DEST_WORD)};

	return (size_t)kind < sizeof(words) / sizeof(words[0]) ? words[kind] : NULL;
}

const char *policy_action_text(enum policy_action action)
{
	static const char *const words[] = {
		[POLICY_ALLOW] = "allow",
		[POLICY_DENY] = "deny",
		[POLICY_REJECT] = "reject",
	};

	return words[action];
}

const char *policy_proto_text(uint8_t proto)
{
#define PROTO_WORD(name, word, number) [number] = (word),
	static const char *const words[256] = {POLICY_PROTOS(PROTO_WORD)};

	return words[proto];
}
