"""What a worker does for a fine-tuning run beside training it: how it starts, and its evaluation before and after.

If there are few pictures, the person's digits are evaluated by cross-validation: for each of four folds, a copy of the
base is fine-tuned on the other three, exactly as the run itself is on all. The results are saved after every fold, so
that a run that was stopped continues with the next one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mnist_core.decode import DamagedFileError, read_tensors
from mnist_core.errors import CheckpointError
from mnist_core.finetuning.examples import Examples, compose, load_examples
from mnist_core.finetuning.finetune import (
    BASE_FILE,
    REJECTED,
    UNEVALUATED,
    FineTuningReport,
    load_report,
    parts_of,
    save_report,
)
from mnist_core.finetuning.rehearsal import rehearsal_of
from mnist_core.networks.model import build_model, bytes_of
from mnist_core.networks.network import Network
from mnist_core.reading.predict import read_images
from mnist_core.reading.rejection import is_digit
from mnist_core.reading.test_time_augmentation import VIEWS
from mnist_core.runs.run import Run
from mnist_core.runs.weights import check_weights, load_model
from mnist_core.statistics.mcnemar import compare
from mnist_core.training.loop import Training, train
from mnist_core.types import Dataset, Split

CALIBRATED_ON = 1000  # validation images that suffice to calibrate a network which is used once

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class FineTuning:
    """A run that is being fine-tuned: its training images and its evaluation."""

    run: Run
    examples: Examples
    rehearsal: Dataset  # what its base knew

    @cached_property
    def train_split(self) -> Split:
        return compose(self.examples, self.examples.taught, self.rehearsal.train, seed=self.run.train.seed)

    def evaluate(self, should_stop: ShouldStop) -> bool:
        """Measure what fine-tuning changed, continuing the report so far. False if told to stop before the end."""
        base = _copy_of_base(self.run)
        report = load_report(self.run.folder)
        if report is None or report.labels != self.examples.labels.tolist():
            report = _begin(base, self.examples)
        while not report.is_complete:
            if report.parts_done == report.parts - 1:
                evaluated: FineTuningReport | None = _evaluate_itself(self, report, base)
            else:
                evaluated = _evaluate_fold(self, report, should_stop)
            if evaluated is None:
                return False
            report = replace(evaluated, parts_done=report.parts_done + 1)
            save_report(report, self.run.folder)
        return True


def begin_fine_tuning(run: Run, old: Dataset, training: Training) -> FineTuning:
    """Let `training` begin with the base's weights.

    Args:
        old: the run's data set.
    Raises:
        CheckpointError: if what the run was given is missing or damaged.
    """
    _load_base(run, training.model)
    examples = load_examples(run.folder)
    return FineTuning(run, examples, rehearsal_of(old, refuses=run.model.refuses, seed=run.train.seed))


def read_all(model: Network, images: np.ndarray, *, views: int = len(VIEWS)) -> np.ndarray:
    """What a model reads in images (N, 28, 28) uint8: (N,) int64 digits, REJECTED where it rejects the image."""
    if not len(images):
        return np.empty(0, np.int64)
    model.eval()
    parts = np.array_split(images, -(-len(images) // 1000))
    answers = [read_images(model, part, views=views) for part in parts]
    probabilities, of_digit = (np.concatenate(column) for column in zip(*answers, strict=True))
    return np.where(is_digit(model, of_digit), probabilities.argmax(1), REJECTED)


def _begin(base: Network, examples: Examples) -> FineTuningReport:
    unevaluated = [UNEVALUATED] * len(examples)
    before = read_all(base, examples.images).tolist()
    return FineTuningReport(
        examples.method, examples.labels.tolist(), before, unevaluated, unevaluated, None, 0, parts_of(examples)
    )


def _evaluate_fold(
    fine_tuning: FineTuning, report: FineTuningReport, should_stop: ShouldStop
) -> FineTuningReport | None:
    """Read one fold with a network fine-tuned on the others; None if told to stop."""
    run, examples = fine_tuning.run, fine_tuning.examples
    in_part = examples.fold_of == report.parts_done
    training = Training.begin(run.model, run.train, device=run.device, precision=run.precision)
    _load_base(run, training.model)
    split = compose(examples, ~in_part, fine_tuning.rehearsal.train, seed=run.train.seed)
    for _ in train(training, split, _some(fine_tuning.rehearsal.validation)):
        if should_stop():
            return None
    after = np.array(report.after)
    after[in_part] = read_all(training.model, examples.images[in_part])
    return replace(report, after=after.tolist())


def _evaluate_itself(fine_tuning: FineTuning, report: FineTuningReport, base: Network) -> FineTuningReport:
    """Let the run itself read all examples, and both it and its base what it may have forgotten."""
    taught, old, examples = (
        load_model(fine_tuning.run),
        fine_tuning.rehearsal.validation.digits_only(),
        fine_tuning.examples,
    )
    read = read_all(taught, examples.images)
    held_out = examples.method == "held out"
    return replace(
        report,
        taught=read.tolist(),
        after=np.where(examples.taught, UNEVALUATED, read).tolist() if held_out else report.after,
        # of thousands, one look is enough to compare two networks
        old=compare(old.labels, read_all(base, old.images, views=1), read_all(taught, old.images, views=1)),
    )


def _some(validation: Split) -> Split:
    """Images spread over the whole split, enough to calibrate on."""
    every = max(1, len(validation) // CALIBRATED_ON)
    return Split(validation.name, validation.images[::every], validation.labels[::every])


def _copy_of_base(run: Run) -> Network:
    model = build_model(run.model)
    _load_base(run, model)
    return model


def _load_base(run: Run, model: Network) -> None:
    path = run.folder / BASE_FILE
    try:
        weights = read_tensors(path, most=bytes_of(run.model))
        check_weights(weights, run.model)
    except (FileNotFoundError, DamagedFileError) as error:
        raise CheckpointError(
            f"{path} is missing, damaged or from another network ({error}): fine-tune a new run on the Predict page"
        ) from error
    model.load_state_dict(weights)
