"""A launcher whose workers die where they are told to, to the byte. `benchmarks.kills` starts it in place of the app's.

A file `doom.json` in a run's folder says amid which write SIGKILL hits the run's next worker.
"""

import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mnist_core.runs.history import HistoryWriter
from mnist_core.runs.run import STATE_FILE, WEIGHTS_FILE
from mnist_core.workers import launcher

FILE = "doom.json"
Where = Literal["save", "line", "step"]


@dataclass(frozen=True)
class Doom:
    """Where a worker is to die: amid a save of weights or state, amid a line of its history, or after a whole one."""

    where: Where
    number: int  # of the save or step, from 1, as this worker counts
    share: float = 0.0  # of the file or line that is written by then

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self)))


class Executioner:
    """Counts a worker's writes and ends it at the one it is doomed to."""

    def __init__(self) -> None:
        self._counts = {"save": 0, "step": 0}

    def watch(self) -> None:
        """Have every save and every step of this process and of those it forks come by here."""
        write_bytes, write_event = Path.write_bytes, HistoryWriter.write

        def save(path: Path, data: bytes) -> int:
            if path.name.startswith((f".{STATE_FILE}.", f".{WEIGHTS_FILE}.")):
                self._counts["save"] += 1
                if (doom := _doom(path.parent)) and (doom.where, doom.number) == ("save", self._counts["save"]):
                    write_bytes(path, bytes(data)[: int(doom.share * len(data))])
                    _die(path.parent)
            return write_bytes(path, data)

        def record(writer: HistoryWriter, event: Any, **values: Any) -> None:
            write_event(writer, event, **values)
            self._counts["step"] += event == "step"
            doom = _doom(writer._path.parent) if event == "step" else None
            if doom and doom.where != "save" and doom.number == self._counts["step"]:
                if doom.where == "line":
                    line = writer._path.read_bytes().splitlines()[-1]  # as the next would be
                    writer._file.write(line[: 1 + int(doom.share * (len(line) - 1))])
                _die(writer._path.parent)

        Path.write_bytes, HistoryWriter.write = save, record  # type: ignore[method-assign, assignment]


def _doom(folder: Path) -> Doom | None:
    path = folder / FILE
    return Doom(**json.loads(path.read_text())) if path.exists() else None


def _die(folder: Path) -> None:
    (folder / FILE).unlink()  # whoever resumes it is not doomed
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Executioner().watch()
    launcher.serve()
