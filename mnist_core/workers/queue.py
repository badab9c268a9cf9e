"""The queue for a device: one run trains, the others follow in the order they arrived, or were moved to.

A place in the queue is a file named by time and run that says which process has it; it counts for as long as the run's
lock is held, so a worker that dies leaves the queue. Nobody manages it: every worker watches the one ahead of it. Who
moves a run renames its place.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.decode import DamagedFileError, read_bytes
from mnist_core.errors import WorkerError
from mnist_core.runs.lock import is_locked
from mnist_core.runs.run import LOCK_FILE

POLL_SECONDS = 0.1
CHANGE_SECONDS = 20.0  # in which whoever comes or moves has long done so
MAX_PLACE = 500  # bytes: a number and the name of a host
MAX_PID = 2**31


def wait_in_line(run_folder: Path, device: str, *, give_up: Callable[[], bool]) -> "Turn | None":
    """Wait until the device is ours; None if `give_up` says so before. The run's lock must be held already."""
    line = _line_folder(run_folder.parent, device)
    line.mkdir(exist_ok=True)
    with _changing(line):
        _leave(line, run_folder.name)  # the place of a worker of this run that was killed
        place = line / f"{_next_number(line):020d}-{run_folder.name}"  # until it is moved
        place.write_text(f"{os.getpid()} {socket.gethostname()}", encoding="utf-8")
    device_lock = FileLock(line / "device.lock")
    try:
        while not give_up():
            if not run_folder.is_dir():
                _leave(line, run_folder.name)
                raise WorkerError(f"{run_folder.name} was deleted while it was waiting in the queue")
            if _lock_ahead(line, run_folder.name) is None:
                try:
                    device_lock.acquire(timeout=0)
                except Timeout:
                    pass  # the one before us is just leaving
                else:
                    return Turn(line, run_folder.name, device_lock)
            time.sleep(POLL_SECONDS)
    except OSError as error:
        raise WorkerError(f"cannot wait in the queue at {line}: {error.strerror}") from error
    _leave(line, run_folder.name)
    return None


def move_up(checkpoints: Path, device: str, run_id: str) -> None:
    """Let a run that waits change places with the one before it, unless that is being trained.

    Raises:
        WorkerError: if it does not wait any more, or its place cannot be changed.
    """
    line = _line_folder(checkpoints, device)
    try:
        with _changing(line):
            _move_up(line, run_id)
    except FileNotFoundError:
        return  # left just now
    except OSError as error:
        raise WorkerError(f"cannot change the queue at {line}: {error.strerror}") from error


def _move_up(line: Path, run_id: str) -> None:
    in_line = _in(line)
    if run_id not in in_line:
        raise WorkerError(f"{run_id} is not waiting in the queue any more")
    if (place := in_line.index(run_id)) < 2:
        return
    own, other = (_place_of(line, one) for one in (run_id, in_line[place - 1]))
    if own is None or other is None:
        return  # one of them has left just now
    own_number, other_number = (path.name.split("-", 1)[0] for path in (own, other))
    # In between both have the same number, which their names decide: everybody sees one order at any time.
    own.rename(line / f"{other_number}-{run_id}")
    other.rename(line / f"{own_number}-{in_line[place - 1]}")


@contextmanager
def _changing(line: Path) -> Iterator[None]:
    """To be entered by whoever comes or moves: of two at once, each sees what the other has done."""
    lock = FileLock(line / "places.lock", timeout=CHANGE_SECONDS, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkerError(f"another process has held {lock.lock_file} for {CHANGE_SECONDS:.0f} s; end it") from error
    try:
        yield
    finally:
        lock.release()


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
    place = _place_of(_line_folder(run_folder.parent, device), run_folder.name)
    return _worker_at(place) if place else None


def workers(checkpoints: Path) -> list[tuple[str, tuple[int, str] | None, bool]]:
    """Of each run in the queues of all devices: its id, process and host as `worker_of` has it, and if it is first."""
    return [
        (_run_of(place), _worker_at(place), number == 0)
        for folder in sorted(checkpoints.glob(_line_folder(checkpoints, "*").name))
        for number, place in enumerate(_held(folder))
    ]


def _worker_at(place: Path) -> tuple[int, str] | None:
    try:
        pid, host = read_bytes(place, most=MAX_PLACE).decode("utf-8").split()
        return (int(pid), host) if 1 < int(pid) < MAX_PID else None
    except (OSError, ValueError, DamagedFileError):  # gone, or an older version's: empty
        return None


def _in(line: Path) -> list[str]:
    return [_run_of(place) for place in _held(line)]


def _held(line: Path) -> list[Path]:
    """The places whose workers live."""
    return [place for place in _places(line) if is_locked(_lock_of(place))]


def _lock_ahead(line: Path, run_id: str) -> Path | None:
    """The lock of the last run before this one that is still in the queue; None if it is this one's turn."""
    places = _places(line)
    own = [number for number, place in enumerate(places) if _run_of(place) == run_id]
    before = places[: own[-1]] if own else places
    return next((lock for lock in map(_lock_of, reversed(before)) if is_locked(lock)), None)


def _places(line: Path) -> list[Path]:
    return sorted(line.glob("*-*-*"))


def _place_of(line: Path, run_id: str) -> Path | None:
    return max(line.glob(f"*-{run_id}"), default=None)


def _leave(line: Path, run_id: str) -> None:
    for place in line.glob(f"*-{run_id}"):
        place.unlink(missing_ok=True)


def _lock_of(place: Path) -> Path:
    """The lock of the run that has this place."""
    return place.parent.parent / _run_of(place) / LOCK_FILE


def _run_of(place: Path) -> str:
    return place.name.split("-", 1)[1]


class Turn:
    """The device is ours until we leave."""

    def __init__(self, line: Path, run_id: str, lock: FileLock) -> None:
        self._line, self._run_id, self._lock = line, run_id, lock

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *_: object) -> None:
        _leave(self._line, self._run_id)
        self._lock.release()


def _line_folder(checkpoints: Path, device: str) -> Path:
    return checkpoints / f".line-{device}"
