"""What several measurements of the same thing came to."""

import math
from collections.abc import Sequence

from mnist_core.types import Spread


def spread(values: Sequence[float]) -> Spread:
    """Args: values: at least one."""
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    deviation = math.sqrt(squares / (len(values) - 1)) if len(values) > 1 else 0.0
    return Spread(len(values), mean, deviation, min(values), max(values))
