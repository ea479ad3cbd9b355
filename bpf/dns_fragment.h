/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_fragment.h - answers in fragments, on their way to user space, which puts them together (user/daemon/dns_fragments.h).
 *
 * The first is handed over if it met a question of the device (dns_answer.h), a later one if it follows such a first: the row by which later fragments pass
 * says so. So nothing is put together with what another answer said, whatever gets lost. Never changes a verdict.
 */
#ifndef RF_DNS_FRAGMENT_H
#define RF_DNS_FRAGMENT_H

#include "connection.h"
#include "dns_segment.h"

/* The first was handed over: those that follow it may be. There is no row if they do not pass, and none is made. */
WORLD_STAGE int fragment_mark(struct rf_judgement *j)
{
	const struct rf_control *control;
	struct rf_conn_row *row;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	fragment_fill(j);
	row = conn_find(j, control, &j->conn);
	if (row)
		row->life |= RF_CONN_ANSWERS;
	return 0;
}

/* A fragment of an answer, at `off` of the datagram. Only in TC, where frames to devices are; of a device whose profile has name rules. */
static __always_inline void fragment_hand(const struct rf_frame *frame, struct rf_judgement *j, __u32 off)
{
	const struct rf_profile *profile = world_profile(j, j->subject.profile);
	struct rf_dns *dns = world_dns(j);
	__u32 len = j->packet.l4_len;

	if (!profile || !dns || !(profile->flags & RF_PROFILE_NAMES) || !len || len > RF_DNS_MESSAGE_MAX ||
	    world_copy_more(frame, dns, j->packet.l4_off, len))
		return;
	dns->segment.entered = world_entered(frame);
	j->segment_len = len;
	if (!segment_send(j, off) && j->packet.fragment == RF_FRAGMENT_FIRST)
		fragment_mark(j);
	j->segment_len = 0;
	dns->segment.entered = 0;
}

#endif
