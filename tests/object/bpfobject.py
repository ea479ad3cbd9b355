# SPDX-License-Identifier: GPL-2.0-only
"""A BPF object as a compiler leaves it: its functions, their instructions, and whom each calls.

Read straight from the ELF file, so no disassembler's text stands between.  Knows the encoding of
instructions (RFC 9669), not what is allowed: that is verifier.py.
"""

import struct

# Classes, operations and registers of RFC 9669 that decide where control and the frame pointer go.
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)
JA, CALL, EXIT = 0x0, 0x8, 0x9
ADD, MOV = 0x0, 0xb
LD_IMM64 = 0x18
FRAME_POINTER = 10
PSEUDO_CALL, PSEUDO_FUNC = 1, 4

SHT_SYMTAB, SHT_REL = 2, 9
SHF_EXECINSTR = 4
STT_FUNC, STT_SECTION = 2, 3
INSN_BYTES = 8


class Malformed(Exception):
    """Not an ELF file for BPF, or one that this cannot read."""


class Insn:
    def __init__(self, raw):
        self.code, registers, self.off, self.imm = struct.unpack("<BBhi", raw)
        self.dst, self.src = registers & 0xf, registers >> 4

    @property
    def kind(self):
        return self.code & 7

    @property
    def op(self):
        return self.code >> 4

    @property
    def jumps(self):
        return self.kind in (JMP, JMP32)

    def is_ja(self):
        return self.jumps and self.op == JA

    def distance(self):
        """Of a jump, from the next instruction; JMP32 | JA (gotol) has it in imm."""
        return self.imm if self.code == JMP32 | JA << 4 else self.off


class Function:
    def __init__(self, name, section, insns):
        self.name = name
        self.section = section
        self.insns = insns
        self.calls = {}         # index of the instruction: name of the function in this object


class Elf:
    """Sections and symbols: as much of ELF64 as a BPF object has."""

    def __init__(self, data):
        if data[:4] != b"\x7fELF" or data[4:6] != b"\x02\x01" or len(data) < 64:
            raise Malformed("no little-endian ELF64 file")
        if struct.unpack_from("<H", data, 18)[0] != 247:
            raise Malformed("not for BPF")
        at, = struct.unpack_from("<Q", data, 40)
        size, count, names = struct.unpack_from("<HHH", data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", data, at + i * size) for i in range(count)]
        self.sections = [{"name": h[0], "type": h[1], "flags": h[2], "link": h[6], "info": h[7],
                          "data": data[h[4]:h[4] + h[5]]} for h in heads]
        for section in self.sections:
            section["name"] = self.string(names, section["name"])
        self.symbols = []
        for section in self.sections:
            if section["type"] == SHT_SYMTAB:
                for name, info, _, index, value, length in struct.iter_unpack("<IBBHQQ", section["data"]):
                    self.symbols.append({"name": self.string(section["link"], name), "type": info & 0xf,
                                         "section": index, "value": value, "size": length})

    def string(self, table, offset):
        data = self.sections[table]["data"]
        return data[offset:data.index(b"\0", offset)].decode()

    def relocations(self, index):
        """{offset: symbol} of a section."""
        return {offset: self.symbols[info >> 32]
                for section in self.sections if section["type"] == SHT_REL and section["info"] == index
                for offset, info in struct.iter_unpack("<QQ", section["data"])}


def read(path):
    """{name: Function} of the object at `path`."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return functions_of(Elf(data))
    except (struct.error, IndexError, ValueError) as error:
        raise Malformed("cut off or garbled: %s" % error) from error


def functions_of(elf):
    placed = {(s["section"], s["value"] // INSN_BYTES): s for s in elf.symbols if s["type"] == STT_FUNC}
    functions = {}
    for (index, first), symbol in placed.items():
        section = elf.sections[index]
        code = section["data"][symbol["value"]:symbol["value"] + symbol["size"]]
        if not section["flags"] & SHF_EXECINSTR or not code or len(code) % INSN_BYTES:
            raise Malformed("function %s is not code" % symbol["name"])
        insns = [Insn(code[i:i + INSN_BYTES]) for i in range(0, len(code), INSN_BYTES)]
        function = functions[symbol["name"]] = Function(symbol["name"], section["name"], insns)
        relocations = elf.relocations(index)
        for i, insn in enumerate(insns):
            target = callee(elf, placed, insn, index, first + i, relocations)
            if target:
                function.calls[i] = target
    if not functions:
        raise Malformed("no function in it")
    return functions


def callee(elf, placed, insn, index, at, relocations):
    """Name of the function that the instruction at `at` of a section calls or takes the address of; None: none."""
    call = insn.code == JMP | CALL << 4 and insn.src == PSEUDO_CALL
    symbol = relocations.get(at * INSN_BYTES)
    if symbol is None:
        # The compiler itself resolves a call inside of one section.
        found = placed.get((index, at + 1 + insn.imm)) if call else None
    elif symbol["type"] == STT_FUNC and (call or insn.code == LD_IMM64):
        return symbol["name"]
    elif symbol["type"] == STT_SECTION and call:
        found = placed.get((symbol["section"], insn.imm + 1))
    elif symbol["type"] == STT_SECTION and insn.code == LD_IMM64 and elf.sections[symbol["section"]]["flags"] & SHF_EXECINSTR:
        found = placed.get((symbol["section"], insn.imm // INSN_BYTES))
    else:
        return None
    if call and not found:
        raise Malformed("the call at %d leads nowhere" % at)
    return found["name"] if found else None
