"""The process that downloads MNIST with torchvision's own code: both its ends.

It is a process of its own because torchvision's download has no time limit, cannot be stopped and draws a progress bar.
Here limits can be set for the whole process, it can be ended at any time, and what it prints goes to a file.

It reads addresses of mirrors from standard input, one a line, and answers each on standard output by one line of JSON.
It ends when standard input is closed, so also when its owner is killed.
"""

import errno
import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from mnist_core import paths
from mnist_core.datasets.mnist_checksums import FILES, TORCHVISION_FOLDER, find_difference

COMMAND = (sys.executable, "-m", "mnist_core.datasets.fetch_process")
POLL_SECONDS = 0.1
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_URL_ERROR = re.compile(r"^<urlopen error (.*)>$")  # urllib's wrapping of what the system said
_ERROR_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


@dataclass(frozen=True)
class Answer:
    """How it went with one mirror."""

    error: str | None  # None: all four files are there
    is_final: bool = False  # no other mirror would help


class Fetcher:
    """The owner's end: `with Fetcher(folder, ...) as fetcher`; leaving ends the process, whatever it is doing."""

    def __init__(self, folder: Path, *, patience_seconds: float) -> None:
        """Files go to torchvision's layout under `folder`; a mirror silent for `patience_seconds` is given up."""
        self._log = folder / "log.txt"
        import_path = os.pathsep.join(filter(None, [str(paths.APP_FOLDER), os.environ.get("PYTHONPATH")]))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*COMMAND, str(folder), str(patience_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                env={**os.environ, "PYTHONPATH": import_path},
            )
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._reader = threading.Thread(target=self._read_answers, daemon=True)
        self._reader.start()

    def fetch(self, mirror: str, *, while_waiting: Callable[[], None]) -> Answer:
        """Try one mirror, calling `while_waiting` about ten times a second."""
        self._ask(mirror)
        while True:
            while_waiting()
            try:
                return self._answers.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._reader.join()
        with self._process:  # closes its pipes and waits
            pass

    def _ask(self, mirror: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, and the last answer says so
            self._process.stdin.write(f"{mirror}\n".encode())

    def _read_answers(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(Answer(**json.loads(line)))
        self._answers.put(Answer(f"the download process ended unexpectedly: {self._last_words()}", is_final=True))

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")


def fetch(mirror: str, folder: Path) -> Answer:
    """Bring the four files, packed and unpacked, into torchvision's layout under `folder`.

    Files that are there already and have the published checksum are not fetched again.
    """
    from mnist_core.datasets.torchvision_import import torchvision_datasets

    class MNIST(torchvision_datasets().MNIST):  # type: ignore[misc]  # the class's name is part of the layout
        mirrors = (mirror,)

    try:
        MNIST(folder, download=True)
    except OSError as error:  # torchvision lets these through where they end a transfer half-way
        if error.errno == errno.EFBIG:
            return Answer("sent more bytes than the file has")
        if error.errno in _DISK_ERRORS or error.filename is not None:
            return Answer(describe_disk_error(error), is_final=True)
        return Answer(_plain(error))
    except (RuntimeError, HTTPException, ValueError) as error:  # ValueError: not an address at all
        return Answer(_find_damage(folder) if "corrupted" in str(error) else _plain(error))
    return Answer(None)


def describe_disk_error(error: OSError) -> str:
    """What is wrong with the data folder, for a person who can fix it."""
    return f"the files cannot be written to the data folder: {error.strerror}; it must be writable and have 70 MB free"


def _find_damage(folder: Path) -> str:
    """What is wrong with the file that torchvision has just rejected."""
    for file in FILES:
        path = folder / TORCHVISION_FOLDER / file.packed_name
        if difference := find_difference(path.read_bytes(), file, is_packed=True):
            return f"sent an incorrect {file.packed_name}: {difference}"
    raise AssertionError("torchvision rejects a file whose checksum is right")


def _plain(error: Exception) -> str:
    """What the system or the server said, without the wrapping; torchvision puts its own lines above."""
    text = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return _ERROR_NUMBER.sub("", _URL_ERROR.sub(r"\1", text))


def answer_all(folder: Path, patience_seconds: float, questions: TextIO, answers: TextIO) -> None:
    """The process's end: answer until the questions end."""
    socket.setdefaulttimeout(patience_seconds)
    _limit_file_size(max(file.size for file in FILES))
    threading.excepthook = _end_with_traceback
    for line in questions:
        # Beside the main thread, which goes on waiting here and so notices at once when the owner is gone.
        threading.Thread(target=_answer, args=(line.strip(), folder, answers), daemon=True).start()


def _answer(mirror: str, folder: Path, answers: TextIO) -> None:
    answers.write(json.dumps(asdict(fetch(mirror, folder))) + "\n")
    answers.flush()


def _limit_file_size(most_bytes: int) -> None:
    """So that a mirror that never stops sending cannot fill the disk: writing more than this fails with EFBIG."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard), hard)
    )


def _end_with_traceback(failure: threading.ExceptHookArgs) -> None:
    threading.__excepthook__(failure)
    os._exit(1)


if __name__ == "__main__":
    own_output, sys.stdout = sys.stdout, sys.stderr  # nothing else can get between the answers
    answer_all(Path(sys.argv[1]), float(sys.argv[2]), sys.stdin, own_output)
    os._exit(0)  # a fetch still under way would keep the interpreter alive
