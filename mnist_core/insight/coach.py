"""What the curves of a run say about it, in a sentence, with the evidence and what to try next. Usually nothing.

Each rule asks for two things: a difference that matters, and one that noise alone would hardly ever cause. Noise is of
two kinds. That of a validation split of so many images is measured by Wilson's interval and a test of two proportions,
as if the images were different ones, which errs on the side of silence. That from one epoch to the next is measured by
ranks or by the scatter of the steps, so that it is the run's own.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from mnist_core.errors import DivergedError
from mnist_core.format import accuracy, count
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.statistics.rank_sum import chance_of_higher
from mnist_core.statistics.standard_errors import errors_above, fraction_errors_above
from mnist_core.statistics.wilson import interval_of, wilson_interval
from mnist_core.training.config import BOUNDS, TrainConfig, gentler_learning_rate, usual_learning_rate
from mnist_core.training.schedule import WARM_UP
from mnist_core.types import DIGITS, EpochEnd, Interval

Kind = Literal["diverged", "rate too high", "dead units", "nothing learned", "overfitting", "not finished"]

GUESSING = math.log(10)  # loss of ten equal probabilities, in nats
LARGEST_CLASS = 0.1135  # ones among MNIST's test images: what always answering the same comes to

RARE = 0.005  # how often chance may bring about a rise of the validation loss
COMMON, UNCOMMON = 2.58, 3.29  # standard errors that chance passes once in 100 and once in 1,000, up or down
FAR_OUT = 4.0  # standard errors beyond which a difference is none of chance, however often one looks

# what a difference has to be to matter, found on healthy and unhealthy runs
MAX_DEAD = 0.5  # fraction; healthy networks of many units have up to 0.44, of few images and small batches the most
RISE = 1.15  # of the validation loss over its minimum
JUMP, MIN_JUMP = (
    1.5,
    0.1,
)  # of the training loss: a factor, and nats, for a network that has memorised everything may triple its loss
LITTLE = 0.5  # nats; a network that has learned has less on validation images
NO_BETTER = 1.1  # validation loss by training loss, up to which nothing is memorised
WIDE_ENOUGH = 64  # units of a layer
LATEST, JUMPY = 20, 6  # epochs that tell how things are now; that tell whether the accuracy jumps


@dataclass(frozen=True)
class Suggestion:
    """What to set differently."""

    sentence: str
    changes: Mapping[str, Any]  # by the configs' field names


@dataclass(frozen=True)
class Advice:
    """What is wrong with a run."""

    kind: Kind
    evidence: str  # a sentence: what was measured, with numbers and units
    suggestion: Suggestion

    @property
    def next_step(self) -> str:
        return self.suggestion.sentence

    @property
    def sentence(self) -> str:
        return f"{self.evidence} {self.next_step}"

    def applied_to(self, run: Run) -> tuple[ModelConfig, TrainConfig]:
        """The settings of a run that follows the advice."""
        model, train = (
            replace(config, **{name: value for name, value in self.suggestion.changes.items() if hasattr(config, name)})
            for config in (run.model, run.train)
        )
        assert isinstance(model, ModelConfig)
        assert isinstance(train, TrainConfig)
        return model, train


def advise(run: Run, history: History) -> Advice | None:
    """The most important thing that the curves say, running, finished or failed; None if all is well or unclear."""
    return next(iter(all_advice(run, history)), None)


def all_advice(run: Run, history: History) -> list[Advice]:
    """Everything that the curves say, the most important first. Nothing for a fine-tuned run: it is too short."""
    if run.base:
        return []
    found = [rule(run, history, history.epochs) for rule in RULES]
    return [advice for advice in found if advice]


def _diverged(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    if history.last_event != "failed" or not history.error.startswith(DivergedError.BEGINS):
        return None
    losses = history.step_loss
    if losses:
        steps = count(len(losses), "step")
        evidence = (
            f"The loss went from {losses[0]:.2f} to {losses[-1]:.3g} nats in {steps}, then stopped being a number"
        )
    else:
        evidence = "The loss was not a number from the first step on"
    return Advice("diverged", f"{evidence}: the learning rate is too high.", _gentler(run))


def _rate_too_high(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    """The loss is worse than guessing, or stays far above where it had been, or the accuracy keeps falling back."""
    if not epochs:
        return None
    last, lowest = epochs[-1], min(epochs, key=lambda epoch: epoch.train_loss)
    losses = _step_losses(history, last)
    if len(losses) and np.median(losses) > JUMP * GUESSING:
        evidence = f"The training loss of epoch {last.epoch} is {_nats(last.train_loss)}, worse than guessing (2.303)"
    elif all(_has_jumped(history, lowest, epoch) for epoch in epochs[-2:]):
        evidence = (
            f"The training loss jumped from {_nats(lowest.train_loss)} in epoch {lowest.epoch} "
            f"to {_nats(last.train_loss)} in epoch {last.epoch}"
        )
    elif (falls := _falls(run, epochs[-JUMPY:])) > 1:
        evidence = (
            f"In the last {min(JUMPY, len(epochs))} epochs the validation accuracy dropped {falls} times by more "
            f"than noise can explain; it is now {_accuracy(run, last)}"
        )
    else:
        return None
    return Advice("rate too high", f"{evidence}: the learning rate is too high.", _gentler(run))


def _dead_units(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    """Most units do nothing, measured at the last epoch's end; of few units more than chance at the start may kill."""
    dead = epochs[-1].dead_units if epochs else None
    if not dead or wilson_interval(round(dead * _units(run)), _units(run)).low <= MAX_DEAD:
        return None
    evidence = (
        f"{100 * dead:.0f} % of the hidden units output 0 for all {_images(run):,} validation images: "
        "they are dead and no longer learn. Too high a learning rate causes this."
    )
    return Advice("dead units", evidence, _gentler(run))


def _nothing_learned(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    """No epoch was better than guessing; before the rate has risen nobody knows yet what will be learned."""
    warming_up = run.train.schedule == "one-cycle" and epochs and epochs[-1].step < WARM_UP * history.total_steps
    if not epochs or warming_up:
        return None
    best = max(epochs, key=lambda epoch: epoch.validation_accuracy)
    if _interval(run, best).low > LARGEST_CLASS:
        return None
    evidence = (
        f"After {count(len(epochs), 'epoch')} it gets {_accuracy(run, epochs[-1])} of the validation images right, "
        f"no better than guessing (10 %); the loss is {_nats(epochs[-1].validation_loss)} (guessing: 2.303)."
    )
    return Advice("nothing learned", evidence, _another_start(run))


def _overfitting(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    """The validation loss is above its minimum for good while the training loss fell, and the accuracies differ too."""
    if not epochs:
        return None
    place, last = int(np.argmin([epoch.validation_loss for epoch in epochs])), epochs[-1]
    lowest = epochs[place]
    if last.train_loss >= lowest.train_loss or last.train_accuracy <= _interval(run, last).high:
        return None
    around, after = epochs[max(0, place - 2) : place] + epochs[place + 1 : place + 3], epochs[place + 3 :][-LATEST:]
    then, now = ([epoch.validation_loss for epoch in some] for some in (around, after))
    # the minimum itself was chosen for being low, so it is no witness; its neighbours were not
    if not now or np.median(now[-3:]) < RISE * lowest.validation_loss or chance_of_higher(now, then) > RARE:
        return None
    evidence = (
        f"Overfitting: since epoch {lowest.epoch} the validation loss rose from {lowest.validation_loss:.3f} to "
        f"{_nats(last.validation_loss)} while the training loss fell to {_nats(last.train_loss)}."
    )
    return Advice("overfitting", evidence, _against_overfitting(run, lowest.epoch))


def _not_finished(run: Run, history: History, epochs: list[EpochEnd]) -> Advice | None:
    """All epochs are done, and either the last quarter of them still brought more than noise, or little is learned yet.

    A one-cycle schedule rises late by its nature: there the network must also know what it was shown no better than
    what it was not, so that nothing of the data is used up.
    """
    if history.last_event != "finished":
        return None
    last, before = epochs[-1], epochs[max(0, len(epochs) - 1 - max(1, len(epochs) // 4))]
    used_up = last.validation_loss > last.train_loss * NO_BETTER
    gained = fraction_errors_above(last.validation_accuracy, before.validation_accuracy, _images(run))
    one_cycle = run.train.schedule == "one-cycle"
    if gained > (FAR_OUT if one_cycle else COMMON) and not (one_cycle and used_up):
        evidence = (
            f"from epoch {before.epoch} to {last.epoch} the validation accuracy was still rising, from "
            f"{_accuracy(run, before)} to {_accuracy(run, last)}, by more than noise can explain."
        )
    elif _is_slow(run) and not used_up and last.validation_loss > LITTLE:
        evidence = (
            f"after {count(len(epochs), 'epoch')} the loss is still {_nats(last.validation_loss)} on validation "
            f"and {_nats(last.train_loss)} on training images (guessing: 2.303)."
        )
    else:
        return None
    return Advice("not finished", f"Not finished: {evidence}", _further(run))


RULES: list[Callable[[Run, History, list[EpochEnd]], Advice | None]] = [
    _diverged,
    _rate_too_high,
    _dead_units,
    _nothing_learned,
    _overfitting,
    _not_finished,
]  # the most important first: a rule names the cause of those below it


def _rate(value: float) -> Suggestion:
    return Suggestion(f"Try a learning rate of {value:g}.", {"learning_rate": value})


def _dropout(value: float) -> Suggestion:
    return Suggestion(f"Try a dropout of {value:g}.", {"dropout": value})


def _epochs(number: int) -> Suggestion:
    return Suggestion(f"Try {count(number, 'epoch')}.", {"epochs": number})


def _gentler(run: Run) -> Suggestion:
    return _rate(gentler_learning_rate(run.train))


def _another_start(run: Run) -> Suggestion:
    """What to try where nothing was learned: the first setting that is far from what usually works."""
    if too_narrow := _wider(run):
        return too_narrow
    usual = usual_learning_rate(run.train)
    if not usual / 2 <= run.train.learning_rate <= 2 * usual:
        return _rate(usual)
    if run.model.dropout > 0.5:
        return _dropout(0.2)
    if "hidden" in NETWORKS[run.model.kind].reads and len(run.model.hidden) > 3:
        return Suggestion("Try hidden layers of 512 and 256 units.", {"hidden": (512, 256)})
    return _gentler(run)


def _against_overfitting(run: Run, best_epoch: int) -> Suggestion:
    if run.train.augment == "none":
        return Suggestion("Try light augmentation.", {"augment": "light"})
    if "dropout" in NETWORKS[run.model.kind].reads and run.model.dropout < 0.3:
        return _dropout(0.3)
    return _epochs(best_epoch)


def _further(run: Run) -> Suggestion:
    if too_narrow := _wider(run):
        return too_narrow
    if _is_slow(run):
        return _rate(usual_learning_rate(run.train))
    return _epochs(min(2 * run.train.epochs, int(BOUNDS["epochs"].high)))


def _wider(run: Run) -> Suggestion | None:
    """What to try first where a hidden layer has fewer units than there are digits: all must be told apart by it."""
    if "hidden" not in NETWORKS[run.model.kind].reads or min(run.model.hidden) >= len(DIGITS):
        return None
    units = count(min(run.model.hidden), "unit")
    wide_enough = tuple(max(width, WIDE_ENOUGH) for width in run.model.hidden)
    return Suggestion(f"Try a wider layer: {units} can hardly tell ten digits apart.", {"hidden": wide_enough})


def _is_slow(run: Run) -> bool:
    return run.train.learning_rate < usual_learning_rate(run.train) / 4


def _has_jumped(history: History, lowest: EpochEnd, epoch: EpochEnd) -> bool:
    """The training loss of `epoch` is far above the lowest, by more than the steps scatter."""
    matters = epoch.train_loss > max(JUMP * lowest.train_loss, lowest.train_loss + MIN_JUMP)
    return matters and errors_above(_step_losses(history, epoch), _step_losses(history, lowest)) > FAR_OUT


def _falls(run: Run, epochs: list[EpochEnd]) -> int:
    """How often the validation accuracy was lower than an epoch before, by more than noise."""
    accuracies = [epoch.validation_accuracy for epoch in epochs]
    return sum(fraction_errors_above(before, after, _images(run)) > UNCOMMON for before, after in pairwise(accuracies))


def _step_losses(history: History, epoch: EpochEnd) -> np.ndarray:
    """(N,) the losses of an epoch's steps, as many as are known."""
    first, last = (bisect_right(history.step, step) for step in (epoch.step - history.steps_per_epoch, epoch.step))
    return np.array(history.step_loss[first:last])


def _units(run: Run) -> int:
    return NETWORKS[run.model.kind].hidden_units(run.model)


def _images(run: Run) -> int:
    return run.split_sizes["validation"]


def _interval(run: Run, epoch: EpochEnd) -> Interval:
    return interval_of(epoch.validation_accuracy, _images(run))


def _accuracy(run: Run, epoch: EpochEnd) -> str:
    return accuracy(epoch.validation_accuracy, _interval(run, epoch))


def _nats(loss: float) -> str:
    return f"{loss:.3f} nats" if 0.01 <= loss < 1000 else f"{loss:.2g} nats"
