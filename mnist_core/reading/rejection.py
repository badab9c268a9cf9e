"""Whether a picture is a digit at all: where a network rejects it. `calibration` finds the threshold, on validation."""

import numpy as np

from mnist_core.networks.network import Network


def is_digit(model: Network, digit_probability: np.ndarray) -> np.ndarray:
    """Which pictures the network takes for digits.

    Args:
        model: networks without an output for non-digits take every picture for one.
        digit_probability: (N,) float, that the picture is a digit.
    Returns: (N,) bool.
    """
    taken: np.ndarray = digit_probability.astype(np.float64) >= 1 - float(model.refuse_above)
    return taken
