"""Pictures of handwriting and what they show: a folder with `labels.csv`, whose columns are `file,kind,label,source`.

`label` is a digit; the digits of a number, rows joined from the top, for kind `number`; empty for what is no digit.
`source` tells the writer or the origin.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mnist_core.errors import DatasetError

Task = Literal["digit", "number", "nothing"]

FILE = "labels.csv"
COLUMNS = ("file", "kind", "label", "source")
KINDS = ("canvas", "photo", "scan", "drawn", "small", "number", "letter")  # the order they are told in
NUMBER = "number"


@dataclass(frozen=True)
class Labelled:
    """One picture."""

    path: Path
    file: str  # as `labels.csv` names it
    kind: str
    label: str
    source: str

    @property
    def task(self) -> Task:
        """What is asked of a reader: a digit, a number, or to say that it is none."""
        if not self.label:
            return "nothing"
        return "number" if self.kind == NUMBER else "digit"


@dataclass(frozen=True)
class Collection:
    """What a folder holds, and which rows of its `labels.csv` could not be used."""

    pictures: tuple[Labelled, ...]
    odd: tuple[str, ...]  # a sentence each


def read_labels(folder: Path) -> Collection:
    """Read `labels.csv`.

    Raises:
        DatasetError: if it is missing, lacks a column, or no row of it can be used.
    """
    path = folder / FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise DatasetError(f"{path} lacks the column {', '.join(missing)}; expected {','.join(COLUMNS)}")
            rows = [{name: row[name] or "" for name in COLUMNS} for row in reader]
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}); the folder needs a {FILE} with the columns {','.join(COLUMNS)}"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} is not a UTF-8 CSV file: {error}") from error
    pictures = [
        Labelled(folder / row["file"], row["file"], row["kind"], "".join(row["label"].split()), row["source"])
        for row in rows
    ]
    good = tuple(picture for picture in pictures if not _oddity(picture))
    odd = tuple(f"{p.file or 'a row without a file'}: {_oddity(p)}" for p in pictures if _oddity(p))
    if not good:
        raise DatasetError(f"{path} names no picture that can be used{': ' + odd[0] if odd else ''}")
    return Collection(good, odd)


def in_order(kinds: Iterable[str]) -> list[str]:
    """Each kind once: those we know first, others as they come."""
    present = list(dict.fromkeys(kinds))
    return [kind for kind in KINDS if kind in present] + [kind for kind in present if kind not in KINDS]


def _oddity(picture: Labelled) -> str:
    """What is wrong with a row; nothing if it can be used."""
    label = picture.label
    if not picture.file or not picture.kind:
        return "file and kind must not be empty"
    if label and not (label.isascii() and label.isdigit()):
        return f"label {label!r} is neither digits nor empty"
    if picture.kind == NUMBER:
        return "" if label else "a number needs a label"
    return "" if len(label) <= 1 else f"label {label!r} has several digits, which only kind {NUMBER} may have"
