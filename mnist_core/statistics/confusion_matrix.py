"""Which digits are taken for which: the confusion matrix, and what follows from it. Needs no torch."""

import numpy as np

from mnist_core.types import DIGITS, ClassScore, Evaluation


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
