"""The queue for a device: one run trains, the others follow in the order they arrived.

A place in the queue is a file named by time and run that says which process has it; it counts for as long as the run's
lock is held, so a worker that dies leaves the queue. Nobody manages it: every worker watches the one ahead of it.
"""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.decode import DamagedFileError, read_bytes
from mnist_core.errors import WorkerError
from mnist_core.runs.lock import is_locked
from mnist_core.runs.run import LOCK_FILE

POLL_SECONDS = 0.1
MAX_PLACE = 500  # bytes: a number and the name of a host
MAX_PID = 2**31


def wait_in_line(run_folder: Path, device: str, *, give_up: Callable[[], bool]) -> "Turn | None":
    """Wait until the device is ours; None if `give_up` says so before. The run's lock must be held already."""
    line = _line_folder(run_folder.parent, device)
    line.mkdir(exist_ok=True)
    for left in line.glob(f"*-{run_folder.name}"):  # by a worker of this run that was killed
        left.unlink(missing_ok=True)
    place = line / f"{_next_number(line):020d}-{run_folder.name}"
    place.write_text(f"{os.getpid()} {socket.gethostname()}", encoding="utf-8")
    device_lock = FileLock(line / "device.lock")
    ahead: Path | None = None
    try:
        while not give_up():
            if not run_folder.is_dir():
                place.unlink(missing_ok=True)
                raise WorkerError(f"{run_folder.name} was deleted while it was waiting in the queue")
            if ahead is None or not is_locked(ahead):
                ahead = _lock_ahead(place)
            if ahead is None:
                try:
                    device_lock.acquire(timeout=0)
                except Timeout:
                    pass  # the one before us is just leaving
                else:
                    return Turn(place, device_lock)
            time.sleep(POLL_SECONDS)
    except OSError as error:
        raise WorkerError(f"cannot wait in the queue at {line}: {error.strerror}") from error
    place.unlink(missing_ok=True)
    return None


def _next_number(line: Path) -> int:
    """The time, or where the clock was set back, one more than the last in the queue has."""
    numbers = [place.name.split("-")[0] for place in line.glob("*-*-*")]
    return max([time.time_ns(), *(int(number) + 1 for number in numbers if number.isascii() and number.isdigit())])


def waiting(checkpoints: Path, device: str) -> list[str]:
    """The run ids in the queue, the one being trained first."""
    return _in(_line_folder(checkpoints, device))


def at_work(checkpoints: Path) -> list[str]:
    """The run ids in the queues of all devices. It reads no run, so that it may be asked again and again."""
    return [
        run_id for folder in sorted(checkpoints.glob(_line_folder(checkpoints, "*").name)) for run_id in _in(folder)
    ]


def worker_of(run_folder: Path, device: str) -> tuple[int, str] | None:
    """Process and host of the worker that has this run's place; None if nothing tells. The run's lock must be held."""
    places = sorted(_line_folder(run_folder.parent, device).glob(f"*-{run_folder.name}"))
    try:
        pid, host = read_bytes(places[-1], most=MAX_PLACE).decode("utf-8").split()
        return (int(pid), host) if 1 < int(pid) < MAX_PID else None
    except (IndexError, OSError, ValueError, DamagedFileError):  # none, gone, or an older version's: empty
        return None


def _in(line: Path) -> list[str]:
    return [lock.parent.name for lock in map(_lock_of, _places(line)) if is_locked(lock)]


def _lock_ahead(place: Path) -> Path | None:
    """The lock of the last run before this one that is still in the queue; None if it is this one's turn."""
    before = [_lock_of(other) for other in _places(place.parent) if other.name < place.name]
    return next((lock for lock in reversed(before) if is_locked(lock)), None)


def _places(line: Path) -> list[Path]:
    return sorted(line.glob("*-*-*"))


def _lock_of(place: Path) -> Path:
    """The lock of the run that has this place."""
    return place.parent.parent / place.name.split("-", 1)[1] / LOCK_FILE


class Turn:
    """The device is ours until we leave."""

    def __init__(self, place: Path, lock: FileLock) -> None:
        self._place, self._lock = place, lock

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *_: object) -> None:
        self._place.unlink(missing_ok=True)
        self._lock.release()


def _line_folder(checkpoints: Path, device: str) -> Path:
    return checkpoints / f".line-{device}"
