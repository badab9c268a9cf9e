"""A run against the recorded training of its preset: which reaches the target first, in seconds of training.

What was recorded lies in `references.json`; `python -m benchmarks.reference` records it again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.format import duration
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.curves import SMOOTH_POINTS, Curve, training_curve
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.training import presets
from mnist_core.training.config import TrainConfig
from mnist_core.training.presets import Preset

FILE = Path(__file__).with_name("references.json")
DECIMALS = 4


@dataclass(frozen=True)
class Finish:
    """How one seed of a preset ended."""

    seed: int
    seconds: float | None  # of training until validation reached the target; None if it never did
    accuracy: float  # of validation, the best epoch's


@dataclass(frozen=True)
class Reference:
    """The recorded training of a preset: of several seeds the one in the middle, thinned."""

    preset: str
    kind: str
    settings: Mapping[str, Any]  # the preset's when this was recorded, by the configs' field names
    created: str  # ISO 8601, UTC
    machine: str
    load: float | None  # programs at work on the machine in the minute before; None where the system does not tell
    threads: int
    device: str
    precision: str
    versions: Mapping[str, str]
    validation_size: int  # images
    seed: int
    finishes: tuple[Finish, ...]  # of every seed recorded, this one's among them
    step: Sequence[float]  # (K,) the middle of each group of steps ...
    seconds: Sequence[float]  # (K,) ... of training until then ...
    accuracy: Sequence[float]  # (K,) ... and the mean over its batches
    epoch_seconds: Sequence[float]  # (E,)
    validation_accuracy: Sequence[float]  # (E,)

    @property
    def target(self) -> float:
        return presets.preset(self.preset, self.kind).target

    @property
    def arrival(self) -> float:
        """Training seconds until its validation reached the target."""
        return self.epoch_seconds[self._first]

    @property
    def arrival_accuracy(self) -> float:
        """Of validation, when it reached the target."""
        return self.validation_accuracy[self._first]

    @property
    def _first(self) -> int:
        return next(i for i, accuracy in enumerate(self.validation_accuracy) if accuracy >= self.target)

    @property
    def spread(self) -> float:
        """By how many seconds its own seeds differ, among those that reached the target."""
        arrived = [finish.seconds for finish in self.finishes if finish.seconds is not None]
        return max(arrived) - min(arrived)

    @property
    def training(self) -> Curve:
        """Accuracy over training seconds, smoothed."""
        return Curve(np.array(self.seconds), np.array(self.accuracy))

    @property
    def validation(self) -> Curve:
        """Accuracy over training seconds, a point an epoch."""
        return Curve(np.array(self.epoch_seconds), np.array(self.validation_accuracy))


@dataclass(frozen=True)
class Standing:
    """Where a run stands in its race."""

    arrival: float | None  # training seconds until its validation was at the target; None as long as it is not
    lead: float  # seconds by which it was there, or else at its latest step, before the reference; below 0 is behind

    @property
    def words(self) -> str:
        """`ahead by 0.2 s`, `behind by 1.3 s`, `level`."""
        apart = duration(abs(self.lead))
        return "level" if apart == "0.0 s" else f"{'ahead' if self.lead > 0 else 'behind'} by {apart}"


def reference_of(run: Run) -> Reference | None:
    """What a run races against; None where it has no preset's settings."""
    preset = preset_of(run)
    return next((known for known in references() if _preset_of(known) == preset), None)


def preset_of(run: Run) -> Preset | None:
    """The preset whose settings a run has, on the data set that presets are for; None where it has others.

    A run that was fine-tuned or extended has trained otherwise, whatever its settings say.
    """
    if run.dataset != "mnist" or run.base or run.extended_by or run.model.refuses:
        return None
    return presets.find_preset(run.model, run.train)


def standing(history: History, reference: Reference) -> Standing:
    """Who is ahead: at the target once the run is there, until then at the latest step of the run."""
    arrival = arrival_of(history, reference.target)
    if arrival is not None:
        return Standing(arrival, reference.arrival - arrival)
    seconds = np.interp(max(history.step[-1:], default=0), [0, *reference.step], [0.0, *reference.seconds])
    return Standing(None, float(seconds) - max(history.step_seconds[-1:], default=0.0))


def arrival_of(history: History, target: float) -> float | None:
    """Training seconds until the validation accuracy first reached the target; None if it never did."""
    ends = zip(history.epochs, history.epoch_seconds, strict=True)
    return next((seconds for epoch, seconds in ends if epoch.validation_accuracy >= target), None)


@cache
def references() -> tuple[Reference, ...]:
    """All that is recorded, one for each preset and network."""
    return tuple(_from_json(values) for values in json.loads(FILE.read_text(encoding="utf8")))


def middle_of(finishes: Sequence[Finish]) -> Finish:
    """The median seed; those that never reached the target come last."""
    in_order = sorted(finishes, key=lambda finish: np.inf if finish.seconds is None else finish.seconds)
    return in_order[len(in_order) // 2]


def thinned(history: History) -> dict[str, list[float]]:
    """The curves of a finished run as a `Reference` has them, by its fields' names."""
    position = history.step.values.astype(float)
    columns = {
        "step": position,
        "seconds": history.step_seconds.values,
        "accuracy": history.step_accuracy.values,
    }
    curves = {name: training_curve(history, values, position, most=SMOOTH_POINTS) for name, values in columns.items()}
    return {
        **{name: _rounded(curve.y) for name, curve in curves.items()},
        "epoch_seconds": _rounded(history.epoch_seconds),
        "validation_accuracy": _rounded([epoch.validation_accuracy for epoch in history.epochs]),
    }


def _rounded(values: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), DECIMALS) for value in values]


def _preset_of(reference: Reference) -> Preset:
    return presets.preset(reference.preset, reference.kind)


def _from_json(values: dict[str, Any]) -> Reference:
    finishes = tuple(Finish(**finish) for finish in values["finishes"])
    # what could not be set when it was recorded was as it is by default
    settings = presets.settings_of(Preset(ModelConfig(values["kind"]), TrainConfig(), target=0.0)) | values["settings"]
    return Reference(**{**values, "settings": json.loads(json.dumps(settings)), "finishes": finishes})
