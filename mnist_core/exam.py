"""A run judged on a split: taken, kept beside the run, read again.

`evaluation.json` holds the figures a person may want to read, `evaluation-<split>.npz` the arrays they come from.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.errors import CheckpointError
from mnist_core.records import Evaluation, SplitName
from mnist_core.runs import Run, load_model, replacing
from mnist_core.scores import accuracy_interval, class_scores, confusion_matrix

FILE = "evaluation.json"


def evaluate_run(run: Run, split: SplitName) -> Evaluation:
    """Let a run's best weights read a whole split, and keep the result. Each time is counted.

    Raises:
        CheckpointError: if there are no weights, or the data set is not the one the run was trained on.
        DatasetError: if the data set cannot be had.
    """
    from mnist_core import data
    from mnist_core.evaluate import measure

    model = load_model(run)
    loaded = data.load(run.dataset)
    if loaded.checksum != run.dataset_checksum:
        raise CheckpointError(
            f"the data set {run.dataset} here is not the one {run.run_id} was trained on: "
            "it may have seen these test images in training"
        )
    evaluation = measure(model, loaded.split(split), run_id=run.run_id, times_taken=_times_taken(run, split) + 1)
    _save(run, evaluation)
    return evaluation


def load_evaluation(run: Run, split: SplitName) -> Evaluation | None:
    """What was kept, or None if this split was never asked for (or only before the weights changed).

    Raises:
        CheckpointError: naming the file, if it is damaged.
    """
    path = _arrays_path(run, split)
    summary = _summaries(run).get(split)
    if summary is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            labels, predictions = arrays["labels"], arrays["predictions"]
            evaluation = Evaluation(
                run_id=run.run_id,
                split=split,
                loss=float(summary["loss"]),
                labels=labels.astype(np.int64),
                predictions=predictions.astype(np.int64),
                probabilities=arrays["probabilities"].astype(np.float32),
                times_taken=int(summary["times_taken"]),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} is damaged ({error}); evaluate again") from error
    _check_shapes(evaluation, path)
    return evaluation


def discard(run: Run) -> None:
    """Forget all of a run's evaluations: the way out where they are damaged."""
    for path in (run.folder / FILE, *run.folder.glob("evaluation-*.npz")):
        path.unlink(missing_ok=True)


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


def _save(run: Run, evaluation: Evaluation) -> None:
    try:
        with replacing(_arrays_path(run, evaluation.split)) as beside, beside.open("wb") as file:
            np.savez_compressed(
                file,
                labels=evaluation.labels.astype(np.uint8),
                predictions=evaluation.predictions.astype(np.uint8),
                probabilities=evaluation.probabilities,
            )
        summaries = {**_summaries(run), evaluation.split: summary_of(evaluation)}
        with replacing(run.folder / FILE) as beside:
            beside.write_text(json.dumps(summaries) + "\n", encoding="utf8")
    except OSError as error:
        raise CheckpointError(f"cannot keep the evaluation in {run.folder}: {error.strerror}; make room") from error


def _summaries(run: Run) -> dict[str, Any]:
    path = run.folder / FILE
    try:
        summaries = json.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}); delete it and evaluate again") from error
    if not isinstance(summaries, dict):
        raise CheckpointError(f"{path} is damaged (not an object); delete it and evaluate again")
    return summaries


def _times_taken(run: Run, split: SplitName) -> int:
    summary = _summaries(run).get(split)
    try:
        return int(summary["times_taken"]) if summary else 0
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{run.folder / FILE} is damaged ({error!r}); delete it and evaluate again") from error


def _arrays_path(run: Run, split: SplitName) -> Path:
    return run.folder / f"evaluation-{split}.npz"


def _check_shapes(evaluation: Evaluation, path: Path) -> None:
    n = evaluation.labels.shape[0] if evaluation.labels.ndim == 1 else -1
    digits = np.concatenate([evaluation.labels.ravel(), evaluation.predictions.ravel()])
    if evaluation.predictions.shape != (n,) or evaluation.probabilities.shape != (n, 10) or np.any(digits > 9):
        raise CheckpointError(f"{path} is damaged (its arrays do not fit together); evaluate again")
