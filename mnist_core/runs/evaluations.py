"""Evaluations of a run on a split: made, saved beside the run, loaded again.

`evaluation.json` holds the figures a person may want to read, `evaluation-<split>.npz` the arrays they come from. The
figures name the weights they are of, so that a run that was trained further is never shown with an earlier result.

A shipped run brings results with it, and its folder is only read. Evaluations made here are saved beside the person's
own runs, and continue its count.
"""

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mnist_core import paths
from mnist_core.decode import Count, DamagedFileError, Loss, Name, json_as, read_arrays, read_bytes, read_json
from mnist_core.errors import CheckpointError
from mnist_core.files import replacing
from mnist_core.runs.lock import editing
from mnist_core.runs.run import WEIGHTS_FILE, Run, ensure_present
from mnist_core.runs.weights import MAX_WEIGHTS, load_model
from mnist_core.statistics.confusion_matrix import class_scores, confusion_matrix
from mnist_core.statistics.wilson import accuracy_interval
from mnist_core.types import Evaluation, Split, SplitName

FILE = "evaluation.json"
OF_SHIPPED = ".shipped"  # among the runs: a folder with results for each shipped run
MAX_FILE = 100_000  # bytes: the figures of three splits are ten thousand


class _Summary(msgspec.Struct):
    """What is read back of the figures kept of a split; the others are for people."""

    times_taken: Count
    weights: Name | None = None  # SHA-256 of their file
    loss: Loss | None = None


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
    times_taken(run, split)  # a count that is damaged is told of before it takes time
    return _save(run, measure(model, images, run_id=run.run_id, times_taken=0), weights)


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
    if summary is None or not path.exists() or summary.weights != _weights_checksum(run):
        return None
    n = run.split_sizes[split]
    try:
        if summary.loss is None:
            raise DamagedFileError(f"{FILE} beside it has no loss")
        arrays = read_arrays(path, {"labels": 8 * n, "predictions": 8 * n, "probabilities": 80 * n})
        return Evaluation(
            run_id=run.run_id,
            split=split,
            loss=summary.loss,
            labels=_digits(arrays["labels"], n),
            predictions=_digits(arrays["predictions"], n),
            probabilities=_probabilities(arrays["probabilities"], n),
            times_taken=summary.times_taken,
        )
    except DamagedFileError as error:
        raise _damaged(path, error) from error


def times_taken(run: Run, split: SplitName) -> int:
    """How often the run has been evaluated on the split, with whatever weights.

    Raises:
        CheckpointError: if the count is damaged.
    """
    _, summary = _newest(run, split)
    return summary.times_taken if summary else 0


def discard(run: Run, split: SplitName) -> None:
    """Forget what was kept of a split, the way out where it is damaged. The count of its uses stays if it can be read.

    Raises:
        CheckpointError: if the files cannot be removed.
    """
    folder, *brought = folders_of(run)
    try:
        with editing(_runs_folder(run)):
            _arrays_path(folder, split).unlink(missing_ok=True)
            try:
                taken = times_taken(run, split)
            except CheckpointError:
                (folder / FILE).unlink(missing_ok=True)
                taken = 0
            if brought:  # nothing is removed there: the count alone, kept here, takes its place
                folder.mkdir(parents=True, exist_ok=True)
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


def _save(run: Run, evaluation: Evaluation, weights: str | None) -> Evaluation:
    """Returns: the evaluation with its number, which is only known now: somebody else may be evaluating the run too."""
    folder, *brought = folders_of(run)
    arrays = _packed(evaluation)
    try:
        with editing(_runs_folder(run)):
            ensure_present(run)
            if brought:
                folder.mkdir(parents=True, exist_ok=True)
            before = times_taken(run, evaluation.split)
            counted = replace(evaluation, times_taken=before + 1)
            path = _arrays_path(folder, evaluation.split)
            try:
                with replacing(path) as beside:
                    beside.write_bytes(arrays)
                _save_summary(folder, evaluation.split, {**summary_of(counted), "weights": weights})
            except OSError:
                if not before:  # nothing tells of what these are
                    path.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CheckpointError(
            f"cannot save the evaluation in {folder}: {error.strerror}; it must be writable and have free space"
        ) from error
    return counted


def _packed(evaluation: Evaluation) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(
        file,
        labels=evaluation.labels.astype(np.uint8),
        predictions=evaluation.predictions.astype(np.uint8),
        probabilities=evaluation.probabilities,
    )
    return file.getvalue()


def _runs_folder(run: Run) -> Path:
    """Where those who change the run's results wait for each other."""
    return paths.checkpoints_folder() if run.shipped else run.folder.parent


def _save_summary(folder: Path, split: SplitName, summary: dict[str, Any]) -> None:
    kept = {**_summaries(folder), split: summary}
    with replacing(folder / FILE) as beside:
        beside.write_bytes(msgspec.json.encode(kept) + b"\n")


def _newest(run: Run, split: SplitName) -> tuple[Path, _Summary | None]:
    """The figures kept of a split last, if any, and the folder that they lie in."""
    folders = folders_of(run)
    found = ((folder, summary) for folder in folders if (summary := _summary(folder, split)) is not None)
    return next(found, (folders[0], None))


def _summaries(folder: Path) -> dict[str, msgspec.Raw]:
    """By the splits' names, as they stand there: what is damaged of one keeps no other from being read."""
    path = folder / FILE
    try:
        return read_json(path, dict[str, msgspec.Raw], most=MAX_FILE)
    except FileNotFoundError:
        return {}
    except DamagedFileError as error:
        raise _damaged(path, error) from error


def _summary(folder: Path, split: SplitName) -> _Summary | None:
    written = _summaries(folder).get(split)
    try:
        return None if written is None else json_as(_Summary, bytes(written))
    except DamagedFileError as error:
        raise _damaged(folder / FILE, error) from error


def _damaged(path: Path, error: DamagedFileError) -> CheckpointError:
    return CheckpointError(f"{path} is damaged ({error}); delete it and evaluate again")


def _weights_checksum(run: Run) -> str | None:
    """SHA-256 of the weights' file; None where none can be read. Times and inodes would not survive a copy."""
    try:
        return hashlib.sha256(read_bytes(run.folder / WEIGHTS_FILE, most=MAX_WEIGHTS)).hexdigest()
    except (FileNotFoundError, DamagedFileError):
        return None


def _arrays_path(folder: Path, split: SplitName) -> Path:
    return folder / f"evaluation-{split}.npz"


def _digits(values: np.ndarray, n: int) -> np.ndarray:
    if values.shape != (n,) or values.dtype.kind not in "iu" or np.any(values < 0) or np.any(values > 9):
        raise DamagedFileError(f"not {n} digits")
    return values.astype(np.int64)


def _probabilities(values: np.ndarray, n: int) -> np.ndarray:
    if values.shape != (n, 10) or values.dtype.kind != "f" or not np.all((values >= 0) & (values <= 1)):
        raise DamagedFileError(f"not {n} times ten probabilities")
    return values.astype(np.float32)
