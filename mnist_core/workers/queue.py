"""Runs wait in line for a device: one trains, the others follow in the order they came.

A place in the line is an empty file named by time and run; it counts for as long as that run's lock is held,
so a worker that dies leaves the line by dying. Nobody keeps the line: every worker reads it for itself.
"""

import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.errors import WorkerError
from mnist_core.runs.lock import is_locked

POLL_SECONDS = 0.1


def wait_in_line(run_folder: Path, device: str, *, give_up: Callable[[], bool]) -> "Turn | None":
    """Wait until the device is ours; None if `give_up` says so before. The run's lock must be held already."""
    line = _line_folder(run_folder.parent, device)
    line.mkdir(exist_ok=True)
    place = line / f"{_next_number(line):020d}-{run_folder.name}"
    place.touch()
    device_lock = FileLock(line / "device.lock")
    try:
        while not give_up():
            if waiting(run_folder.parent, device)[:1] == [run_folder.name]:
                try:
                    device_lock.acquire(timeout=0)
                except Timeout:
                    pass  # the one before us is just leaving
                else:
                    return Turn(place, device_lock)
            time.sleep(POLL_SECONDS)
    except OSError as error:
        raise WorkerError(f"cannot wait in line at {line}: {error.strerror}") from error
    place.unlink(missing_ok=True)
    return None


def _next_number(line: Path) -> int:
    """The time, or where the clock was set back, one more than the last in line has."""
    numbers = [place.name.split("-")[0] for place in line.glob("*-*-*")]
    return max([time.time_ns(), *(int(number) + 1 for number in numbers if number.isascii() and number.isdigit())])


def waiting(checkpoints: Path, device: str) -> list[str]:
    """The run ids in line, the one that trains first."""
    return _in(_line_folder(checkpoints, device))


def at_work(checkpoints: Path) -> list[str]:
    """The run ids in line, whatever the device. It reads no run, so that it may be asked again and again."""
    return [
        run_id for folder in sorted(checkpoints.glob(_line_folder(checkpoints, "*").name)) for run_id in _in(folder)
    ]


def _in(folder: Path) -> list[str]:
    run_ids = [place.name.split("-", 1)[1] for place in sorted(folder.glob("*-*-*"))]
    return [run_id for run_id in run_ids if is_locked(folder.parent / run_id / "lock")]


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
