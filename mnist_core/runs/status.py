"""What a run is doing, from its folder: its lock, its last event, and whether a worker was requested."""

import time
from typing import Literal

from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.history import History, HistoryReader
from mnist_core.runs.lock import is_locked
from mnist_core.runs.run import ASKED_FILE, LOCK_FILE, DamagedRun, Run

STARTING_SECONDS = 20.0  # how long a worker may take from being asked for to holding its lock

Status = Literal["starting", "queued", "running", "stopped", "interrupted", "finished", "failed"]
AT_WORK: tuple[Status, ...] = ("starting", "queued", "running")


def status_of(run: Run, history: History | None = None) -> Status:
    """What a run is doing, from its lock and its last event."""
    history = history or read_history(run)
    if is_locked(run.folder / LOCK_FILE):
        return "queued" if history.last_event in (None, "queued", "stopped", "failed", "finished") else "running"
    if is_asked_for(run):
        return "starting"
    if history.last_event == "finished" and history.last_epoch < run.epochs and not history.stopped_early:
        return "stopped"  # it was extended and nobody has gone on yet
    if history.last_event in ("finished", "failed", "stopped"):
        return history.last_event
    return "interrupted"


def is_at_work(run: Run) -> bool:
    """Whether `status_of` is one of `AT_WORK`. It reads no history, so thousands of runs may be asked."""
    return is_locked(run.folder / LOCK_FILE) or is_asked_for(run)


def read_history(run: Run) -> History:
    return HistoryReader(run.folder / HISTORY_FILE).read()


def is_asked_for(run: Run | DamagedRun) -> bool:
    """Whether a worker was asked for just now and has not begun yet; a clock set back must not make that last."""
    try:
        asked = (run.folder / ASKED_FILE).stat().st_mtime
    except OSError:
        return False
    return abs(time.time() - asked) < STARTING_SECONDS
