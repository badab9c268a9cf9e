"""How far a network's logits are to be believed: a temperature, and from where on a picture is refused.

Both are found on validation images after training and live in the network's buffers, saved with its weights.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mnist_core.model import Network
from mnist_core.records import NOT_A_DIGIT

TEMPERATURES = (0.25, 8.0)  # between which the best is looked for
REFUSED_DIGITS = 0.005  # of validation's digits may be refused: people forgive a letter read sooner than a digit not
LEAST_REFUSED_ABOVE = 0.5  # what is more probably a digit than not is never refused


@dataclass(frozen=True)
class Calibration:
    """What to make of logits."""

    temperature: float = 1.0
    refuse_above: float = 1.0


def calibrate(logits: Tensor, labels: Tensor) -> Calibration:
    """Find the temperature that makes the truth most probable, and the refusal that hardly any digit meets.

    Args:
        logits: (N, 10) or (N, 11) float32, of validation images.
        labels: (N,) int64; NOT_A_DIGIT only with eleven logits.
    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    temperature = _best_temperature(logits, labels)
    if logits.shape[1] == 10:
        return Calibration(temperature)
    not_a_digit = (logits / temperature).softmax(1)[:, NOT_A_DIGIT]
    of_digits = not_a_digit[labels != NOT_A_DIGIT]
    least = float(torch.quantile(of_digits, 1 - REFUSED_DIGITS)) if len(of_digits) else 1.0
    return Calibration(temperature, max(least, LEAST_REFUSED_ABOVE))


def _best_temperature(logits: Tensor, labels: Tensor) -> float:
    """By golden-section search over its logarithm: the mean cross-entropy has one valley there."""
    low, high = (float(torch.tensor(t).log()) for t in TEMPERATURES)
    golden = (5**0.5 - 1) / 2
    loss_at: dict[float, float] = {}
    for _ in range(30):
        left, right = high - golden * (high - low), low + golden * (high - low)
        for at in (left, right):
            loss_at.setdefault(at, float(F.cross_entropy(logits / float(torch.tensor(at).exp()), labels)))
        low, high = (low, right) if loss_at[left] <= loss_at[right] else (left, high)
    return float(torch.tensor((low + high) / 2).exp())


def apply(calibration: Calibration, model: Network) -> None:
    """Let `model` carry it."""
    model.temperature.fill_(calibration.temperature)
    model.refuse_above.fill_(calibration.refuse_above)


def shares(model: Network, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Turn a network's logits into calibrated probabilities.

    Args: logits: (N, 10) or (N, 11).
    Returns: (N, 10) float32, of each digit if it is one, rows sum to 1; and (N,) float32, that it is one at all.
    """
    scaled = logits.float() / model.temperature
    of_digits = scaled[:, :NOT_A_DIGIT].softmax(1)
    if scaled.shape[1] == NOT_A_DIGIT:
        return of_digits, torch.ones_like(of_digits[:, 0])
    return of_digits, 1 - scaled.softmax(1)[:, NOT_A_DIGIT]
