# SPDX-License-Identifier: GPL-2.0-only
"""room.py - what fits into this machine, known from what loading fewer devices took (part `load' runs before the others)."""

MEMORY_PART = 0.8  # of what is available: the rest is the policy's while it is compiled
SPARE = 2          # a smaller number of devices may be at a sizing that gives each of them more
MANY = 10000       # from here on, what does not grow with the devices is nothing beside


def available_bytes():
    with open("/proc/meminfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def too_large(result, devices):
    """Why so many devices are not measured, or None."""
    rows = sorted((row for row in result.get("load") or [] if row["devices"] >= MANY), key=lambda row: row["devices"])
    # Of so many, or of the least that are more: what they took, or would take. Of more than any: as the largest, since sizings only get smaller.
    enough = [row for row in rows if row["devices"] >= devices]
    row = enough[0] if enough else rows[-1] if rows else None
    needed, there = 0, available_bytes()
    if row:
        needed = min(row["bytes"], row["bytes"] / row["devices"] * devices * SPARE) if enough else row["bytes"] / row["devices"] * devices
    if needed <= there * MEMORY_PART:
        return None
    return f"does not fit: the maps would take {needed / 2**30:.1f} GiB, this machine has {there / 2**30:.1f}"
