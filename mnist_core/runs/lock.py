"""A run is being trained if, and only if, its lock is held. The system releases a dead worker's lock."""

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

PATIENCE_SECONDS = 2.0  # a look at a lock holds it for microseconds; a worker outwaits that


def hold(path: Path) -> FileLock:
    """A lock to enter with `with`. It does not wait for another worker: `filelock.Timeout` says there is one."""
    return FileLock(path, timeout=PATIENCE_SECONDS, poll_interval=0.01)


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
