"""The drawing of a race: a run and the reference of its preset, over the same seconds."""

from typing import Any

import numpy as np

from mnist_core.figures.axis_ranges import Scale, scale_of
from mnist_core.figures.chart import curve_layout, curve_trace, legend_above
from mnist_core.figures.palette import FAINT_INK, MUTED, PAPER, TRAINING, VALIDATION
from mnist_core.insight.races import Reference
from mnist_core.runs.curves import SMOOTH_POINTS, Curve, epoch_positions, step_positions, training_curve
from mnist_core.runs.history import History

AIR = 1.1  # what the axis has beyond the reference's end ...
LONGER = 1.25  # ... and by how much it grows at a time where a run takes longer: rarely, so that nothing creeps
DOT = 8


def race_drawing(history: History, reference: Reference) -> dict[str, Any]:
    """Accuracy over seconds of training, as Plotly reads it: training as lines, validation as dots, and the target.

    `layout.meta.step` says up to which step the run goes.
    """
    last = max(history.step[-1:], default=0)  # asked first: what another thread appends meanwhile is not promised
    seconds = step_positions(history, "time")
    yours = training_curve(history, history.step_accuracy.values, seconds, most=SMOOTH_POINTS)
    judged = _judged(history)
    drawn = (yours, judged, reference.training, reference.validation)
    scale = scale_of("accuracy", np.concatenate([curve.y for curve in drawn]))
    traces = [
        curve_trace(scale, reference.training, MUTED, name="reference", legend=True),
        _dots(scale, reference.validation, PAPER, MUTED, name="reference, validation"),
        curve_trace(scale, _there(yours), TRAINING, name="you", legend=True),
        _dots(scale, _there(judged), VALIDATION, VALIDATION, name="validation", legend=True),
        _target(scale, reference.target, _end(history, reference)),
    ]
    layout = curve_layout(scale, "training time (s)", _end(history, reference), x_format=".2f")
    layout["margin"]["t"] = 40
    layout["showlegend"], layout["legend"], layout["meta"] = True, legend_above(), {"step": last}
    return {"data": traces, "layout": layout}


def _judged(history: History) -> Curve:
    seconds = epoch_positions(history, "time")
    judged = [epoch.validation_accuracy for epoch in history.epochs[: len(seconds)]]
    return Curve(seconds[: len(judged)], np.array(judged, dtype=float))


def _dots(scale: Scale, curve: Curve, fill: str, line: str, **looks: Any) -> dict[str, Any]:
    marker = {"size": DOT, "color": fill, "line": {"color": line, "width": 2}}
    return {**curve_trace(scale, curve, line, **looks), "mode": "markers", "marker": marker, "cliponaxis": False}


def _end(history: History, reference: Reference) -> float:
    """Where the axis ends."""
    end = AIR * max(reference.epoch_seconds)
    while history.elapsed_seconds > end:
        end *= LONGER
    return end


def _target(scale: Scale, target: float, end: float) -> dict[str, Any]:
    """A line across; a curve, and so in the legend, because a name at it would lie on the others."""
    across = Curve(np.array([0.0, 1.1 * end]), np.array([target, target]))
    line = {"color": FAINT_INK, "width": 1, "dash": "dash"}
    name = f"target {100 * target:g} %"
    return {**curve_trace(scale, across, FAINT_INK, legend=True), "line": line, "name": name}


def _there(curve: Curve) -> Curve:
    """The same; of one without a point, a point that is nowhere: Plotly leaves out of the legend what has none."""
    return curve if len(curve.x) else Curve(np.array([np.nan]), np.array([np.nan]))
