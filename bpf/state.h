/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - connection rows: what a device opened, what was opened to it, fragments that follow a first.
 *
 * Rows are of one device and one side (see sizing.h), so a full set can only forget a connection of the same device that was opened from
 * the same side. A row does not grant anything by itself: it names the generation that judged it, and after a change of policy the rules are asked
 * again, with the packet that the connection would have begun with.
 */
#ifndef RF_STATE_H
#define RF_STATE_H

#include <linux/in.h>
#include <linux/in6.h>

#include "fold.h"
#include "hash.h"
#include "l4.h"
#include "match.h"
#include "order.h"
#include "remote.h"

enum rf_conn_kind {
	RF_CONN_OPENED_FROM = 0, /* by the device */
	RF_CONN_OPENED_TO = 1,	 /* by the remote */
	RF_CONN_FRAGMENTS = 2,	 /* added to the side they travel from */
};

#define RF_CONN_REMOTE_MASK 0xffffffff00000000ULL

/* Of the remote address alone: the upper half of the tags of all its rows. */
static __always_inline __u64 conn_remote(const struct rf_judgement *j, const struct rf_control *control,
					 const struct rf_addr *remote)
{
	return remote_keyed(j, control, remote) & RF_CONN_REMOTE_MASK;
}

/*
 * The epoch of the device's state, before anything of it is asked: here, where its line is read anyway, at the same time as the rows'. The first of a frame
 * counts. verifier: without a branch.
 */
static __always_inline void epoch_note(struct rf_judgement *j, const struct rf_budget *budget)
{
	__u32 noted = 0 - (__u32)j->flow.has_epoch;

	world_opaque(noted);
	j->flow.epoch = (j->flow.epoch & noted) | (budget->epoch & ~noted);
	j->flow.has_epoch = 1;
}

/* From which sides may there be rows with this remote: a bit for each enum rf_conn_kind. */
static __always_inline int conn_sides(const struct rf_budget *budget, __u64 remote)
{
	return rf_filter_has(budget->remotes, remote) << RF_CONN_OPENED_FROM |
	       rf_small_filter_has(budget->openers, remote) << RF_CONN_OPENED_TO;
}

/* After a change of the device's rows or names: what its flows said before does not count any more, see flow.h. */
static __always_inline void state_changed(struct rf_budget *budget)
{
	__sync_fetch_and_add(&budget->epoch, 1);
}

/* Key and sides. 0: there is certainly no such row, no key was made, and most packets that are denied need look no further. */
static __always_inline int conn_key(struct rf_judgement *j, const struct rf_control *control,
				    const struct rf_conn *conn, struct rf_conn_key *ret_key)
{
	const struct rf_budget *budget = world_budget(j, j->subject.state);
	__u64 rest = (__u64)conn->id << 16 | conn->proto << 8;
	int sides;

	ret_key->remote = conn_remote(j, control, &conn->remote);
	ret_key->all = 0; /* verifier: does not see that nobody reads it */
	if (!budget)
		return 0; /* cannot happen: there are budgets for all states; conn_note() and fold_report() count it */
	world_expect_counters(budget);
	epoch_note(j, budget);
	sides = conn_sides(budget, ret_key->remote);
	world_opaque(sides); /* verifier: one number, of which the callers ask bits */
	if (!sides) {
		/* So it will hardly pass. */
		world_expect_folds(budget, fold_index(j, fold_home(j, control, ret_key->remote)));
		return 0;
	}
	ret_key->all = remote_owner(j, control) +
		       rf_keyed_addr(&control->secret[RF_SECRET_CONN], conn->remote.hi, conn->remote.lo) +
		       rest * control->secret[RF_SECRET_CONN + 4];
	return sides;
}

/* May it have been opened from this side? */
static __always_inline int sides_have(int sides, enum rf_conn_kind kind)
{
	return sides >> (kind & 1) & 1;
}

/*
 * Keyed, so that a peer cannot choose what it collides with; never 0, which marks a free way. The upper half is the remote's, so that its
 * connections can be found without their ports (conn_reaches); the lower half is of everything, by other multipliers: of the kind, too, which is
 * part of the last word, so that it costs one product more for either side.
 */
static __always_inline __u64 conn_tag(const struct rf_control *control, const struct rf_conn_key *key, __u8 kind)
{
	return key->remote | (key->all + kind * control->secret[RF_SECRET_CONN + 5]) >> 32 | 1;
}

static __always_inline struct rf_conn_set *conn_set(const struct rf_judgement *j, const struct rf_conn *conn, __u64 tag)
{
	return world_conns(j, rf_sizing_set(j->subject.state << 1 | (conn->kind & 1), world_sizing(j)->conn,
					    (__u32)tag >> 1));
}

/* The way that a look-up begins with: most rows stand in the line that it is in, and then that is all that is touched. */
static __always_inline __u32 conn_home(__u64 tag)
{
	_Static_assert(RF_CONN_WAYS == 8 && sizeof(struct rf_conn_row) == 16, "four ways a line");
	return (__u32)tag >> 31 << 2;
}

static __always_inline int conn_is_live(__u64 life, __u64 now)
{
	return life >> RF_CONN_EXPIRY_SHIFT > now;
}

static __always_inline __u32 conn_life_s(const struct rf_conn *conn, __u32 flags)
{
	if (conn->kind & RF_CONN_FRAGMENTS)
		return RF_LIFE_FRAGMENT_S;
	switch (conn->proto) {
	case IPPROTO_TCP:
		if (flags & (RF_CONN_RST_OPENER | RF_CONN_RST_OTHER) ||
		    (flags & (RF_CONN_FIN_OPENER | RF_CONN_FIN_OTHER)) == (RF_CONN_FIN_OPENER | RF_CONN_FIN_OTHER))
			return RF_LIFE_CLOSED_S;
		return RF_LIFE_TCP_S;
	case IPPROTO_UDP:
		return RF_LIFE_UDP_S;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return RF_LIFE_ICMP_S;
	default:
		return RF_LIFE_OTHER_S;
	}
}

/* What a TCP packet of the opener (or of the other side) makes of the flags. */
static __always_inline __u32 conn_flags_after(__u32 flags, __u8 tcp_flags, int by_opener)
{
	if (by_opener) {
		if ((tcp_flags & (RF_TCP_SYN | RF_TCP_ACK)) == RF_TCP_SYN)
			flags = 0; /* port reuse */
		if (tcp_flags && !(tcp_flags & RF_TCP_RST))
			flags &= ~RF_CONN_RST_OTHER;
	}
	if (tcp_flags & RF_TCP_RST)
		flags |= by_opener ? RF_CONN_RST_OPENER : RF_CONN_RST_OTHER;
	if (tcp_flags & RF_TCP_FIN)
		flags |= by_opener ? RF_CONN_FIN_OPENER : RF_CONN_FIN_OTHER;
	return flags;
}

static __always_inline __u64 generation_bits(const struct rf_bank *bank)
{
	return (bank->generation & 0xffffULL) << RF_CONN_GENERATION_SHIFT;
}

static __always_inline int conn_is_of(__u64 life, const struct rf_bank *bank)
{
	return (life & 0xffffULL << RF_CONN_GENERATION_SHIFT) == generation_bits(bank);
}

/* The row after one more packet. What is closing does not live longer for what still arrives. */
static __always_inline __u64 conn_next_life(const struct rf_judgement *j, const struct rf_conn *conn,
					    const struct rf_bank *bank, __u64 life)
{
	/* What other rules said of it, the rules in force need not say. */
	__u32 before = life & (conn_is_of(life, bank) ? 0xff : 0xff & ~RF_CONN_BY),
	      flags = conn_flags_after(before, conn->tcp_flags, conn->by_opener);
	__u32 seconds = conn_life_s(conn, flags);
	__u64 expiry = world_ticks(j) + world_seconds(j, seconds);

	if (conn->proto == IPPROTO_TCP && seconds == RF_LIFE_CLOSED_S && conn_life_s(conn, before) == RF_LIFE_CLOSED_S)
		expiry = life >> RF_CONN_EXPIRY_SHIFT;
	if (conn->marks & RF_CONN_BY)
		flags &= ~RF_CONN_BY;
	flags |= conn->marks;
	return expiry << RF_CONN_EXPIRY_SHIFT | generation_bits(bank) | flags;
}

/*
 * The row of the connection; NULL: there is none, or it has idled out.
 * verifier: which way it is goes through memory, so that what follows is looked at once and not for each of them.
 */
static __always_inline struct rf_conn_row *conn_look(struct rf_judgement *j, const struct rf_control *control,
						     const struct rf_conn *conn, const struct rf_conn_key *key)
{
	const __u64 tag = conn_tag(control, key, conn->kind);
	const __u32 home = conn_home(tag);
	struct rf_conn_set *set = conn_set(j, conn, tag);
	struct rf_conn_row *row;
	int i;

	if (!set)
		return NULL; /* cannot happen: the device table holds indices below the map's size */
	j->way = RF_CONN_WAYS;
	for (i = 0; i < RF_CONN_WAYS; i++) {
		const __u32 way = (home + i) & (RF_CONN_WAYS - 1);

		if (set->row[way].tag == tag) {
			j->way = way;
			break;
		}
	}
	world_forget();
	if (j->way >= RF_CONN_WAYS)
		return NULL;
	row = &set->row[j->way & (RF_CONN_WAYS - 1)];
	return conn_is_live(row->life, world_ticks(j)) ? row : NULL;
}

static __always_inline struct rf_conn_row *conn_find(struct rf_judgement *j, const struct rf_control *control,
						     const struct rf_conn *conn)
{
	struct rf_conn_key key;

	return sides_have(conn_key(j, control, conn, &key), conn->kind) ? conn_look(j, control, conn, &key) : NULL;
}

/* What passes lets the row live on. Not written where it says so already: the line may be another CPU's, too. */
static __always_inline void conn_refresh(struct rf_judgement *j, const struct rf_conn *conn, const struct rf_bank *bank,
					 struct rf_conn_row *row)
{
	__u64 before = row->life, life = conn_next_life(j, conn, bank, before);

	if (life != before)
		row->life = life;
	else
		j->flow.again = 1;
}

/* Make or refresh the row of j->conn, by its opener; the way that ends soonest goes when none is free. -1: no table. */
WORLD_STAGE int conn_note(struct rf_judgement *j)
{
	__u64 tag, soonest = RF_LESSER_MAX, life = 0;
	const struct rf_control *control;
	struct rf_budget *budget;
	struct rf_conn_key key;
	struct rf_conn_set *set;
	__u32 home, way;
	int i;

	if (!j)
		return -1;
	control = world_control(j);
	if (!control)
		return -1;
	budget = world_budget(j, j->subject.state);
	if (!budget)
		return -1;
	if (j->conn.kind & RF_CONN_OPENED_TO)
		rf_small_filter_add(&budget->openers, conn_remote(j, control, &j->conn.remote));
	else
		rf_filter_add(budget->remotes, conn_remote(j, control, &j->conn.remote));
	if (!conn_key(j, control, &j->conn, &key))
		return -1; /* cannot happen: the bit was set */
	tag = conn_tag(control, &key, j->conn.kind);
	set = conn_set(j, &j->conn, tag);
	if (!set)
		return -1;
	home = conn_home(tag);
	for (i = 0; i < RF_CONN_WAYS; i++) {
		const struct rf_conn_row *row = &set->row[(home + i) & (RF_CONN_WAYS - 1)];

		if (row->tag == tag) {
			soonest = i;
			life = row->life;
			break;
		}
		soonest = lesser(soonest, row->life >> RF_CONN_EXPIRY_SHIFT << 3 | i);
	}
	if (!conn_is_live(life, world_ticks(j)))
		life = 0;
	if (!life && j->conn.tcp_flags & RF_TCP_RST)
		return 0; /* ends what was not there */
	way = (home + soonest) & (RF_CONN_WAYS - 1);
	set->row[way].tag = tag;
	set->row[way].life = conn_next_life(j, &j->conn, &control->bank[j->bank & 1], life);
	state_changed(budget);
	return 0;
}

/*
 * Does any connection live that the device opened to j->query.remote while it was usable under a DNS name? Asked when the name's time is over: what
 * began later must not bring it back. 1: yes.
 */
WORLD_STAGE int conn_reaches(struct rf_judgement *j)
{
	const struct rf_control *control;
	const struct rf_conn_set *set;
	__u32 first, n;
	__u64 remote, now;
	__u32 i;
	int k;

	if (!j)
		return 0;
	control = world_control(j);
	if (!control)
		return 0;
	remote = conn_remote(j, control, &j->query.remote);
	now = world_ticks(j);
	n = 1U << world_sizing(j)->conn;
	first = j->subject.state * 2 * n;
	for (i = 0; i < RF_CONN_SETS_SIDE_MAX; i++) {
		if (i >= n)
			return 0;
		set = world_conns(j, first + i);
		if (!set)
			return 0;
		for (k = 0; k < RF_CONN_WAYS; k++)
			if ((set->row[k].tag & RF_CONN_REMOTE_MASK) == remote && set->row[k].tag &&
			    set->row[k].life & RF_CONN_NAMED && conn_is_live(set->row[k].life, now))
				return 1;
	}
	return 0;
}

/*
 * May a packet pass because of the row of j->conn? Rows of an earlier generation are judged again by j->query, the packet that began it; one
 * that the policy no longer allows is freed. What passes refreshes it, unless conn.asks. 1: yes.
 */
static __always_inline int conn_passes(struct rf_judgement *j, const struct rf_control *control)
{
	const struct rf_bank *bank = &control->bank[j->bank & 1];
	struct rf_conn_row *row = conn_find(j, control, &j->conn);

	if (!row)
		return 0;
	if (!conn_is_of(row->life, bank)) {
		match_rules(j);
		if (!match_allows(&j->match)) {
			row->tag = row->life = 0;
			return 0;
		}
	}
	if (!j->conn.asks)
		conn_refresh(j, &j->conn, bank, row);
	return 1;
}

/* Free the row of j->conn, if there is one. */
static __always_inline void conn_forget(struct rf_judgement *j, const struct rf_control *control)
{
	struct rf_conn_row *row = conn_find(j, control, &j->conn);

	if (row)
		row->tag = row->life = 0;
}

#endif
