"""What whoever trains on a data set should know of it: digits that it does not show, or hardly."""

import numpy as np

from mnist_core.types import DIGITS, Dataset

RARE = 0.25  # of the median count of the digits that are there


def remarks(dataset: Dataset) -> list[str]:
    """Sentences, for before and after a training; none if all ten digits are there."""
    counts = np.bincount(dataset.train.digits_only().labels, minlength=len(DIGITS))
    few = RARE * np.median(counts[counts > 0])
    missing = [str(digit) for digit in DIGITS if not counts[digit]]
    rare = [f"{digit} ({counts[digit]:,})" for digit in DIGITS if 0 < counts[digit] < few]
    said = []
    if missing:
        said.append(
            f"nothing to train on shows a {_listed(missing)}: the model will read it as another digit, and the "
            "accuracy measured on this data set cannot tell"
        )
    if rare:
        said.append(f"few training images of {_listed(rare)}: expect more errors there than the accuracy says")
    return said


def _listed(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
