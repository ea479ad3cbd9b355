# SPDX-License-Identifier: GPL-2.0-only
"""Two rules of the verifier that depend on the compiler's layout alone, as the oldest kernel has them.

Loops: check_cfg() of Linux 5.3 to 6.6 walks the graph depth first, the next instruction before the
target of a conditional jump, and refuses an edge to an instruction that is still on the walk's path
unless it is a jump's edge ("back-edge from insn X to Y").  So it refuses a bounded loop whose last
instruction is no jump and falls into its head, which compilers lay out when the way in is a jump
into the middle of the loop.  6.7 takes them (kernel commit e2d8f560d1769, "bpf: fix control-flow
graph checking in privileged mode"), hence no test on a newer kernel sees it.

Stack: check_max_stack_depth() adds up the frames of each chain of calls, each rounded up to 32
bytes, and refuses more than 512.  Since 6.9 a compiled program's frames are rounded to 16.

Judges functions of bpfobject.py; loads nothing.
"""

import bpfobject as bpf

STACK_MAX = 512
FRAME_ROUND = 32


def successors(insns, at):
    """[(next, is a jump's edge)] in the order in which check_cfg() follows them."""
    insn = insns[at]
    if not insn.jumps or insn.op == bpf.CALL:
        return [(at + 1, False)]
    if insn.op == bpf.EXIT:
        return []
    target = at + 1 + insn.distance()
    return [(target, True)] if insn.is_ja() else [(at + 1, True), (target, True)]


def back_edges(function):
    """[(from, to)] that Linux 6.1 refuses, by index in the function.  Calls lead out and come back: each function is a graph of its own."""
    insns, refused = function.insns, []
    ways, on_path, path = {0: iter(successors(insns, 0))}, {0}, [0]
    while path:
        at = path[-1]
        edge = next(ways[at], None)
        if edge is None:
            on_path.remove(path.pop())
            continue
        to, jump = edge
        if not 0 <= to < len(insns):
            raise bpf.Malformed("%s: instruction %d leads out of the function" % (function.name, at))
        if to in on_path and not jump:
            refused.append((at, to))
        if to not in ways:
            ways[to] = iter(successors(insns, to))
            on_path.add(to)
            path.append(to)
    return refused


def frame(function):
    """Bytes of stack that a function uses: the lowest address that it makes from the frame pointer."""
    lowest, pointers = 0, {bpf.FRAME_POINTER: 0}
    for insn in function.insns:
        kind, base = insn.kind, insn.src if insn.kind == bpf.LDX else insn.dst
        if kind in (bpf.LDX, bpf.ST, bpf.STX) and base in pointers:
            lowest = min(lowest, pointers[base] + insn.off)
        if kind == bpf.ALU64 and insn.op == bpf.MOV and insn.code & 8 and insn.src in pointers:
            pointers[insn.dst] = pointers[insn.src]
        elif kind == bpf.ALU64 and insn.op == bpf.ADD and insn.dst in pointers:
            if not insn.code & 8:
                pointers[insn.dst] += insn.imm
            lowest = min(lowest, pointers[insn.dst])
        elif kind in (bpf.LD, bpf.LDX, bpf.ALU, bpf.ALU64) and insn.dst != bpf.FRAME_POINTER:
            pointers.pop(insn.dst, None)
        if insn.code == bpf.JMP | bpf.CALL << 4:
            pointers = {register: at for register, at in pointers.items() if register > 5}
    return -lowest


def deepest(functions, name):
    """(bytes, [function, ...]): the deepest chain of calls from a function."""
    rounded = max(-(-frame(functions[name]) // FRAME_ROUND), 1) * FRAME_ROUND
    depth, chain = max((deepest(functions, to) for to in functions[name].calls.values()), default=(0, []))
    return rounded + depth, [name] + chain
