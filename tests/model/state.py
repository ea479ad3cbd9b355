# SPDX-License-Identifier: GPL-2.0-only
"""What the fence remembers of one device, in virtual time (integer nanoseconds).

Used by judge.py only.  Nothing is bounded here: the model shows what the contract says when no
table is full.
"""

SECOND = 1_000_000_000
# Idle lives.  TCP: RFC 5382 (2 hours 4 minutes).  The others: reading 10.
IDLE = {"tcp": 7440 * SECOND, "echo": 30 * SECOND, "other": 180 * SECOND,
        "closed": 10 * SECOND}
FRAGMENT_LIFE = 30 * SECOND
QUESTION_LIFE = 20 * SECOND         # reading 16
NAME_FLOOR = 60                     # seconds: "at least 60 s"
NAME_CEILING = 86400                # reading 18
TCP, ICMP, ICMPV6 = 6, 1, 58
FIN, SYN, RST, ACK = 1, 2, 4, 16


class Connection:
    """One 5-tuple as one side opened it: `opener` is "device" or "remote"; `policy` is the number
    of the policy that allowed it last."""

    def __init__(self, key, opener, now, policy):
        self.key, self.opener, self.policy = key, opener, policy
        self.last = now
        self.named = False      # a packet of it went when its remote was reachable under a name
        self.fin, self.reset = set(), set()     # the sides that sent one
        self.closed_at = None

    def life(self):
        proto = self.key[0]
        if proto == TCP:
            return IDLE["tcp"]
        return IDLE["echo" if proto in (ICMP, ICMPV6) else "other"]

    def alive(self, now):
        if self.closed_at is not None and now >= self.closed_at + IDLE["closed"]:
            return False
        return now < self.last + self.life()

    def seen(self, now, side, flags):
        """A packet of it passed: it lives on, and TCP may begin to end (reading 10)."""
        self.last = now
        if flags & FIN:
            self.fin.add(side)
        if flags & RST:
            self.reset.add(side)
        elif side == self.opener:
            # It goes on, so the other side's reset may have been forged.
            self.reset &= {self.opener}
            if flags & SYN and not flags & ACK:
                self.fin, self.reset = set(), set()
        if not self.reset and len(self.fin) < 2:
            self.closed_at = None
        elif self.closed_at is None:
            self.closed_at = now


class DeviceState:
    def __init__(self):
        self.opened = {"device": {}, "remote": {}}   # who opened it: key -> Connection
        self.fragments = {}                          # (direction, key) -> (until, policy)
        self.questions = {}                          # (id, port, server) -> (name, asked at)
        self.names = {}                              # (name, address) -> until
        self.met = set()        # of these, which were usable at the last packet to the address

    # --- connections: key is (proto, device port, remote address, port) ---------------------

    def find(self, who, key, now):
        """The live connection with that key which that side opened, or None."""
        conn = self.opened[who].get(key)
        return conn if conn and conn.alive(now) else None

    def open(self, who, key, now, policy):
        conn = self.find(who, key, now)
        if not conn:
            conn = self.opened[who][key] = Connection(key, who, now, policy)
        conn.policy = policy
        return conn

    def forget(self, conn):
        del self.opened[conn.opener][conn.key]

    # --- fragments --------------------------------------------------------------------------

    def first_fragment(self, direction, key, passed, now, policy):
        """"The first decides, the rest follow it"."""
        if passed:
            self.fragments[(direction, key)] = (now + FRAGMENT_LIFE, policy)
        else:
            self.fragments.pop((direction, key), None)

    def fragment_follows(self, direction, key, now, policy):
        """Not under another policy than let the first pass (reading 21)."""
        until, judged_by = self.fragments.get((direction, key), (0, None))
        return now < until and judged_by == policy

    # --- names ------------------------------------------------------------------------------

    def asked(self, ident, port, server, name, now):
        self.questions[(ident, port, server)] = (name, now)

    def answered(self, ident, port, server, name, now):
        """Whether that was asked and has not been answered before."""
        asked, when = self.questions.get((ident, port, server), (None, 0))
        if asked != name or now >= when + QUESTION_LIFE:
            return False
        del self.questions[(ident, port, server)]
        return True

    def learn(self, name, addr, ttl, now):
        life = min(max(ttl, NAME_FLOOR), NAME_CEILING) * SECOND
        self.names[(name, addr)] = max(self.names.get((name, addr), 0), now + life)

    def use(self, name, addr, now):
        self.names[(name, addr)] = max(self.names[(name, addr)], now + NAME_FLOOR * SECOND)

    def forget_names(self, now):
        """"It stays usable for the record's TTL, at least 60 s, and as long as a connection to it
        lives."  Called at each frame of the device, before the frame is judged."""
        if not self.names:
            return
        busy = {conn.key[2] for conn in self.opened["device"].values()
                if conn.named and conn.alive(now)}
        for entry, until in list(self.names.items()):
            if until <= now and entry[1] not in busy:
                del self.names[entry]

    def names_of(self, addr):
        return [name for name, known in self.names if known == addr]

    def meet(self, addr, now):
        """A packet to the address is judged under a policy with names: a name that only lives on
        by a connection, but was not there at the packet before this one, is over for good."""
        for entry in [entry for entry in self.names if entry[1] == addr]:
            if self.names[entry] <= now and entry not in self.met:
                del self.names[entry]
            self.met.add(entry)
        self.met &= set(self.names)
