"""What a worker does for a fine-tuning run beside training it: how it starts, and its evaluation before and after.

If there are few pictures, the person's digits are evaluated by cross-validation: for each of four folds, a copy of the
base is fine-tuned on the other three, exactly as the run itself is on all. The results are saved after every fold, so
that a run that was stopped continues with the next one.

Only what decides is trained, on what the base's convolutions find: they take most of the time, and so go over an old
image once for all five trainings. Ten people's twenty drawings each taught the shipped CNN their others as well as
training all of it did (269 of 271 both ways), other people's 98.43 % instead of 98.54 %, MNIST 99.46 instead of 99.47.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

import numpy as np
import torch
from torch import Tensor

from mnist_core.decode import DamagedFileError, read_tensors
from mnist_core.errors import CheckpointError
from mnist_core.finetuning.examples import FOLDS, STEPS, Examples, compose, count_own, load_examples
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
from mnist_core.finetuning.work import Work
from mnist_core.images.preprocess import normalise
from mnist_core.networks.model import build_model, bytes_of, to_channels_last
from mnist_core.networks.network import Network
from mnist_core.reading.calibration import calibrated_probabilities
from mnist_core.reading.evaluate import BATCH, HALF_BATCH, ensure_finite
from mnist_core.reading.predict import read_images
from mnist_core.reading.rejection import is_digit
from mnist_core.reading.test_time_augmentation import VIEWS
from mnist_core.runs.run import Run
from mnist_core.runs.weights import check_weights, load_model
from mnist_core.statistics.mcnemar import compare
from mnist_core.training.features import Features, features_of
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
    base: Network
    work: Work

    @property
    def splits(self) -> tuple[Features, Split]:
        """What the run itself is trained and validated on."""
        return self.shown(self.examples.taught), self.rehearsal.validation

    def shown(self, chosen: np.ndarray) -> Features:
        """What a training on the chosen examples, (N,) bool, is shown."""
        split = compose(self.examples, chosen, self.rehearsal.train, seed=self.run.train.seed)
        own = count_own(chosen)
        mine = self._features(split.images[-own:])
        return Features(np.concatenate([self._old_features[: len(split) - own], mine]), split.labels)

    @cached_property
    def _old_features(self) -> np.ndarray:
        """Of the old images of the training that is shown the most of them."""
        examples = self.examples
        chosen = [examples.taught]
        if examples.method == "folds":
            chosen += [examples.fold_of != fold for fold in range(FOLDS)]
        fewest = min(chosen, key=count_own)
        split = compose(examples, fewest, self.rehearsal.train, seed=self.run.train.seed)
        images = split.images[: -count_own(fewest)]
        batches = count(1)
        in_all = -(-len(images) // HALF_BATCH)
        return self._features(images, lambda: self.work.tell("look", min(0.99, next(batches) / in_all)))

    def _features(self, images: np.ndarray, on_batch: Callable[[], object] = lambda: None) -> np.ndarray:
        run = self.run
        autocast = torch.bfloat16 if run.precision == "bfloat16" else None
        return features_of(
            self.base, images, augmentation=run.train.augment, autocast=autocast, seed=run.train.seed, on_batch=on_batch
        )

    def note(self, step: int) -> None:
        """The run itself has made so many steps."""
        self.work.tell("learn", min(0.9, step / STEPS))  # validation follows

    def evaluate(self, should_stop: ShouldStop) -> bool:
        """Measure what fine-tuning changed, continuing the report so far. False if told to stop before the end."""
        base = self.base
        report = _report_so_far(self.run, self.examples) or _begin(base, self.examples)
        while not report.is_complete:
            if report.parts_done == report.parts - 1:
                evaluated: FineTuningReport | None = _evaluate_itself(self, report, base)
            else:
                evaluated = _evaluate_fold(self, report, should_stop)
            if evaluated is None:
                return False
            report = replace(evaluated, parts_done=report.parts_done + 1)
            save_report(report, self.run.folder)
            self.work.tell("compare" if report.is_complete else "fold", 1.0)
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
    report = _report_so_far(run, examples)
    work = Work(run.folder, examples, folds_done=report.parts_done if report else 0)
    base = to_channels_last(build_model(run.model), run.device)
    _load_base(run, base)
    rehearsal = rehearsal_of(
        old, refuses=run.model.refuses, seed=run.train.seed, on_drawn=lambda drawn: work.tell("draw", min(0.99, drawn))
    )
    return FineTuning(run, examples, rehearsal, base, work)


def _report_so_far(run: Run, examples: Examples) -> FineTuningReport | None:
    """What an earlier worker of the run has found; None where that was of other examples."""
    report = load_report(run.folder)
    return report if report and report.labels == examples.labels.tolist() else None


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
    for event in train(training, fine_tuning.shown(~in_part), _some(fine_tuning.rehearsal.validation)):
        fine_tuning.work.tell("fold", min(0.9, event.step / STEPS))
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
    of_base, of_taught = _read_old(fine_tuning, taught, old.images)
    held_out = examples.method == "held out"
    return replace(
        report,
        taught=read.tolist(),
        after=np.where(examples.taught, UNEVALUATED, read).tolist() if held_out else report.after,
        old=compare(old.labels, of_base, of_taught),
    )


def _read_old(fine_tuning: FineTuning, taught: Network, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What base and taught network read in images; their features, which are the same, are computed once.

    Of thousands, one view is enough to compare two networks.
    """
    base = fine_tuning.base
    base.eval()
    taught = taught.to(next(base.parameters()).device).eval()
    are_shared = _share_features(base, taught, images)
    read: list[tuple[np.ndarray, np.ndarray]] = []
    with torch.inference_mode():
        parts = torch.from_numpy(images).to(next(base.parameters()).device).split(BATCH)
        for number, part in enumerate(parts):
            inputs = normalise(part)
            features = base.features(inputs)
            of_taught = features if are_shared else taught.features(inputs)
            read.append((_decided(base, features), _decided(taught, of_taught)))
            fine_tuning.work.tell("compare", number / len(parts))
    before, after = (np.concatenate(column) for column in zip(*read, strict=True))
    return before, after


def _decided(model: Network, features: Tensor) -> np.ndarray:
    probabilities, of_digit = calibrated_probabilities(model, model.decide(features))
    ensure_finite(probabilities)
    return np.where(is_digit(model, of_digit.cpu().numpy()), probabilities.argmax(1).cpu().numpy(), REJECTED)


def _share_features(base: Network, taught: Network, images: np.ndarray) -> bool:
    """Whether only what decides was trained: earlier versions trained all of a network, and stopped runs go on."""
    few = normalise(torch.from_numpy(images[:BATCH])).to(next(base.parameters()).device)
    with torch.inference_mode():
        return torch.equal(base.features(few), taught.features(few))


def _some(validation: Split) -> Split:
    """Images spread over the whole split, enough to calibrate on."""
    every = max(1, len(validation) // CALIBRATED_ON)
    return Split(validation.name, validation.images[::every], validation.labels[::every])


def _load_base(run: Run, model: Network) -> None:
    path = run.folder / BASE_FILE
    try:
        weights = read_tensors(path, most=bytes_of(run.model))
        check_weights(weights, run.model)
    except (FileNotFoundError, DamagedFileError) as error:
        raise CheckpointError(
            f"{path} is missing, damaged or from another network ({error}): fine-tune a new run under My handwriting"
        ) from error
    model.load_state_dict(weights)
