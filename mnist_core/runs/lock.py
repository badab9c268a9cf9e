"""A run is being trained if, and only if, its lock is held. The system releases a dead worker's lock.

Another lock, one for a whole folder of runs, is held for the moment in which somebody changes what others might be
changing: two servers may stand on one folder.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mnist_core.errors import CheckpointError

EDIT_FILE = ".edit.lock"  # among the runs
EDIT_SECONDS = 20.0  # a change takes as long as a disk takes to keep a small file
PATIENCE_SECONDS = 2.0  # a look at a lock holds it for microseconds; a worker outwaits that


def hold(path: Path) -> FileLock:
    """A lock to enter with `with`. It does not wait for another worker: `filelock.Timeout` says there is one."""
    return FileLock(path, timeout=PATIENCE_SECONDS, poll_interval=0.01)


@contextmanager
def editing(checkpoints: Path) -> Iterator[None]:
    """Be the only one, of all processes, who changes small files of the runs in a folder. Not to be nested.

    Raises:
        CheckpointError: if somebody else has not come to an end within `EDIT_SECONDS`.
        OSError: if the folder cannot be written.
    """
    lock = FileLock(checkpoints / EDIT_FILE, timeout=EDIT_SECONDS, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout as error:
        raise CheckpointError(
            f"another process has held {checkpoints / EDIT_FILE} for {EDIT_SECONDS:.0f} s; try again once it has ended"
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Whether a worker holds the lock. Looking never keeps two others who look, or a worker, from theirs."""
    if sys.platform == "win32":
        return path.is_file() and _is_locked_by_trying(path)
    import fcntl

    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a third of what `path.open` costs, and asked very often
    except OSError:  # not there, or nothing that could be held
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: lookers do not see each other
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _is_locked_by_trying(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True
