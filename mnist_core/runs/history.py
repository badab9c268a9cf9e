"""The events of a run: one JSON line each, appended by the worker, read by everybody else from where they stopped."""

import errno
import io
import json
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal, assert_never, cast, get_args

import numpy as np

from mnist_core.decode import MAX_LINE, MAX_TEXT, DamagedFileError, json_as, open_regular, read_lines
from mnist_core.errors import CheckpointError
from mnist_core.runs.events import Epoch, Event, Failed, Finished, Queued, Started, Step, Stopped
from mnist_core.runs.growable_array import Column
from mnist_core.types import EpochEnd, StepEnd

FILE = "history.jsonl"
MAX_BYTES = 256 * 2**20  # of a history that are read: of two million steps
END_BYTES = 100  # in which two events of two trainings differ
MAX_DAMAGED = 10_000  # lines; a file that has more is no history, and each takes as long as a hundred events
EventName = Literal["queued", "started", "step", "epoch", "stopped", "resumed", "finished", "failed"]

NAMES: dict[type, EventName] = {kind: kind.__struct_config__.tag for kind in get_args(Event)}
STEP_VALUES = attrgetter("step", "loss", "accuracy", "learning_rate", "images", "elapsed")


@dataclass
class History:
    """What the events of a run say, up to now. Steps that were lost with a killed worker and replayed count once."""

    step: Column[int] = field(default_factory=lambda: Column(int))
    step_loss: Column[float] = field(default_factory=lambda: Column(float))
    step_accuracy: Column[float] = field(default_factory=lambda: Column(float))
    learning_rate: Column[float] = field(default_factory=lambda: Column(float))
    step_images: Column[int] = field(default_factory=lambda: Column(int))
    step_seconds: Column[float] = field(default_factory=lambda: Column(float))  # of training; pauses do not count
    epochs: list[EpochEnd] = field(default_factory=list)
    epoch_seconds: list[float] = field(default_factory=list)
    steps_per_epoch: int = 0  # 0 until the worker has started
    planned_epochs: int = 0  # of a run that stopped early: those it made
    stopped_early: bool = False  # for want of progress
    last_event: EventName | None = None
    last_time: float = 0.0  # seconds since 1970 of the last event
    pid: int | None = None  # of the worker that wrote last
    host: str = ""
    error: str = ""  # why it failed
    lost: str = ""  # what could not be read of the saved state when the run was last resumed
    damaged_lines: int = 0  # whole lines that are not events

    @property
    def elapsed_seconds(self) -> float:
        return max([*self.step_seconds[-1:], *self.epoch_seconds[-1:]], default=0.0)

    @property
    def last_epoch(self) -> int:
        """The number of the last epoch done, 0 before that; not how many are known, should the file be damaged."""
        return self.epochs[-1].epoch if self.epochs else 0

    @property
    def total_steps(self) -> int:
        return self.steps_per_epoch * self.planned_epochs

    @property
    def best(self) -> EpochEnd | None:
        """The epoch whose weights are kept: the first with the highest validation accuracy."""
        return max(self.epochs, key=lambda epoch: epoch.validation_accuracy, default=None)

    def images_per_second(self, last_steps: int = 200) -> float | None:
        """Training speed over the last steps; None if there are too few."""
        recent = self.step_seconds[-last_steps - 1 :]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return None
        return sum(self.step_images[len(self.step_images) - len(recent) + 1 :]) / (recent[-1] - recent[0])

    def snapshot(self) -> "History":
        """The history as it is now, whatever is added to this one."""
        return replace(
            self,
            step=self.step.snapshot(),
            step_loss=self.step_loss.snapshot(),
            step_accuracy=self.step_accuracy.snapshot(),
            learning_rate=self.learning_rate.snapshot(),
            step_images=self.step_images.snapshot(),
            step_seconds=self.step_seconds.snapshot(),
            epochs=self.epochs.copy(),
            epoch_seconds=self.epoch_seconds.copy(),
        )

    def add(self, event: Event) -> None:
        """Take in one event."""
        match event:
            case Step():
                self.add_steps([event])
            case Epoch():
                self._add_epoch(event.end, event.elapsed)
            case Started():  # resumed too
                self.pid, self.host, self.error, self.lost = event.pid, event.host, "", event.lost
                self.steps_per_epoch, self.planned_epochs = event.steps_per_epoch, event.epochs
                self.stopped_early = False
                self._forget_after(event.step, event.epochs_done)
            case Queued():
                self.pid, self.host, self.error = event.pid, event.host, ""
            case Failed():
                self.error = event.error
            case Finished():
                if event.early:
                    self.stopped_early, self.planned_epochs = True, self.last_epoch
            case Stopped():
                pass
            case _:
                assert_never(event)
        self.last_event, self.last_time = NAMES[type(event)], event.time

    def add_steps(self, events: Sequence[Step]) -> None:
        """Take in steps in a row, quicker than one by one."""
        for column, values in zip(self._columns(), zip(*map(STEP_VALUES, events), strict=True), strict=True):
            column.extend(np.asarray(values, column.values.dtype))
        self.last_event, self.last_time = "step", events[-1].time

    def _columns(self) -> tuple[Column[Any], ...]:
        """In the order of `STEP_VALUES`."""
        return (
            self.step,
            self.step_loss,
            self.step_accuracy,
            self.learning_rate,
            self.step_images,
            self.step_seconds,
        )

    def _forget_after(self, step: int, epochs_done: int) -> None:
        """Drop what a killed worker did after its last saved state: it is about to be done again."""
        keep = len(self.step)
        while keep and self.step[keep - 1] > step:
            keep -= 1
        for column in self._columns():
            column.truncate(keep)
        while self.epochs and self.epochs[-1].epoch > epochs_done:
            del self.epochs[-1], self.epoch_seconds[-1]

    def _add_epoch(self, epoch: EpochEnd, elapsed: float) -> None:
        """In its place: a worker that finds some missing from a damaged file writes them again."""
        place = bisect_left(self.epochs, epoch.epoch, key=lambda known: known.epoch)
        again = place < len(self.epochs) and self.epochs[place].epoch == epoch.epoch
        self.epochs[place : place + again], self.epoch_seconds[place : place + again] = [epoch], [elapsed]


class HistoryReader:
    """Follows a growing history. Each `read` parses only what was appended since; threads may share a reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._history = History()
        self._offset = 0
        self._inode: int | None = None
        self._end = b""  # what stands before the offset
        self._lock = threading.Lock()

    def read(self) -> History:
        """The history up to now, which holds still from then on. A last line without its end waits for next time."""
        with self._lock:
            try:
                with open_regular(self.path) as file:
                    self._restart_if_replaced(file)
                    file.seek(self._offset)
                    for lines, place in read_lines(file, most=MAX_BYTES):
                        if not take_all(self._history, lines):
                            self._offset = os.fstat(file.fileno()).st_size  # the rest is passed over
                            break
                        self._offset = place
                    self._end = self._before_offset(file)
            except (FileNotFoundError, DamagedFileError):  # not there yet, or not to be read: there is nothing to show
                pass
            return self._history.snapshot()

    def _restart_if_replaced(self, file: io.BufferedReader) -> None:
        """By another file, or another content: what was copied over it may be longer, and of any time."""
        stat = os.fstat(file.fileno())
        if stat.st_ino != self._inode or stat.st_size < self._offset or self._before_offset(file) != self._end:
            self._history, self._offset, self._inode, self._end = History(), 0, stat.st_ino, b""

    def _before_offset(self, file: io.BufferedReader) -> bytes:
        """The last of what was read, as it stands there now."""
        file.seek(max(0, self._offset - END_BYTES))
        return file.read(min(END_BYTES, self._offset))


def take_all(history: History, lines: Sequence[bytes]) -> bool:
    """Take in lines of a file; those that are no events are counted. False once they are too many to go on."""
    for is_step, group in groupby(_events(lines), key=lambda event: isinstance(event, Step)):
        if is_step:
            history.add_steps(cast(list[Step], list(group)))
            continue
        for event in group:
            if event is None:
                history.damaged_lines += 1
                if history.damaged_lines >= MAX_DAMAGED:
                    return False
            else:
                history.add(event)
    return True


def _events(lines: Sequence[bytes]) -> Iterable[Event | None]:
    """Lines decoded in one go; where one is no event, each for itself, and None in its place."""
    try:
        events: list[Event | None] = json_as(list[Event], b"[" + b",".join(lines) + b"]")
        if len(events) == len(lines):  # or two only made sense together
            return events
    except DamagedFileError:
        pass
    return map(_event, lines)


def _event(line: bytes) -> Event | None:
    try:
        event: Event = json_as(Event, line)
    except DamagedFileError:
        return None
    return event


class HistoryWriter:
    """Appends events. One write a line, so that a reader or a kill finds whole lines and at most one torn one."""

    def __init__(self, path: Path, *, elapsed: float) -> None:
        """Raises: CheckpointError: if what stands there is no file to append to."""
        self._path = path
        _drop_torn_line(path)
        self._file = path.open("ab", buffering=0)
        self._begin = time.monotonic() - elapsed

    def write(self, event: EventName, **values: Any) -> None:
        values = {"event": event, "time": round(time.time(), 3), "elapsed": round(self.elapsed, 4), **values}
        values = {name: _readable(value) if isinstance(value, str) else value for name, value in values.items()}
        line = json.dumps(values, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        if self._file.write(line) != len(line):  # the system takes what still fits, and complains only next time
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def record(self, event: StepEnd | EpochEnd, **values: Any) -> None:
        self.write("step" if isinstance(event, StepEnd) else "epoch", **asdict(event), **values)

    @property
    def elapsed(self) -> float:
        """Training seconds, those of earlier sittings included."""
        return time.monotonic() - self._begin

    def restart_clock(self, elapsed: float) -> None:
        self._begin = time.monotonic() - elapsed

    def close(self) -> None:
        self._file.close()


def _drop_torn_line(path: Path) -> None:
    """Half an event, of a worker that was killed while it wrote: it is about to happen again."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - MAX_LINE))
            torn = len(file.read().rpartition(b"\n")[2])
    except FileNotFoundError:
        return
    except DamagedFileError as error:
        raise CheckpointError(f"{path} cannot be appended to ({error}): move it away, then resume the run") from error
    if torn:
        os.truncate(path, size - torn)


def _readable(text: str) -> str:
    """As a reader takes it: of bounded length, and without the halves of characters that a file's name may have."""
    return text[:MAX_TEXT].encode("utf8", "replace").decode()
