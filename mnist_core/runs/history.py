"""The events of a run: one JSON line each, appended by the worker, read by everybody else from where they stopped."""

import errno
import json
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mnist_core.runs.growable_array import Column
from mnist_core.types import EpochEnd, StepEnd

FILE = "history.jsonl"
EventName = Literal["queued", "started", "step", "epoch", "stopped", "resumed", "finished", "failed"]

STEP_VALUES = itemgetter("time", "step", "loss", "accuracy", "learning_rate", "images", "elapsed")
LINES_AT_ONCE = 2000  # of a long history, parsed together: a damaged one costs that many others their speed
NOT_OURS = (KeyError, TypeError, ValueError, OverflowError)  # what taking in a line raises that is no event of ours


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
    planned_epochs: int = 0
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

    def add(self, event: dict[str, Any]) -> None:
        """Take in one event.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: if it is not an event of ours.
        """
        name: EventName = event["event"]
        elapsed = float(event["elapsed"])
        if name == "step":
            self.add_steps([event])
        elif name == "epoch":
            known = {key: event[key] for key in EpochEnd.__dataclass_fields__ if key in event}
            self._add_epoch(EpochEnd(**known), elapsed)
        elif name in ("queued", "started", "resumed"):
            self.pid, self.host, self.error = int(event["pid"]), str(event["host"]), ""
            if name != "queued":
                self.steps_per_epoch, self.planned_epochs = int(event["steps_per_epoch"]), int(event["epochs"])
                self.lost = str(event.get("lost", ""))
                self._forget_after(int(event["step"]), int(event["epochs_done"]))
        elif name == "failed":
            self.error = str(event["error"])
        elif name not in ("stopped", "finished"):
            raise ValueError(f"no such event: {name!r}")
        self.last_event, self.last_time = name, float(event["time"])

    def add_steps(self, events: Sequence[dict[str, Any]]) -> None:
        """Take in `step` events in a row: all of them, or none.

        Raises:
            KeyError, TypeError, ValueError, OverflowError: if one is not an event of ours.
        """
        columns = list(zip(*map(STEP_VALUES, events), strict=True))
        for values in columns:
            if not all(issubclass(kind, (int, float)) and kind is not bool for kind in set(map(type, values))):
                raise TypeError("a step's values are numbers")
        arrays = [
            np.asarray(new, column.values.dtype) for column, new in zip(self._columns(), columns[1:], strict=True)
        ]
        for column, new in zip(self._columns(), arrays, strict=True):
            column.extend(new)
        self.last_event, self.last_time = "step", float(columns[0][-1])

    def _columns(self) -> tuple[Column[Any], ...]:
        """In the order of `STEP_VALUES`, without its first."""
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
        self._lock = threading.Lock()

    def read(self) -> History:
        """The history up to now, which holds still from then on. A last line without its end waits for next time."""
        with self._lock:
            try:
                with self.path.open("rb") as file:
                    self._restart_if_replaced(os.fstat(file.fileno()))
                    file.seek(self._offset)
                    data = file.read()
            except OSError:  # not there yet, or not to be read: there is nothing to show
                data = b""
            end = data.rfind(b"\n") + 1
            self._take_all(data[:end].splitlines())
            self._offset += end
            return self._history.snapshot()

    def _restart_if_replaced(self, stat: os.stat_result) -> None:
        if stat.st_ino != self._inode or stat.st_size < self._offset:
            self._history, self._offset, self._inode = History(), 0, stat.st_ino

    def _take_all(self, lines: list[bytes]) -> None:
        for start in range(0, len(lines), LINES_AT_ONCE):
            events = _events(lines[start : start + LINES_AT_ONCE])
            for is_step, group in groupby(events, key=lambda event: event.get("event") == "step"):
                self._take(list(group), in_one=is_step)

    def _take(self, events: list[dict[str, Any]], *, in_one: bool) -> None:
        try:
            if in_one:
                self._history.add_steps(events)
                return
        except NOT_OURS:
            pass  # then one by one, to keep those that are
        for event in events:
            try:
                self._history.add(event)
            except NOT_OURS:
                self._history.damaged_lines += 1


def _events(lines: list[bytes]) -> list[dict[str, Any]]:
    """Parse lines in one go, a third quicker; where one is damaged, each for itself. What is no object becomes {}."""
    try:
        events = json.loads(b"[" + b",".join(lines) + b"]")
        if len(events) == len(lines):
            return [event if isinstance(event, dict) else {} for event in events]
    except ValueError:
        pass
    return [_event(line) for line in lines if line.strip()]


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


class HistoryWriter:
    """Appends events. One write a line, so that a reader or a kill finds whole lines and at most one torn one."""

    def __init__(self, path: Path, *, elapsed: float) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)
        self._drop_torn_line()
        self._begin = time.monotonic() - elapsed

    def write(self, event: EventName, **values: Any) -> None:
        values = {"event": event, "time": round(time.time(), 3), "elapsed": round(self.elapsed, 4), **values}
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

    def _drop_torn_line(self) -> None:
        """Half an event, of a worker that was killed while it wrote: it is about to happen again."""
        written = self._path.read_bytes()
        if (whole := written.rfind(b"\n") + 1) < len(written):
            self._file.truncate(whole)
