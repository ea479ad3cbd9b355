/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * question.h - "may DEVICE talk PROTO/PORT with DEST?" as data, and as the frame that would open the connection.
 *
 * explain reads its arguments with question_read(), and gives the engine the frame of question_frame(): the answer is then that of
 * the datapath itself. What the question leaves open (the device's own address, MAC addresses off the link) is chosen here and shown.
 */
#ifndef CLI_QUESTION_H
#define CLI_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "../common/addr.h"
#include "../policy/policy.h"
#include "capture.h"
#include "cli.h"

#define QUESTION_NAME_MAX 254 /* DNSNAME_LEN_MAX and its NUL */

struct question_end {
	struct mac mac;
	struct addr addr;
};

struct question {
	const struct policy_device *device; /* NULL: a MAC address that the policy does not name */
	struct question_end local;	    /* the device */
	struct question_end remote;
	char name
		[QUESTION_NAME_MAX]; /* DEST is this DNS name; remote.addr then stands for an address of it. "": it is not */
	struct question_end resolver; /* meant with a name */
	struct addr resolver_local;   /* the device's address towards it */
	uint8_t proto;
	uint16_t port; /* tcp, udp, sctp: the server's */
	bool inbound;
};

/* What the policy does not say and only the machine knows. */
struct question_machine {
	const struct addr *gateways;
	size_t n_gateways;
};

struct question_text {
	const char *device, *service, *dest; /* DEVICE, PROTO[/PORT], DEST */
	const char *from;		     /* the device's address, NULL: chosen */
	bool inbound;
};

/*
 * What stands for the gateway where the policy leaves it to the machine, and no machine tells: of RFC 5737's documentation addresses, so that
 * no rule is about it by accident.
 */
#define QUESTION_GATEWAY "192.0.2.254"

/* Exit code of cli.h; complains by itself. */
int question_read(const struct question_text *text, const struct policy *policy, const struct question_machine *machine,
		  struct question *ret_question);

/* From a device (NULL: one that the policy does not name) to an address off the link; proto and port are left to the caller. */
void question_to(const struct policy *policy, const struct policy_device *device, const struct addr *remote,
		 struct question *ret_question);

/* tcp, udp, sctp: there is a port. */
bool question_has_port(const struct question *question);

/* Headers, and a DNS message with one name and one address. */
#define QUESTION_FRAME_MAX 512

/* The first frame of such a connection. */
void question_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX], struct capture_frame *ret_frame);

/* With a name: the device's question for its address, and the answer that gives remote.addr. */
void question_ask_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX],
			struct capture_frame *ret_frame);
void question_answer_frame(const struct question *question, uint8_t buf[QUESTION_FRAME_MAX],
			   struct capture_frame *ret_frame);

#endif
