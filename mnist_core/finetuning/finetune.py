"""A run that learns a person's handwriting: a fine-tuned copy of a trained network, and the result.

It is a run like any other, queued, watched, stopped and resumed; what sets it apart is that `run.json` names its
`base`, and that its folder holds the base's weights, the person's pictures (`examples`) and in the end `teaching.json`.
A fine-tuned run is never fine-tuned further: its base is, with all pictures kept by then, so that no run is evaluated
on pictures it has been trained on.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.decode import DamagedFileError, read_json
from mnist_core.errors import CheckpointError
from mnist_core.files import replacing
from mnist_core.finetuning.examples import BATCH, FOLDS, Examples, Method, compose, gather, save_examples
from mnist_core.runs import store
from mnist_core.runs.run import WEIGHTS_FILE, Run
from mnist_core.statistics.mcnemar import Comparison, compare
from mnist_core.training.config import TrainConfig
from mnist_core.types import Dataset

FILE = "teaching.json"
MAX_FILE = 2_000_000  # bytes: of a hundred thousand pictures
MAX_OLD = 100_000  # images of an old data set's validation split
BASE_FILE = "base.safetensors"
LEARNING_RATE = 0.0005
REJECTED, UNEVALUATED = -1, -2  # instead of a digit, where a picture was read


@dataclass(frozen=True)
class FineTuningReport:
    """What fine-tuning changed. Digits as read, REJECTED where the model rejects it; all for the same N pictures."""

    method: Method
    labels: list[int]  # (N,)
    before: list[int]  # (N,) read by the base
    after: list[int]  # (N,) read by a model that had not learned the picture; UNEVALUATED where there was none
    taught: list[int]  # (N,) read by the run itself, which learned most or all of them
    old: Comparison | None  # base and run on the validation split of the old data set; None until that was looked at
    parts_done: int  # of `parts`: the last look is at the old images
    parts: int

    @property
    def is_complete(self) -> bool:
        return self.parts_done == self.parts

    @property
    def own(self) -> Comparison | None:
        """On the person's digits, each read by models that had not learned it; None where there are too few."""
        labels, before, after = (np.array(values) for values in (self.labels, self.before, self.after))
        evaluated = after != UNEVALUATED
        if not evaluated.any() or not self.is_complete:
            return None
        return compare(labels[evaluated], before[evaluated], after[evaluated])


def create_fine_tuning_run(base: Run, *, now: datetime | None = None) -> tuple[Run, list[str]]:
    """Make the folder of a run that is to learn all the handwriting that is kept.

    Args:
        base: whose network is copied; of a run that was fine-tuned itself, its own base.
    Returns: the run, and why each file that cannot be read is left out.
    Raises:
        CheckpointError: if the base has no weights, or the folder cannot be written.
        DatasetError: if there is no handwriting, or no data set to keep it from forgetting.
    """
    weights = base.folder / (BASE_FILE if base.base else WEIGHTS_FILE)
    if not weights.exists():
        raise CheckpointError(f"{base.run_id} has no weights to copy yet: wait until its first epoch has finished")
    examples, left_out = gather(paths.handwriting_folder())
    config = TrainConfig(
        epochs=1, batch_size=BATCH, learning_rate=LEARNING_RATE, weight_decay=0.0, augment="light",
    )  # fmt: skip
    old = registry.load(old_dataset(base))
    shown = compose(examples, examples.taught, old.train, seed=config.seed)  # for its size; the worker composes its own
    run = store.create_run(
        Dataset(old.name, shown, old.validation, old.test, old.checksum),
        base.model,
        config,
        name=f"Fine-tuned on {len(examples)} of my digits",
        base=base.base or base.run_id,
        now=now,
    )
    try:
        save_examples(examples, run.folder)
        shutil.copyfile(weights, run.folder / BASE_FILE)
    except OSError as error:
        shutil.rmtree(run.folder, ignore_errors=True)  # it could not be trained
        raise CheckpointError(f"cannot write to {run.folder}: {error.strerror}; free some disk space") from error
    return run, left_out


def old_dataset(base: Run) -> str:
    """What keeps it from forgetting: what the base learned from if that is at hand, else what is.

    Its own handwriting is left out: no model may be evaluated on pictures it was trained on.
    """
    if registry.DATASETS[base.dataset].way != "write" and registry.is_available(base.dataset):
        return base.dataset
    return registry.default_dataset()


def parts_of(examples: Examples) -> int:
    """How many parts the evaluation has: each fold, and then the old images with the run itself."""
    return 1 + (FOLDS if examples.method == "folds" else 0)


def save_report(report: FineTuningReport, folder: Path) -> None:
    """Keep it in the run's folder. Raises OSError if it does not take it."""
    with replacing(folder / FILE) as beside:
        beside.write_text(json.dumps(asdict(report)) + "\n", encoding="utf8")


def load_report(folder: Path) -> FineTuningReport | None:
    """What is known by now; None before anything is.

    Raises:
        CheckpointError: naming the file, if it is damaged.
    """
    path = folder / FILE
    try:
        report = read_json(path, FineTuningReport, most=MAX_FILE)
        _check(report)
        return report
    except FileNotFoundError:
        return None
    except DamagedFileError as error:
        raise CheckpointError(f"{path} is damaged ({error}): delete it; the model itself is not affected") from error


def summary_of(run: Run, report: FineTuningReport) -> dict[str, Any]:
    """A report as plain values, as the command line prints them."""
    return {
        "base": run.base,
        "data": run.dataset,
        "pictures": len(report.labels),
        "method": report.method,
        "own": _comparison_summary(report.own),
        "old": _comparison_summary(report.old),
    }


def _comparison_summary(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    before, after = comparison.interval_before, comparison.interval_after
    return {
        "n": comparison.n,
        "before": comparison.before / comparison.n,
        "before_interval": [before.low, before.high],
        "after": comparison.after / comparison.n,
        "after_interval": [after.low, after.high],
        "gained": comparison.gained,
        "lost": comparison.lost,
        "p_value": comparison.p_value,
    }


def _check(report: FineTuningReport) -> None:
    """Raises: DamagedFileError: if its parts do not fit each other."""
    n = len(report.labels)
    for digits in (report.labels, report.before, report.after, report.taught):
        if len(digits) != n or not all(UNEVALUATED <= digit <= 9 for digit in digits):
            raise DamagedFileError("not a digit for each picture")
    if not 0 <= report.parts_done <= report.parts <= 1 + FOLDS:
        raise DamagedFileError("no such part")
    old = report.old
    if old and not 0 <= min(vars(old).values()) <= max(vars(old).values()) <= old.n <= MAX_OLD:
        raise DamagedFileError("counts out of bounds")
