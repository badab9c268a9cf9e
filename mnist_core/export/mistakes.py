"""What a run gets wrong, ready to be shown: its confusion matrix and its most confident mistakes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core import format as fmt
from mnist_core.datasets import registry
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.figures.data_uri import data_uri
from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.statistics.confusion_matrix import confusion_matrix, most_confident_mistakes
from mnist_core.types import Evaluation, SplitName

MAX_SHOWN = 12


@dataclass(frozen=True)
class Mistake:
    """An image that was misclassified."""

    label: int
    prediction: int
    label_confidence: str
    confidence: str  # of the prediction
    picture: str  # its address; empty where the data set cannot be read


@dataclass(frozen=True)
class Mistakes:
    """Of a whole split."""

    images: str  # "10,000 MNIST test images"
    matrix: np.ndarray  # (10, 10) int64; row = true label, column = predicted
    n: int
    n_wrong: int
    shown: list[Mistake]  # those with the most confidence first
    no_pictures: str  # why the images cannot be shown; empty where they can

    @property
    def most(self) -> int:
        """The greatest count off the diagonal, at least 1."""
        return max(1, int((self.matrix - np.diag(np.diag(self.matrix))).max()))


def images_of(run: Run, split: SplitName) -> str:
    """`MNIST test`: the data set is not always the one of training."""
    return f"{DATASETS.label(registry.source_of(run.dataset, split))} {split}"


def load_mistakes(run: Run) -> Mistakes | None:
    """On the test split if it has been evaluated, else on validation; None where neither has.

    Raises:
        CheckpointError: if a kept evaluation is damaged.
    """
    evaluation = evaluations.load_evaluation(run, "test") or evaluations.load_evaluation(run, "validation")
    if evaluation is None:
        return None
    wrong = most_confident_mistakes(evaluation)
    shown = wrong[:MAX_SHOWN]
    pictures, no_pictures = _pictures(run, evaluation, shown)
    return Mistakes(
        images=f"{fmt.count(evaluation.n)} {images_of(run, evaluation.split)} images",
        matrix=confusion_matrix(evaluation),
        n=evaluation.n,
        n_wrong=len(wrong),
        shown=[_mistake(evaluation, place, picture) for place, picture in zip(shown, pictures, strict=True)],
        no_pictures=no_pictures,
    )


def _pictures(run: Run, evaluation: Evaluation, places: np.ndarray) -> tuple[Sequence[str], str]:
    """The images at these (K,) places of the split; where they cannot be had, K empty addresses and the reason."""
    if not len(places):
        return [], ""
    try:
        images = evaluations.read_split(run, evaluation.split).images
    except (DatasetError, CheckpointError) as error:
        return [""] * len(places), str(error)
    return [data_uri(images[place]) for place in places], ""


def _mistake(evaluation: Evaluation, place: int, picture: str) -> Mistake:
    label, prediction = int(evaluation.labels[place]), int(evaluation.predictions[place])
    row = evaluation.probabilities[place]
    return Mistake(label, prediction, fmt.confidence(row[label]), fmt.confidence(row[prediction]), picture)
