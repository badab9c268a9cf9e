"""What follows from a model's answers: intervals, the confusion matrix, the scores of each digit. Needs no torch."""

import math

import numpy as np

from mnist_core.types import DIGITS, ClassScore, Evaluation, Interval

Z_95 = 1.959963984540054  # two-sided 95 % of a normal distribution


def wilson_interval(right: int, n: int) -> Interval:
    """The 95 % interval of a fraction of `right` out of `n`.

    Source: Wilson 1927; keeps its promise near 0 and 1, where the textbook interval does not.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    fraction, z2 = right / n, Z_95**2
    centre = (fraction + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(fraction * (1 - fraction) / n + z2 / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def interval_of(fraction: float, n: int) -> Interval:
    """The 95 % interval of a fraction of `n` images, where how many that were is not at hand."""
    return wilson_interval(round(fraction * n), n)


def accuracy_interval(evaluation: Evaluation) -> Interval:
    return wilson_interval(int(np.sum(evaluation.labels == evaluation.predictions)), evaluation.n)


def chance_of_as_few(right: int, n: int, accuracy: float) -> float:
    """How often a reader of this accuracy has no more than `right` of `n` images right: the binomial's lower tail."""
    return sum(math.comb(n, k) * accuracy**k * (1 - accuracy) ** (n - k) for k in range(right + 1))


def confusion_matrix(evaluation: Evaluation) -> np.ndarray:
    """(10, 10) int64 counts; row = true label, column = predicted."""
    pairs = evaluation.labels * 10 + evaluation.predictions
    return np.bincount(pairs, minlength=100).reshape(10, 10)


def most_confident_mistakes(evaluation: Evaluation) -> np.ndarray:
    """(K,) int64 places in the split of all images read wrong, those with the most confidence first."""
    wrong = np.flatnonzero(evaluation.labels != evaluation.predictions)
    return wrong[np.argsort(-evaluation.probabilities[wrong].max(axis=1), kind="stable")]


def class_scores(matrix: np.ndarray) -> list[ClassScore]:
    """Precision, recall and F1 of each digit from a (10, 10) confusion matrix."""
    scores = []
    for label in DIGITS:
        right, support, predicted = int(matrix[label, label]), int(matrix[label].sum()), int(matrix[:, label].sum())
        precision = right / predicted if predicted else 0.0
        recall = right / support if support else 0.0
        f1 = 2 * right / (support + predicted) if support + predicted else 0.0
        scores.append(ClassScore(label, precision, recall, f1, support))
    return scores


def macro_f1(matrix: np.ndarray) -> float:
    """The mean F1 of the ten digits, 0 to 1, from a (10, 10) confusion matrix: each digit counts the same."""
    return sum(score.f1 for score in class_scores(matrix)) / len(DIGITS)
