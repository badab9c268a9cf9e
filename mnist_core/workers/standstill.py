"""Workers that hold their run's lock, and with it the queue, and do nothing.

Told by what the system says of the process, not by how long ago something was heard of it: a worker that is suspended
(Ctrl-Z, a debugger, `kill -STOP`) has a state of its own; one whose turn it is and that waits for something that does
not come (a dead network drive) uses no processor time. Only Linux tells, and only of processes on this machine.
"""

import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.workers import queue

IDLE_SECONDS = 30.0  # without any processor time; saving to a slow disk takes some, and single seconds
SUSPENDED = "Tt"  # proc(5): stopped, or by a debugger
WAITING = "SD"  # proc(5): asleep, for good or until a disk answers; who only waits for a processor is "R"

Kind = Literal["suspended", "idle"]
_looks: dict[int, tuple[int, float]] = {}  # by process: the processor time it had used, and since when


@dataclass(frozen=True)
class Standstill:
    """Why a worker gets nowhere."""

    kind: Kind
    pid: int


def process_of(run: Run, history: History) -> tuple[int, str] | None:
    """Process and host of whoever trains a run: from its history, or where that is lost, its place in the queue."""
    if history.pid is not None and history.host is not None:
        return history.pid, history.host
    return queue.worker_of(run.folder, run.device)


def standstill_of(run: Run, history: History | None = None) -> Standstill | None:
    """Why the worker of a run that is at work gets nowhere; None if it does not stand still, or nothing tells."""
    in_line = queue.waiting(run.folder.parent, run.device)
    worker = process_of(run, history or read_history(run)) if run.run_id in in_line else None
    return _standstill(worker, is_first=in_line[:1] == [run.run_id])


def standing_still(checkpoints: Path) -> dict[str, Kind]:
    """The runs in the queues of all devices whose workers get nowhere. It reads no run."""
    found = ((run_id, _standstill(worker, is_first=first)) for run_id, worker, first in queue.workers(checkpoints))
    return {run_id: still.kind for run_id, still in found if still}


def _standstill(worker: tuple[int, str] | None, *, is_first: bool) -> Standstill | None:
    if worker is None or worker[1] != socket.gethostname():
        return None
    pid = worker[0]
    try:
        # after the name, which may have anything in it: state, ..., time in user mode and in the kernel
        values = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        state, used = values[0].decode(), int(values[11]) + int(values[12])
    except (OSError, IndexError, ValueError):
        return None
    if state in SUSPENDED:
        return Standstill("suspended", pid)
    # who waits for its turn has nothing to do
    return Standstill("idle", pid) if is_first and _idle_seconds(pid, state, used) >= IDLE_SECONDS else None


def _idle_seconds(pid: int, state: str, used: int) -> float:
    """For how long it has been seen to use no processor time."""
    now = time.monotonic()
    before, since = _looks.get(pid, (-1, now))
    if before == used and state in WAITING:
        return now - since
    for other in [other for other in _looks if not Path(f"/proc/{other}").exists()]:
        _looks.pop(other, None)
    _looks[pid] = used, now
    return 0.0
