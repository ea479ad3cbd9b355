# SPDX-License-Identifier: GPL-2.0-only
"""room.py - what fits into this machine, known from what loading fewer devices took (part `load' runs before the others)."""

MEMORY_PART = 0.8  # of what is available: the rest is the policy's while it is compiled
MANY = 10000       # from here on, what does not grow with the devices is nothing beside


def available_bytes():
    with open("/proc/meminfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def too_large(result, devices):
    """Why so many devices are not measured, or None."""
    measured = [row["bytes"] / row["devices"] for row in result.get("load") or [] if not row["computed"] and row["devices"] >= MANY]
    needed, there = devices * max(measured, default=0), available_bytes()
    if needed <= there * MEMORY_PART:
        return None
    return f"does not fit: the maps would take {needed / 2**30:.1f} GiB, this machine has {there / 2**30:.1f}"
