"""Downloads MNIST with torchvision's own code, reporting progress and leaving nothing half done behind.

The files are fetched into a temporary folder, checked, and only then moved into place. Downloads into one data
folder take turns: the second watches the progress of the first and then finds the files there.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core import paths
from mnist_core.datasets.fetch_process import POLL_SECONDS, Fetcher, describe_disk_error
from mnist_core.datasets.mnist_checksums import (
    FILES,
    TORCHVISION_FOLDER,
    TOTAL_BYTES,
    how_to_go_on,
    read_checked,
    read_official,
)
from mnist_core.errors import DatasetError

MIRRORS = (  # torchvision.datasets.MNIST.mirrors, kept here too so that nobody must import torch to name them
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
PATIENCE_SECONDS = 20.0  # a mirror that sends nothing for so long is given up
WORKSHOP = ".download"  # in the data folder; belongs to whoever holds the lock beside it

Progress = Callable[[int, int], None]  # bytes done, bytes in all


def download(*, on_progress: Progress | None = None) -> Path:
    """Fetch MNIST into the data folder, unless it is there already.

    Args:
        on_progress: called from this thread about ten times a second, also while nothing arrives, so that it can end
            the download by raising. Bytes done never fall; the last call has them equal to bytes in all.
    Returns: the data folder.
    Raises:
        DatasetError: with what each mirror or the disk reported, and how to get the files by hand.
    """
    folder = paths.data_folder()
    report = _Report(on_progress)
    report(0)
    if not _is_complete(folder):
        with _turn(folder, report) as workshop:
            if not _is_complete(folder):  # else the one before us has brought them
                _fetch(folder, workshop, report)
                _move_into_place(folder, workshop)
    report(TOTAL_BYTES)
    return folder


class _Report:
    """Progress that never goes back, though another mirror may begin a file again."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self._done = 0

    def __call__(self, done: int) -> None:
        self._done = max(self._done, min(done, TOTAL_BYTES))
        if self._on_progress is not None:
            self._on_progress(self._done, TOTAL_BYTES)


@contextmanager
def _turn(folder: Path, report: _Report) -> Iterator[Path]:
    """An empty folder to fetch into, once nobody else fetches into this data folder. It is gone afterwards."""
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{WORKSHOP}.lock")
    while not _acquire(lock, folder):
        report(_arrived(folder / WORKSHOP))
    try:
        shutil.rmtree(folder / WORKSHOP, ignore_errors=True)  # left by a download that was killed
        with _disk_errors(folder):
            (folder / WORKSHOP).mkdir(exist_ok=True)
            own = Path(tempfile.mkdtemp(dir=folder / WORKSHOP))
        yield own
    finally:
        shutil.rmtree(folder / WORKSHOP, ignore_errors=True)
        lock.release()


def _acquire(lock: FileLock, folder: Path) -> bool:
    with _disk_errors(folder):
        try:
            lock.acquire(timeout=POLL_SECONDS)
        except Timeout:
            return False
    return True


def _fetch(folder: Path, workshop: Path, report: _Report) -> None:
    """Try one mirror after the other until the four files are in the workshop."""
    own_mirror = paths.mirror()
    said = []
    with _disk_errors(folder):
        fetcher = Fetcher(workshop, patience_seconds=PATIENCE_SECONDS)
    with fetcher:
        for mirror in [*([own_mirror] if own_mirror else []), *MIRRORS]:
            answer = fetcher.fetch(mirror, while_waiting=lambda: report(_arrived(workshop)))
            if answer.error is None:
                return
            if answer.is_final:
                raise _download_error(folder, answer.error)
            said.append(f"{mirror}: {answer.error}")
    raise _download_error(folder, "; ".join(said))


def _move_into_place(folder: Path, workshop: Path) -> None:
    with _disk_errors(folder):
        (folder / TORCHVISION_FOLDER).mkdir(parents=True, exist_ok=True)
        for file in FILES:
            fetched = workshop / TORCHVISION_FOLDER / file.packed_name
            read_checked(fetched, file)
            fetched.replace(folder / TORCHVISION_FOLDER / file.packed_name)


def _is_complete(folder: Path) -> bool:
    try:
        for file in FILES:
            read_official(folder, file)
    except DatasetError:
        return False
    return True


def _arrived(folder: Path) -> int:
    """Bytes of packed files anywhere under `folder`, which may change or vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".gz"):
                try:
                    total += Path(parent, name).stat().st_size
                except FileNotFoundError:
                    continue
    return total


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _download_error(folder, describe_disk_error(error)) from error


def _download_error(folder: Path, reason: str) -> DatasetError:
    return DatasetError(f"MNIST could not be downloaded ({reason}): {how_to_go_on(folder)}")
