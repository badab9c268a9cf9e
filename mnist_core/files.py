"""Files written so that a kill, a full disk or a lost power never leaves a partial file in place."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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
