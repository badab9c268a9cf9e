"""Files written so that a kill, a full disk or a lost power never leaves a partial file in place."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, int, int, int]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file beside its place, then move it in: readers see the old one or the new one, whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # process ids repeat: each container has its own
    try:
        yield beside
        _to_disk(beside)
        beside.replace(path)
        _to_disk(path.parent)  # or a lost power might bring the old one back
    finally:
        beside.unlink(missing_ok=True)


def after_the_last(names: Iterable[str], now: datetime, *, when: str, step: timedelta) -> datetime:
    """Now, or where one of the names begins with that time or a later one, a step after the last of them.

    So the order of names is that in which they were given, within one moment and after a clock was set back.

    Args:
        when: as which they begin, for `strftime`; of a fixed length.
    """
    moment = f"{now:{when}}"
    for name in sorted((name for name in names if name >= moment), reverse=True):
        with suppress(ValueError, OverflowError):  # no time, or the last there is
            return datetime.strptime(name[: len(moment)], when).replace(tzinfo=UTC) + step
    return now


def stamp_of(path: Path) -> Stamp:
    """Another one whenever the file or its content is another. Raises OSError if it is not there.

    Whatever the clock or `cp -p` says of when it was changed: on Unix nobody sets the time of the inode's own change.
    """
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size


def clear_leftovers(folder: Path, *names: str) -> None:
    """Remove what killed processes left beside the places of these files. Nobody may be writing them now."""
    for name in names:
        for leftover in folder.glob(f".{name}.*"):
            leftover.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
