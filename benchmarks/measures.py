"""What follows from answers to labelled pictures: shares with their intervals, confidence against truth, confusions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.labelled import Labelled
from mnist_core.statistics.wilson import wilson_interval
from mnist_core.types import Box, Interval

SURE = 0.9  # a wrong answer more confident than this misleads
BINS = 15  # of the expected calibration error, as usual since Guo et al. 2017
RESAMPLES = 4000
SEED = 20261123
WORST = 5  # confusions told of each kind
REFUSED = "?"  # what stands for a refused picture where a digit would stand


@dataclass(frozen=True, eq=False)
class Answer:
    """What was read in one picture."""

    of: Labelled
    text: str  # the digit or the number; empty where the picture was refused
    guess: str  # the same with the nearest digit for what was refused; empty where there is no ink
    confidence: float  # of the digit; of a number, of its least sure digit
    seen: tuple[np.ndarray, ...] = ()  # each (28, 28) uint8: what went into the network
    boxes: tuple[Box, ...] = ()  # of a number's digits, refused ones among them
    thumbnail: np.ndarray | None = field(default=None, repr=False)  # (H, W) or (H, W, 3) uint8, of an error's picture
    scale: float = 1.0  # of the thumbnail to the picture

    @property
    def is_right(self) -> bool:
        """A refused digit is not; what is no digit is right if it is refused."""
        return self.text == self.of.label

    @property
    def is_rejected(self) -> bool:
        return not self.text

    @property
    def is_wrong_and_sure(self) -> bool:
        """An answer was given, with confidence, and it misleads."""
        return not self.is_right and not self.is_rejected and self.confidence > SURE

    @property
    def guessed_right(self) -> bool:
        return bool(self.of.label) and self.guess == self.of.label


@dataclass(frozen=True)
class Confusion:
    """How often one thing was taken for another."""

    true: str
    read: str
    count: int


@dataclass(frozen=True)
class Score:
    """How the pictures of one kind fared, read in one way."""

    n: int
    right: int
    interval: Interval  # Wilson's, as if all pictures were independent
    sources: int
    source_interval: Interval | None  # over writers; None where it cannot be told
    refused: int
    wrong: int  # answers given that are wrong
    wrong_and_sure: int
    same_length: int  # numbers read with as many digits as they have
    confusions: tuple[Confusion, ...]

    @property
    def accuracy(self) -> float:
        return self.right / self.n

    @property
    def sure_share(self) -> float:
        """Of the wrong answers, how many were sure; 0 where none is wrong."""
        return self.wrong_and_sure / self.wrong if self.wrong else 0.0


def score(answers: Sequence[Answer]) -> Score:
    """Sum up the answers to at least one picture."""
    right = np.array([answer.is_right for answer in answers])
    sources = [answer.of.source for answer in answers]
    wrong = [answer for answer in answers if not answer.is_right]
    pairs = Counter((a.of.label or "no digit", a.text or REFUSED) for a in wrong)
    return Score(
        n=len(answers),
        right=int(right.sum()),
        interval=wilson_interval(int(right.sum()), len(answers)),
        sources=len(set(sources)),
        source_interval=interval_over_sources(right, sources),
        refused=sum(answer.is_rejected for answer in answers),
        wrong=sum(not answer.is_rejected for answer in wrong),
        wrong_and_sure=sum(answer.is_wrong_and_sure for answer in wrong),
        same_length=sum(len(answer.text) == len(answer.of.label) for answer in answers),
        confusions=tuple(Confusion(true, read, count) for (true, read), count in pairs.most_common(WORST)),
    )


def interval_over_sources(right: np.ndarray, sources: Sequence[str]) -> Interval | None:
    """The 95 % interval of accuracy if other writers had come: a bootstrap that draws whole writers.

    One writer's digits are alike, so this is wider than an interval that takes them for independent.

    Args: right: (N,) bool; sources: who wrote each.
    Returns: None for a single writer, and where all or none are right: drawing them again then tells nothing. The seed
        is fixed, so the same answers give the same interval.
    Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8 (clusters drawn whole).
    """
    names, writer = np.unique(np.asarray(sources), return_inverse=True)
    if len(names) < 2 or right.all() or not right.any():
        return None
    n_of = np.bincount(writer, minlength=len(names))
    right_of = np.bincount(writer, weights=right, minlength=len(names))
    drawn = np.random.default_rng(SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    shares = (drawn @ right_of) / (drawn @ n_of)  # (RESAMPLES,)
    low, high = np.percentile(shares, (2.5, 97.5))
    return Interval(float(low), float(high))


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: how far confidence and truth are apart, on average over bins of equal width.

    Args: confidences: (N,) float, 0 to 1; right: (N,) bool.
    Returns: 0 to 1; 0 for no answers.
    Source: Naeini, Cooper, Hauskrecht 2015; Guo, Pleiss, Sun, Weinberger 2017, section 2.
    """
    if not len(confidences):
        return 0.0
    of_bin = np.clip(np.ceil(np.asarray(confidences) * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(of_bin, weights=np.asarray(right, float) - confidences, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidences))
