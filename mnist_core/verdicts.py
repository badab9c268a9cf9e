"""Several runs against one of them: on images that both have read, which of the two reads better, or neither.

Only answers to the same images are compared. Where more than one run is, their p-values are corrected together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnist_core import data
from mnist_core.compare import NOISE, Comparison, compare, holm
from mnist_core.records import SplitName
from mnist_core.runs import Run

EXAMS: tuple[SplitName, ...] = ("test", "validation")  # the one to be preferred first


@dataclass(frozen=True, eq=False)
class Answers:
    """What a run made of a split."""

    labels: np.ndarray  # (N,) int64
    predictions: np.ndarray  # (N,) int64


@dataclass(frozen=True)
class Verdict:
    """One run against the reference, which is the first of the comparison's two."""

    run_id: str
    split: SplitName
    comparison: Comparison
    p_value: float  # corrected for how many runs were compared with the reference

    @property
    def is_noise(self) -> bool:
        return self.p_value >= NOISE

    @property
    def is_better(self) -> bool:
        return not self.is_noise and self.comparison.gained > self.comparison.lost


AnswersOf = Callable[[Run, SplitName], Answers | None]


def images_of(run: Run, split: SplitName) -> tuple[str, str]:
    """Equal for two runs if, and only if, their splits of this name hold the same images in the same order.

    The official MNIST files are checked against their published checksums, so one name is enough for their exam.
    """
    source = data.source_of(run.dataset, split)
    return source, "" if (source, split) == ("mnist", "test") else run.dataset_checksum


def shared_exams(first: Run, second: Run) -> list[SplitName]:
    """The splits that hold the same images for both."""
    return [split for split in EXAMS if images_of(first, split) == images_of(second, split)]


def verdicts(reference: Run, others: Sequence[Run], answers_of: AnswersOf) -> dict[str, Verdict]:
    """By run id, each of `others` that has answered the same exam as the reference; the test split goes first."""
    compared = [verdict for run in others if (verdict := _verdict(reference, run, answers_of))]
    corrected = holm([verdict.p_value for verdict in compared])
    return {
        verdict.run_id: replace(verdict, p_value=p_value) for verdict, p_value in zip(compared, corrected, strict=True)
    }


def _verdict(reference: Run, run: Run, answers_of: AnswersOf) -> Verdict | None:
    for split in shared_exams(reference, run):
        first, second = answers_of(reference, split), answers_of(run, split)
        if first and second and np.array_equal(first.labels, second.labels):
            comparison = compare(first.labels, first.predictions, second.predictions)
            return Verdict(run.run_id, split, comparison, comparison.p_value)
    return None
