"""The drawing of a race: a run and the reference of its preset, over the same seconds."""

from typing import Any

import numpy as np

from mnist_core.chart import NamedCurve, curve_layout, curve_names, curve_trace, note_text, room_for_names
from mnist_core.curves import SMOOTH_POINTS, Curve, epoch_positions, step_positions, training_curve
from mnist_core.history import History
from mnist_core.palette import FAINT_INK, MUTED, PAPER, TRAINING, VALIDATION
from mnist_core.races import Reference
from mnist_core.scales import Quantity, Scale, scale_of

AIR = 1.1  # what the axis has beyond the reference's end ...
LONGER = 1.25  # ... and by how much it grows at a time where a run takes longer: rarely, so that nothing creeps


def race_drawing(history: History, reference: Reference, quantity: Quantity) -> dict[str, Any]:
    """Training as lines and validation as dots over seconds of training, as Plotly reads it; accuracy has its target.

    `layout.meta.step` says up to which step the run goes.
    """
    last = max(history.step[-1:], default=0)  # asked first: what another thread appends meanwhile is not promised
    values = history.step_loss.values if quantity == "loss" else history.step_accuracy.values
    yours = training_curve(history, values, step_positions(history, "time"), most=SMOOTH_POINTS)
    yours_judged, theirs, theirs_judged = _judged(history, quantity), *_recorded(reference, quantity)
    scale = scale_of(quantity, np.concatenate([curve.y for curve in (yours, yours_judged, theirs, theirs_judged)]))
    traces = [
        curve_trace(scale, theirs, MUTED, name="reference, training"),
        _dots(scale, theirs_judged, PAPER, MUTED, name="reference, validation"),
        curve_trace(scale, yours, TRAINING, name="you, training"),
        _dots(scale, yours_judged, VALIDATION, VALIDATION, name="you, validation"),
    ]
    ends = [NamedCurve(theirs, "reference", FAINT_INK), NamedCurve(yours, "you", TRAINING)]
    layout = curve_layout(scale, "training time (s)", _end(history, reference), x_format=".2f")
    layout["margin"]["r"] = room_for_names(ends, dots=False)
    layout["annotations"] = curve_names(scale, ends, dots=False)
    if not len(yours.y):
        layout["annotations"].append(note_text("You start with your first step."))
    if quantity == "accuracy":
        layout["shapes"] = [_target_line(scale, reference.target)]
        layout["annotations"].append(_target_name(scale, reference.target))
    layout["meta"] = {"step": last}
    return {"data": traces, "layout": layout}


def _recorded(reference: Reference, quantity: Quantity) -> tuple[Curve, Curve]:
    return reference.training(quantity), reference.validation(quantity)


def _judged(history: History, quantity: Quantity) -> Curve:
    seconds = epoch_positions(history, "time")
    name = "validation_loss" if quantity == "loss" else "validation_accuracy"
    return Curve(seconds, np.array([getattr(epoch, name) for epoch in history.epochs[: len(seconds)]], dtype=float))


def _dots(scale: Scale, curve: Curve, fill: str, line: str, *, name: str) -> dict[str, Any]:
    marker = {"size": 10, "color": fill, "line": {"color": line, "width": 2}}
    return {**curve_trace(scale, curve, line, name=name), "mode": "markers", "marker": marker, "cliponaxis": False}


def _end(history: History, reference: Reference) -> float:
    """Where the axis ends."""
    end = AIR * max(reference.epoch_seconds)
    while history.elapsed_seconds > end:
        end *= LONGER
    return end


def _target_line(scale: Scale, target: float) -> dict[str, Any]:
    place = float(scale.place([target])[0])
    line = {"color": FAINT_INK, "width": 1, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": place, "y1": place, "line": line}


def _target_name(scale: Scale, target: float) -> dict[str, Any]:
    place = float(scale.place([target])[0])
    font = {"color": FAINT_INK, "size": 13}
    at = {"xref": "paper", "x": 0, "xanchor": "left", "y": place, "yanchor": "bottom"}
    return {**at, "text": f"target {100 * target:g} %", "showarrow": False, "font": font}
