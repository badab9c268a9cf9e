"""How far a network's logits can be trusted: a temperature, and the threshold for rejecting a picture.

Both are found on validation images after training and live in the network's buffers, saved with its weights.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from mnist_core.networks.network import Network
from mnist_core.types import NOT_A_DIGIT

TEMPERATURES: list[float] = torch.logspace(0, 3, 61, base=2.0).tolist()  # that are tried: never surer than it is
SURE, WRONG_AND_SURE = 0.9, 0.1  # at most this fraction of wrong answers may come with more confidence than `SURE`
REJECTED_DIGITS = (
    0.001  # of validation's digits may be rejected: a letter read is forgiven sooner than a digit rejected
)
MIN_REJECT_ABOVE = 0.5  # what is more probably a digit than not is never rejected


@dataclass(frozen=True)
class Calibration:
    """What to make of logits."""

    temperature: float = 1.0
    refuse_above: float = 1.0


def calibrate(logits: Tensor, labels: Tensor) -> Calibration:
    """Find the temperature, and a rejection threshold that hardly any digit exceeds.

    The temperature is the one that makes the truth most probable, or the greater one at which few wrong answers are
    confident: people's own pictures are harder than any validation images, and confident and wrong is the worst.

    Args:
        logits: (N, 10) or (N, 11) float32, of validation images.
        labels: (N,) int64; NOT_A_DIGIT only with eleven logits.
    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    temperature = max(_most_probable(logits, labels), _cautious(logits, labels))
    if logits.shape[1] == NOT_A_DIGIT:
        return Calibration(temperature)
    not_a_digit = (logits / temperature).softmax(1)[:, NOT_A_DIGIT]
    of_digits = not_a_digit[labels != NOT_A_DIGIT]
    least = float(torch.quantile(of_digits, 1 - REJECTED_DIGITS)) if len(of_digits) else 1.0
    return Calibration(temperature, max(least, MIN_REJECT_ABOVE))


def _most_probable(logits: Tensor, labels: Tensor) -> float:
    """The temperature with the least mean cross-entropy.

    It is convex in 1 / temperature: once it rises from one to the next, it rises on.
    """
    losses = cache(lambda n: float(F.cross_entropy(logits / TEMPERATURES[n], labels)))
    pairs = range(len(TEMPERATURES) - 1)
    return TEMPERATURES[bisect_left(pairs, True, key=lambda n: losses(n) <= losses(n + 1))]


def _cautious(logits: Tensor, labels: Tensor) -> float:
    """The least temperature at which at most `WRONG_AND_SURE` of the wrong digits have more than `SURE`."""
    of_digits = logits[labels != NOT_A_DIGIT, :NOT_A_DIGIT]
    wrong = of_digits[of_digits.argmax(1) != labels[labels != NOT_A_DIGIT]]
    for temperature in TEMPERATURES:
        if int(((wrong / temperature).softmax(1).amax(1) > SURE).sum()) <= WRONG_AND_SURE * len(wrong):
            return temperature
    return TEMPERATURES[-1]


def apply(calibration: Calibration, model: Network) -> None:
    """Let `model` carry it."""
    model.temperature.fill_(calibration.temperature)
    model.refuse_above.fill_(calibration.refuse_above)


def calibrated_probabilities(model: Network, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Turn a network's logits into calibrated probabilities.

    Args: logits: (N, 10) or (N, 11).
    Returns: (N, 10) float32, of each digit, rows sum to 1; and (N,) float32, that it is a digit at all. In so far as it
        is none, each digit is as good a guess as any other.
    """
    scaled = logits.float() / model.temperature
    of_digits = scaled[:, :NOT_A_DIGIT].softmax(1)
    if scaled.shape[1] == NOT_A_DIGIT:
        return of_digits, torch.ones_like(of_digits[:, 0])
    of_digit = 1 - scaled.softmax(1)[:, NOT_A_DIGIT]
    return torch.lerp(torch.full_like(of_digits, 0.1), of_digits, of_digit[:, None]), of_digit
