"""Several runs against one of them: which of the two reads the same images better, if either.

Only answers to the same images are compared. Where more than one run is, their p-values are corrected together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnist_core.datasets import registry
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup
from mnist_core.statistics.mcnemar import NOISE, Comparison, compare, holm
from mnist_core.statistics.rank_sum import least_p, rank_test
from mnist_core.types import SplitName

EVALUATIONS: tuple[SplitName, ...] = ("test", "validation")  # the one to be preferred first


@dataclass(frozen=True, eq=False)
class Answers:
    """What a run made of a split."""

    labels: np.ndarray  # (N,) whole numbers
    predictions: np.ndarray  # (N,) whole numbers


@dataclass(frozen=True)
class Verdict:
    """One run against the reference, which is the first of the comparison's two."""

    key: str  # of the one that is compared with the reference, as `key_of` says it
    split: SplitName
    comparison: Comparison
    p_value: float  # corrected for how many runs were compared with the reference

    @property
    def is_noise(self) -> bool:
        return self.p_value >= NOISE

    @property
    def is_better(self) -> bool:
        return not self.is_noise and self.comparison.gained > self.comparison.lost


@dataclass(frozen=True)
class SeedVerdict:
    """Several seeds of one setting against the reference, by the accuracy of each run."""

    key: str  # as `key_of` says it
    split: SplitName
    before: tuple[float, ...]  # accuracies of the reference's runs
    after: tuple[float, ...]  # of the others
    p_value: float  # corrected for how many comparisons there are

    @property
    def is_noise(self) -> bool:
        return self.p_value >= NOISE

    @property
    def is_better(self) -> bool:
        return not self.is_noise and math.fsum(self.after) / len(self.after) > math.fsum(self.before) / len(self.before)

    @property
    def can_tell(self) -> bool:
        """Whether so few runs could show a difference at all."""
        return least_p(len(self.before), len(self.after)) < NOISE


Entry = Run | SeedGroup
AccuracyOf = Callable[[Run, SplitName], float | None]
AnswersOf = Callable[[Run, SplitName], Answers | None]


def images_of(run: Run, split: SplitName) -> tuple[str, str]:
    """Equal for two runs if, and only if, their splits of this name hold the same images in the same order.

    The official MNIST files are checked against their published checksums, so one name is enough for their test split.
    """
    source = registry.source_of(run.dataset, split)
    return source, "" if (source, split) == ("mnist", "test") else run.dataset_checksum


def shared_evaluations(first: Run, second: Run) -> list[SplitName]:
    """The splits that hold the same images for both."""
    return [split for split in EVALUATIONS if images_of(first, split) == images_of(second, split)]


def verdicts(
    reference: Entry, others: Sequence[Entry], answers_of: AnswersOf, accuracy_of: AccuracyOf
) -> dict[str, Verdict | SeedVerdict]:
    """By `key_of`, each of `others` evaluated on the same images as the reference; the test split goes first.

    Two single runs are compared image by image, and where one side is several seeds, accuracy by accuracy.
    """
    compared: list[Verdict | SeedVerdict] = []
    for other in others:
        if isinstance(reference, SeedGroup) or isinstance(other, SeedGroup):
            found: Verdict | SeedVerdict | None = _by_seeds(reference, other, accuracy_of)
        else:
            found = _by_images(reference, other, answers_of)
        compared += [found] if found else []
    corrected = holm([verdict.p_value for verdict in compared])
    return {
        verdict.key: replace(verdict, p_value=p_value) for verdict, p_value in zip(compared, corrected, strict=True)
    }


def key_of(entry: Entry) -> str:
    """What a run, or a group of them, is called here: the id of its first run."""
    return runs_in(entry)[0].run_id


def runs_in(entry: Entry) -> tuple[Run, ...]:
    return entry.runs if isinstance(entry, SeedGroup) else (entry,)


def _by_images(reference: Run, run: Run, answers_of: AnswersOf) -> Verdict | None:
    for split in shared_evaluations(reference, run):
        first, second = answers_of(reference, split), answers_of(run, split)
        if first and second and np.array_equal(first.labels, second.labels):
            comparison = compare(first.labels, first.predictions, second.predictions)
            return Verdict(run.run_id, split, comparison, comparison.p_value)
    return None


def _by_seeds(reference: Entry, other: Entry, accuracy_of: AccuracyOf) -> SeedVerdict | None:
    sides = [runs_in(reference), runs_in(other)]
    for split in shared_evaluations(sides[0][0], sides[1][0]):
        first, second = ([accuracy_of(run, split) for run in side] for side in sides)
        before, after = [a for a in first if a is not None], [a for a in second if a is not None]
        if len(before) == len(first) and len(after) == len(second):
            return SeedVerdict(key_of(other), split, tuple(before), tuple(after), rank_test(before, after))
    return None
