/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dns_answer.h - answers on their way in (RFC 1035).
 *
 * An answer counts only if it meets a question of the device (dns_question.h). What cannot be read is counted, opens nothing, and goes to user space. Runs in the same
 * softirq that delivers the answer: the device cannot be faster. Never changes a verdict.
 */
#ifndef RF_DNS_ANSWER_H
#define RF_DNS_ANSWER_H

#include "dns_question.h"
#include "dns_record.h"
#include "dns_segment.h"
#include "report.h"

/*
 * An answer on its way to the device, already allowed to pass: learn from it. Never changes the verdict. 1: what it says could not all be read (of one in
 * fragments: the rest is not there yet), user space should know.
 */
static __always_inline int dns_learn_answer(struct rf_judgement *j)
{
	const struct rf_control *control;
	const struct rf_bank *bank;
	struct rf_totals *totals;
	struct rf_dns *dns;

	if (!j)
		return 0;
	control = world_control(j);
	bank = world_bank(j);
	totals = world_totals(j);
	dns = world_dns(j);
	if (!control || !bank || !totals || !dns)
		return 0;
	if (dns_read_question(j, bank, dns, RF_DNS_QR) != RF_PARSE_OK || !question_take(j, control, dns)) {
		totals->dns_unasked++;
		return 0;
	}
	/* What follows in later fragments is not put together here: user space does. */
	if (j->packet.fragment != RF_FRAGMENT_NONE || dns_learn_records(j, dns) != RF_PARSE_OK) {
		totals->dns_unread++;
		return 1;
	}
	totals->dns_answers++;
	return 0;
}

/*
 * An answer that passes: learn from it, and hand over what could not be read. 1: it is the first fragment of one that met its question, fragment_hand()
 * does.
 */
WORLD_STAGE int dns_learn(struct rf_judgement *j)
{
	if (!j || !dns_learn_answer(j))
		return 0;
	report_unread(j);
	if (j->packet.fragment != RF_FRAGMENT_NONE)
		return 1;
	j->segment_len = j->dns_len;
	segment_send(j, 0);
	j->segment_len = 0;
	return 0;
}

#endif
