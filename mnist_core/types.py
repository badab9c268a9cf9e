"""The nouns: what one part of the program hands to another. Arrays say their shape on their line."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

SplitName = Literal["train", "validation", "test"]
SIDE = 28  # pixels of an image as a network sees it
DIGITS = range(10)
NOT_A_DIGIT = 10  # the label of pictures that a model should reject


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures and what they show: light ink (255) on dark ground (0)."""

    name: SplitName
    images: np.ndarray  # (N, 28, 28) uint8
    labels: np.ndarray  # (N,) int64, 0-9; NOT_A_DIGIT for a letter or a scribble

    def __len__(self) -> int:
        return len(self.labels)

    def digits_only(self) -> "Split":
        """The same without what is not a digit; itself if there is nothing else in it."""
        kept = self.labels != NOT_A_DIGIT
        return self if kept.all() else Split(self.name, self.images[kept], self.labels[kept])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits for three uses: train fits, validation chooses, test evaluates."""

    name: str
    train: Split
    validation: Split
    test: Split
    checksum: str  # SHA-256 over all images and labels, in order
    left_out: dict[str, str] = field(default_factory=dict)  # files that could not be used, each with a sentence

    def split(self, name: SplitName) -> Split:
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


@dataclass(frozen=True)
class StepEnd:
    """One optimiser update has been made. Epochs and steps count from 1; steps count on over epochs."""

    epoch: int
    step: int
    loss: float  # mean cross-entropy of the batch before the update, in nats
    accuracy: float  # of the batch before the update
    learning_rate: float
    images: int  # in the batch


@dataclass(frozen=True)
class EpochEnd:
    """One pass over the training split is done and the validation split has been evaluated."""

    epoch: int
    step: int
    train_loss: float  # mean over the epoch's images, each before the update it took part in
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    dead_units: float | None = (
        None  # fraction of hidden units that are 0 for every validation image; None if not measured
    )


@dataclass(frozen=True)
class Spread:
    """Mean, standard deviation and range of several values."""

    n: int
    mean: float
    deviation: float  # the sample's standard deviation; 0 of a single value
    low: float
    high: float


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval of a fraction."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class ClassScore:
    """The scores of one digit; a ratio whose denominator is 0 is 0."""

    label: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model's result on a whole split. Everything shown of it comes from these arrays, so nothing can disagree."""

    run_id: str
    split: SplitName
    loss: float  # mean cross-entropy per image, in nats
    labels: np.ndarray  # (N,) int64
    predictions: np.ndarray  # (N,) int64
    probabilities: np.ndarray  # (N, 10) float32, rows sum to 1
    times_taken: int = 1  # how often this run has been evaluated on this split

    @property
    def n(self) -> int:
        return len(self.labels)

    @cached_property
    def accuracy(self) -> float:
        return float(np.mean(self.labels == self.predictions))


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def scaled(self, factor: float) -> "Box":
        """The same place in a picture larger by `factor`."""
        return Box(*(round(factor * value) for value in (self.left, self.top, self.width, self.height)))


@dataclass(frozen=True, eq=False)
class Step:
    """One stage of the way from a person's picture to the network's input."""

    name: str  # two or three words
    explanation: str  # one sentence: what was done and why
    image: np.ndarray  # (H, W) or (H, W, 3) uint8


@dataclass(frozen=True, eq=False)
class Preprocessed:
    """A person's picture in MNIST's form."""

    image: np.ndarray  # (28, 28) uint8, light ink on dark ground
    box: Box  # where the digit was found in the picture
    inverted: bool  # the picture had dark ink on light ground
    steps: tuple[Step, ...] = field(default=(), repr=False)
    large_specks: int = 0  # pieces of ink at least half as tall as the digit that were taken for specks
    is_stub: bool = False  # tiny and hardly longer than the pen is broad: no digit, whatever a network makes of it


@dataclass(frozen=True, eq=False)
class Prediction:
    """One digit read."""

    is_digit: bool
    digit: int | None  # the most probable digit, a guess if it is none; None where there is no ink at all
    confidence: float  # probability of `digit`
    probabilities: np.ndarray  # (10,) float32, sum 1 (all 0 where there is no ink)
    digit_probability: float  # that it is a digit at all: 1 of a model that cannot reject, 0 where there is no ink
    box: Box | None = None
    preprocessed: Preprocessed | None = None
