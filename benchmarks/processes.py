"""What a server takes from the machine, asked of Linux."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Processor seconds that a process has used, its threads together."""
    values = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(values[11]) + int(values[12])) / TICKS


def memory_bytes(pid: int) -> int:
    """Memory of a process, what it shares with others counted by its part (PSS): what would be free without it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no Pss in /proc/{pid}/smaps_rollup")


def give_same_priority(pid: int, proc: Path = Path("/proc")) -> None:
    """Let a process with a session of its own count as much as this one does: a measurement may run before other work.

    Linux weighs sessions against each other (autogroups). Where it does not, or where this session has no group of its
    own (its file is then empty), there is nothing to do.
    """
    own, other = proc / "self" / "autogroup", proc / str(pid) / "autogroup"
    if not (own.exists() and other.exists()):
        return
    group = own.read_text().split()  # "/autogroup-7 nice 0"
    if group and other.read_text() and group[-1] != "0":
        other.write_text(group[-1])
