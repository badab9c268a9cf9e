"""What is loaded once and shared by every visitor. Keys name the files' state, so nothing shown is ever stale."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mnist_core import paths
from mnist_core.datasets import handwriting
from mnist_core.datasets import picture_store as kept
from mnist_core.datasets.registry import DATASETS, load
from mnist_core.datasets.remarks import remarks
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.files import Stamp, stamp_of
from mnist_core.finetuning import finetune
from mnist_core.insight.compare import Answers
from mnist_core.runs import epochs, evaluations, notes
from mnist_core.runs.history import FILE, History, HistoryReader
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import WEIGHTS_FILE, Run, ensure_present
from mnist_core.runs.summary import glance
from mnist_core.runs.weights import load_model
from mnist_core.statistics.confusion_matrix import confusion_matrix
from mnist_core.statistics.wilson import accuracy_interval
from mnist_core.types import NOT_A_DIGIT, SIDE, Box, Evaluation, Interval, Prediction, Preprocessed, SplitName

if TYPE_CHECKING:
    from mnist_core.networks.network import Network

MAX_UNITS = 36  # of the first layer, whose weights are shown at every epoch: six rows of six
MAX_SUMMARIES = 20_000  # runs whose summaries are kept at hand; beyond, every look at the table reads all files again


def history_of(run: Run) -> History:
    """The run's history up to now; only what was appended since anybody last asked is read."""
    return _reader(str(run.folder)).read()


@dataclass(frozen=True)
class Mark:
    """What an evaluation came to."""

    accuracy: float
    interval: Interval
    matrix: np.ndarray | None = None  # (10, 10) counts, where the images were looked at one by one


def mark_of(run: Run, split: SplitName) -> Mark | None:
    """The accuracy alone.

    Raises:
        CheckpointError: if the saved evaluation is damaged.
    """
    evaluation = evaluation_of(run, split)
    return _mark(evaluation) if evaluation else None


@dataclass(frozen=True)
class Summary:
    """What a table of many runs says of one."""

    history: History  # a glance: without most steps
    test: Mark | None  # None where it has not been evaluated on test
    notes: Notes
    damage: str  # what beside the run cannot be read; empty where all is well


def summaries_of(known: Sequence[Run]) -> list[Summary]:
    """Of each run what stands in its folder now; only files that have changed are read.

    A thousand runs are looked at in one go, so Streamlit's cache is asked once and not for each.
    """
    kept = _summaries()
    found = []
    for run in known:
        stamp = (_stamp_of(run.folder / FILE), _evaluation_stamp(run), _stamp(run, notes.FILE))
        if kept.get(run.folder, (None,))[0] != stamp:
            kept[run.folder] = (stamp, _summary(run))
        found.append(kept[run.folder][1])
    while len(kept) > MAX_SUMMARIES:
        kept.pop(next(iter(kept)), None)
    return found


def glance_of(run: Run) -> History:
    """The run's history without most of its steps: all that a table of many runs shows."""
    return summaries_of([run])[0].history


def answers_of(run: Run, split: SplitName) -> Answers | None:
    """The run's answers on a split, if it was evaluated; without probabilities, so that many runs may be compared.

    Raises:
        CheckpointError: if the saved evaluation is damaged.
    """
    return _answers(run, split, _evaluation_stamp(run))


def model_of(run: Run) -> "Network":
    """The run's network, in evaluation mode; shared, so never to be changed.

    Raises:
        CheckpointError: if it was deleted, has no weights, or damaged ones.
    """
    ensure_present(run)
    return _model(run, weights_stamp(run))


def weights_stamp(run: Run) -> Stamp:
    """Another one whenever the run's weights are others."""
    return _stamp(run, WEIGHTS_FILE)


def remarks_on(run: Run) -> list[str]:
    """Which digits were missing or rare among the person's own pictures that a run was trained on; nothing of a run on
    anything else, and where those pictures have changed since."""
    own = run.dataset in DATASETS and DATASETS[run.dataset].way == "write"
    return _remarks(run.dataset, run.dataset_checksum) if own else []


@st.cache_data(max_entries=64, show_spinner="Reading your pictures …")
def _remarks(dataset: str, checksum: str) -> list[str]:
    try:
        loaded = load(dataset)
    except DatasetError:
        return []
    return remarks(loaded) if loaded.checksum == checksum else []


def evaluation_of(run: Run, split: SplitName) -> Evaluation | None:
    """The run's evaluation on a split, if there is one.

    Raises:
        CheckpointError: if it is damaged.
    """
    return _evaluation(run, split, _evaluation_stamp(run))


def model_at(run: Run, epoch: int) -> "Network":
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
    return [_kept(label, path, *_stamp_of(path)) for label, path in handwriting.files_in(paths.handwriting_folder())]


def kept_not_digits() -> list[kept.Kept]:
    """Those of the person's own pictures that are kept as no digit, oldest first.

    Raises:
        DatasetError: if their folder cannot be read.
    """
    files = handwriting.not_digits_in(paths.handwriting_folder())
    return [_kept(NOT_A_DIGIT, path, *_stamp_of(path)) for path in files]


def readings_of(run: Run, images: np.ndarray) -> list[Prediction]:
    """What the run's network reads in images (N, 28, 28) uint8.

    Raises:
        CheckpointError: if it has no weights, or damaged ones.
    """
    return _readings(run, weights_stamp(run), images) if len(images) else []


def report_of(run: Run) -> finetune.FineTuningReport | None:
    """What fine-tuning changed, as far as it is known.

    Raises:
        CheckpointError: if it is damaged.
    """
    return _report(run, _stamp(run, finetune.FILE))


@st.cache_resource(max_entries=5000, show_spinner=False)
def _kept(label: int, path: Path, *stamp: int) -> kept.Kept:
    return kept.read_kept(label, path)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _readings(run: Run, stamp: tuple[int, ...], images: np.ndarray) -> list[Prediction]:
    from mnist_core.reading.predict import predict  # torch: a second, and the page must be on screen before that

    whole = Box(0, 0, SIDE, SIDE)
    return predict(model_of(run), [Preprocessed(image, whole, inverted=False) for image in images])


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _report(run: Run, stamp: Stamp) -> finetune.FineTuningReport | None:
    return finetune.load_report(run.folder)


@st.cache_resource(max_entries=256, show_spinner=False)
def _reader(folder: str) -> HistoryReader:
    return HistoryReader(Path(folder) / FILE)


@st.cache_resource(show_spinner=False)
def _summaries() -> dict[Path, tuple[Hashable, Summary]]:
    return {}


def _summary(run: Run) -> Summary:
    damage, test, written = [], None, Notes()
    try:
        evaluation = evaluations.load_evaluation(run, "test")
        test = _mark(evaluation) if evaluation else None
    except CheckpointError as error:
        damage.append(str(error))
    try:
        written = notes.load_notes(run)
    except CheckpointError as error:
        damage.append(str(error))
    return Summary(glance(run.folder / FILE), test, written, "; ".join(damage))


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _answers(run: Run, split: SplitName, stamp: tuple[int, ...]) -> Answers | None:
    evaluation = evaluations.load_evaluation(run, split)
    if evaluation is None:
        return None
    return Answers(evaluation.labels.astype("u1"), evaluation.predictions.astype("u1"))


@st.cache_resource(max_entries=8, show_spinner="Loading the model …", hash_funcs={Run: lambda run: str(run.folder)})
def _model(run: Run, stamp: Stamp) -> "Network":
    return load_model(run)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _model_at(run: Run, epoch: int, stamp: Stamp) -> "Network":
    return epochs.load_model_at(run, epoch)


@st.cache_resource(max_entries=1000, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _epoch(run: Run, epoch: int, stamp: Stamp) -> epochs.KeptEpoch:
    return epochs.load_epoch(run, epoch, most=MAX_UNITS)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)})
def _evaluation(run: Run, split: SplitName, stamp: tuple[int, ...]) -> Evaluation | None:
    return evaluations.load_evaluation(run, split)


def _mark(evaluation: Evaluation) -> Mark:
    return Mark(evaluation.accuracy, accuracy_interval(evaluation), confusion_matrix(evaluation))


def _evaluation_stamp(run: Run) -> tuple[int, ...]:
    kept = [_stamp_of(folder / evaluations.FILE) for folder in evaluations.folders_of(run)]
    return (*chain(*kept), *weights_stamp(run))


def _stamp(run: Run, file: str) -> Stamp:
    """Another one whenever the file is another."""
    return _stamp_of(run.folder / file)


def _stamp_of(path: Path) -> Stamp:
    try:
        return stamp_of(path)
    except OSError:  # not there, or not to be looked at
        return (0, 0, 0, 0)
