"""Evaluations of a run on a split: made, saved beside the run, loaded again.

`evaluation.json` holds the figures a person may want to read, `evaluation-<split>.npz` the arrays they come from. The
figures name the weights they are of, so that a run that was trained further is never shown with an earlier result.

A shipped run brings results with it, and its folder is only read. Evaluations made here are saved beside the person's
own runs, and continue its count.
"""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import paths
from mnist_core.errors import CheckpointError
from mnist_core.files import replacing
from mnist_core.runs.run import WEIGHTS_FILE, Run, ensure_present
from mnist_core.runs.weights import load_model
from mnist_core.statistics.confusion_matrix import class_scores, confusion_matrix
from mnist_core.statistics.wilson import accuracy_interval
from mnist_core.types import Evaluation, Split, SplitName

FILE = "evaluation.json"
OF_SHIPPED = ".shipped"  # among the runs: a folder with results for each shipped run


def folders_of(run: Run) -> tuple[Path, ...]:
    """Where results of a run may lie. New ones are kept in the first, and what they are of is asked of no other."""
    return (paths.checkpoints_folder() / OF_SHIPPED / run.run_id, run.folder) if run.shipped else (run.folder,)


def evaluate_run(run: Run, split: SplitName) -> Evaluation:
    """Evaluate a run's best weights on a whole split and save the result. Each evaluation is counted.

    Raises:
        CheckpointError: if the run is gone or has no weights, the data set is not the one it was trained on, or the
            result cannot be kept.
        DatasetError: if the data set cannot be had.
    """
    from mnist_core.reading.evaluate import measure

    ensure_present(run)
    weights = _weights_checksum(run)  # before they are loaded: should a training change them now, this result is void
    model = load_model(run)
    images = read_split(run, split)
    evaluation = measure(model, images, run_id=run.run_id, times_taken=times_taken(run, split) + 1)
    _save(run, evaluation, weights)
    return evaluation


def read_split(run: Run, split: SplitName) -> Split:
    """The digits that a run is evaluated on.

    Raises:
        CheckpointError: if the data set here is not the one it was trained on.
        DatasetError: if it cannot be had.
    """
    from mnist_core.datasets import registry

    source = registry.source_of(run.dataset, split)
    dataset = registry.load(source)
    if source == run.dataset and dataset.checksum != run.dataset_checksum:
        raise CheckpointError(
            f"the data set {run.dataset} here is not the one {run.run_id} was trained on: "
            "the model may have seen these test images in training"
        )
    return dataset.split(split).digits_only()


def load_evaluation(run: Run, split: SplitName) -> Evaluation | None:
    """What was kept, or None if this split was never asked for, or only of earlier weights.

    Raises:
        CheckpointError: naming the file, if it is damaged.
    """
    folder, summary = _newest(run, split)
    path = _arrays_path(folder, split)
    if summary is None or not path.exists() or summary.get("weights") != _weights_checksum(run):
        return None
    n = run.split_sizes[split]
    try:
        if not zipfile.is_zipfile(path):  # np.load would say how to load it unsafely
            raise ValueError("not an archive")
        with np.load(path, allow_pickle=False) as arrays:
            return Evaluation(
                run_id=run.run_id,
                split=split,
                loss=float(summary["loss"]),
                labels=_digits(arrays["labels"], n),
                predictions=_digits(arrays["predictions"], n),
                probabilities=_probabilities(arrays["probabilities"], n),
                times_taken=int(summary["times_taken"]),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} is damaged ({error}); delete it and evaluate again") from error


def times_taken(run: Run, split: SplitName) -> int:
    """How often the run has been evaluated on the split, with whatever weights.

    Raises:
        CheckpointError: if the count is damaged.
    """
    folder, summary = _newest(run, split)
    try:
        return int(summary["times_taken"]) if summary else 0
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / FILE} is damaged ({error!r}); delete it and evaluate again") from error


def discard(run: Run, split: SplitName) -> None:
    """Forget what was kept of a split, the way out where it is damaged. The count of its uses stays if it can be read.

    Raises:
        CheckpointError: if the files cannot be removed.
    """
    folder, *brought = folders_of(run)
    try:
        _arrays_path(folder, split).unlink(missing_ok=True)
        try:
            taken = times_taken(run, split)
        except CheckpointError:
            (folder / FILE).unlink(missing_ok=True)
            taken = 0
        if brought:  # nothing is removed there: the count alone, kept here, takes its place
            _save_summary(folder, split, {"times_taken": taken})
    except OSError as error:
        raise CheckpointError(f"cannot remove {error.filename}: {error.strerror}") from error


def summary_of(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation as plain values, as the command line prints them."""
    interval, matrix = accuracy_interval(evaluation), confusion_matrix(evaluation)
    return {
        "run_id": evaluation.run_id,
        "split": evaluation.split,
        "n": evaluation.n,
        "accuracy": evaluation.accuracy,
        "accuracy_interval": [interval.low, interval.high],
        "loss": evaluation.loss,
        "confusion_matrix": matrix.tolist(),
        "per_class": [vars(score) for score in class_scores(matrix)],
        "times_taken": evaluation.times_taken,
    }


def _save(run: Run, evaluation: Evaluation, weights: str | None) -> None:
    folder = folders_of(run)[0]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(_arrays_path(folder, evaluation.split)) as beside, beside.open("wb") as file:
            np.savez_compressed(
                file,
                labels=evaluation.labels.astype(np.uint8),
                predictions=evaluation.predictions.astype(np.uint8),
                probabilities=evaluation.probabilities,
            )
        _save_summary(folder, evaluation.split, {**summary_of(evaluation), "weights": weights})
    except OSError as error:
        raise CheckpointError(
            f"cannot save the evaluation in {folder}: {error.strerror}; it must be writable and have free space"
        ) from error


def _save_summary(folder: Path, split: SplitName, summary: dict[str, Any]) -> None:
    kept = {**_summaries(folder), split: summary}
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / FILE) as beside:
        beside.write_text(json.dumps(kept) + "\n", encoding="utf8")


def _newest(run: Run, split: SplitName) -> tuple[Path, dict[str, Any] | None]:
    """The figures kept of a split last, if any, and the folder that they lie in."""
    folders = folders_of(run)
    found = ((folder, summary) for folder in folders if (summary := _summary(folder, split)) is not None)
    return next(found, (folders[0], None))


def _summaries(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    try:
        summaries = json.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); delete it and evaluate again") from error
    if not isinstance(summaries, dict):
        raise CheckpointError(f"{path} is damaged (not an object); delete it and evaluate again")
    return summaries


def _summary(folder: Path, split: SplitName) -> dict[str, Any] | None:
    summary = _summaries(folder).get(split)
    if summary is not None and not isinstance(summary, dict):
        raise CheckpointError(f"{folder / FILE} is damaged (no figures); delete it and evaluate again")
    return summary


def _weights_checksum(run: Run) -> str | None:
    """SHA-256 of the weights' file; None where none can be read. Times and inodes would not survive a copy."""
    try:
        return hashlib.sha256((run.folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    except OSError:
        return None


def _arrays_path(folder: Path, split: SplitName) -> Path:
    return folder / f"evaluation-{split}.npz"


def _digits(values: np.ndarray, n: int) -> np.ndarray:
    if values.shape != (n,) or values.dtype.kind not in "iu" or np.any(values < 0) or np.any(values > 9):
        raise ValueError(f"not {n} digits")
    return values.astype(np.int64)


def _probabilities(values: np.ndarray, n: int) -> np.ndarray:
    if values.shape != (n, 10) or values.dtype.kind != "f" or not np.all((values >= 0) & (values <= 1)):
        raise ValueError(f"not {n} times ten probabilities")
    return values.astype(np.float32)
