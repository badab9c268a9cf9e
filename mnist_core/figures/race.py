"""The race: a run and the reference of its preset, over the same seconds."""

import numpy as np

from mnist_core.figures.axis_ranges import scale_of
from mnist_core.figures.chart import HEIGHT, X_AIR, Chart, Dots, Line
from mnist_core.figures.palette import FAINT_INK, MUTED, PAPER, TRAINING, VALIDATION
from mnist_core.insight.races import Reference
from mnist_core.runs.curves import Curve, training_of, validation_of
from mnist_core.runs.history import History

AIR = 1.1  # what the axis has beyond the reference's end ...
LONGER = 1.25  # ... and by how much it grows at a time where a run takes longer: rarely, so that nothing creeps
DOT, RING = 8, 2  # pixels


def race_chart(history: History, reference: Reference, *, height: int = HEIGHT) -> Chart:
    """Accuracy over seconds of training: training as lines, validation as dots, and the target."""
    step = max(history.step[-1:], default=0)  # asked first: what another thread appends meanwhile is not promised
    end = _end(history, reference)
    yours, validation = training_of(history, "accuracy", "time"), validation_of(history, "accuracy", "time")
    target = Curve(np.array([0.0, X_AIR * end]), np.array([reference.target, reference.target]))
    lines = [
        Line(reference.training, MUTED, name="reference", in_legend=True),
        Line(reference.validation, MUTED, name="reference, validation", width=0, dots=Dots(DOT, PAPER, RING)),
        Line(yours, TRAINING, name="you", in_legend=True),
        Line(validation, VALIDATION, name="validation", width=0, dots=Dots(DOT, VALIDATION, RING), in_legend=True),
        Line(
            target, FAINT_INK, name=f"target {100 * reference.target:g} %", width=1, dash="dash", in_legend=True
        ),
    ]  # fmt: skip
    drawn = (yours, validation, reference.training, reference.validation)
    scale = scale_of("accuracy", np.concatenate([curve.y for curve in drawn]))
    return Chart(scale, "training time (s)", end, lines, height=height, legend="above", step=step)


def _end(history: History, reference: Reference) -> float:
    """Where the axis ends."""
    end = AIR * max(reference.epoch_seconds)
    while history.elapsed_seconds > end:
        end *= LONGER
    return end
