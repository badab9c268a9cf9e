"""What is loaded once and shared by every visitor. Keys name the files' state, so nothing shown is ever stale."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mnist_core import epochs, exam, handwriting, kept, places, runs, teach
from mnist_core.history import FILE, History, HistoryReader
from mnist_core.records import Evaluation, Interval, SplitName
from mnist_core.runs import Run
from mnist_core.scores import accuracy_interval

if TYPE_CHECKING:
    from torch import nn

MOST_UNITS = 36  # of the first layer, whose weights are shown at every epoch: six rows of six


def history_of(run: Run) -> History:
    """The run's history up to now; only what was appended since anybody last asked is read."""
    return _reader(str(run.folder)).read()


def model_of(run: Run) -> "nn.Module":
    """The run's network, in evaluation mode; shared, so never to be changed.

    Raises:
        CheckpointError: if it was deleted, has no weights, or damaged ones.
    """
    runs.ensure_present(run)
    return _model(run, weights_stamp(run))


def weights_stamp(run: Run) -> tuple[int, int]:
    """Another one whenever the run's weights are others."""
    return _stamp(run, runs.WEIGHTS_FILE)


def evaluation_of(run: Run, split: SplitName) -> Evaluation | None:
    """What was kept of the run's evaluation on a split, if it was taken.

    Raises:
        CheckpointError: if it is damaged.
    """
    return _evaluation(run, split, _evaluation_stamp(run))


@dataclass(frozen=True)
class Mark:
    """What an exam came to."""

    accuracy: float
    interval: Interval


def mark_of(run: Run, split: SplitName) -> Mark | None:
    """The accuracy alone: a table of all runs need not keep ten thousand predictions of each.

    Raises:
        CheckpointError: if what was kept is damaged.
    """
    return _mark(run, split, _evaluation_stamp(run))


def model_at(run: Run, epoch: int) -> "nn.Module":
    """The run's network as it was at an epoch's end, in evaluation mode; shared, so never to be changed.

    Raises:
        CheckpointError: if that epoch is not kept, or damaged.
    """
    return _model_at(run, epoch, _stamp_of(epochs.path_of(run.folder, epoch)))


def epoch_of(run: Run, epoch: int) -> epochs.KeptEpoch:
    """What an epoch left: its matrix and the first units of its first layer.

    Raises:
        CheckpointError: if it is not kept, or damaged.
    """
    return _epoch(run, epoch, _stamp_of(epochs.path_of(run.folder, epoch)))


def kept_pictures() -> list[kept.Kept]:
    """The person's own pictures, in the order of labels and times; a file is read again only when it has changed.

    Raises:
        DatasetError: if their folder cannot be read.
    """
    return [_kept(label, path, *_stamp_of(path)) for label, path in handwriting.files_in(places.handwriting_folder())]


def report_of(run: Run) -> teach.Report | None:
    """What teaching changed, as far as it is known.

    Raises:
        CheckpointError: if it is damaged.
    """
    return _report(run, _stamp(run, teach.FILE))


@st.cache_resource(max_entries=5000, show_spinner=False)
def _kept(label: int, path: Path, *stamp: int) -> kept.Kept:
    return kept.read_kept(label, path)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _report(run: Run, stamp: tuple[int, int]) -> teach.Report | None:
    return teach.load_report(run.folder)


@st.cache_resource(max_entries=256, show_spinner=False)
def _reader(folder: str) -> HistoryReader:
    return HistoryReader(Path(folder) / FILE)


@st.cache_resource(max_entries=8, show_spinner="Loading the model …", hash_funcs={Run: lambda run: str(run.folder)})
def _model(run: Run, stamp: tuple[int, int]) -> "nn.Module":
    return runs.load_model(run)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _model_at(run: Run, epoch: int, stamp: tuple[int, int]) -> "nn.Module":
    return epochs.load_model_at(run, epoch)


@st.cache_resource(max_entries=1000, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _epoch(run: Run, epoch: int, stamp: tuple[int, int]) -> epochs.KeptEpoch:
    return epochs.load_epoch(run, epoch, most=MOST_UNITS)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _evaluation(run: Run, split: SplitName, stamp: tuple[int, ...]) -> Evaluation | None:
    return exam.load_evaluation(run, split)


@st.cache_resource(max_entries=1024, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _mark(run: Run, split: SplitName, stamp: tuple[int, ...]) -> Mark | None:
    evaluation = exam.load_evaluation(run, split)
    return None if evaluation is None else Mark(evaluation.accuracy, accuracy_interval(evaluation))


def _evaluation_stamp(run: Run) -> tuple[int, ...]:
    return (*_stamp(run, exam.FILE), *weights_stamp(run))


def _stamp(run: Run, file: str) -> tuple[int, int]:
    """Another one whenever the file is another."""
    return _stamp_of(run.folder / file)


def _stamp_of(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_ino)
