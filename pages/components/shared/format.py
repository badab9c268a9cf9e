"""How numbers are shown, on pages as anywhere else: see `mnist_core.format`."""

from mnist_core.format import (
    accuracy,
    accuracy_range,
    accuracy_spread,
    confidence,
    count,
    duration,
    loss,
    moment,
    p_value,
    percent,
    rough_duration,
    size,
    speed,
)

__all__ = [
    "accuracy",
    "accuracy_range",
    "accuracy_spread",
    "confidence",
    "count",
    "duration",
    "loss",
    "moment",
    "p_value",
    "percent",
    "rough_duration",
    "size",
    "speed",
]
