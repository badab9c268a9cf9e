"""The curves of several runs over each other."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.axis_ranges import scale_of
from mnist_core.figures.chart import HEIGHT, ROW_BELOW, Chart, Dash, Dots, Line, band
from mnist_core.figures.chart_plotly import plotly_figure
from mnist_core.figures.palette import CLASSES
from mnist_core.runs.curves import Axis, Curve, Quantity, band_of, training_of, validation_of
from mnist_core.runs.history import History

MAX_LABELLED = 4  # curves named where they end; more go into a legend
MAX_LABEL = 20  # letters there
MINUTES_FROM = 300  # seconds
MAX_BEHIND = 10  # runs whose training is drawn too; more would hide each other

Drawn = History | Sequence[History]  # a run's history; or those of several seeds, which become one line
Stroke = tuple[str, Dash]  # colour and dash


def comparison_figure(lines: Mapping[str, Drawn], quantity: Quantity, by: Axis) -> go.Figure:
    """What `comparison_chart` says."""
    return plotly_figure(comparison_chart(lines, quantity, by))


def comparison_chart(
    lines: Mapping[str, Drawn], quantity: Quantity, by: Axis, strokes: Mapping[str, Stroke] | None = None
) -> Chart:
    """Validation of several runs, one colour each, with their smoothed training faint behind; of many, without.

    Args:
        lines: by the name to show. Of several seeds the line is their mean, in the band between the lowest and the
            highest.
        strokes: by the same names, the colour and dash of each; by default the colours in their order.
    """
    strokes = strokes or {name: (CLASSES[at % len(CLASSES)], "solid") for at, name in enumerate(lines)}
    histories = [history for one in lines.values() for history in ([one] if isinstance(one, History) else one)]
    unit = 60 if by == "time" and any(one.elapsed_seconds >= MINUTES_FROM for one in histories) else 1
    is_labelled = len(lines) <= MAX_LABELLED
    drawn = [
        line
        for name, one in lines.items()
        for line in _lines(
            name, one, strokes[name], quantity, by, unit, is_labelled=is_labelled, has_training=len(lines) <= MAX_BEHIND
        )
    ]
    values = np.concatenate([line.curve.y for line in drawn]) if drawn else np.empty(0)
    nothing = "Nothing has been measured yet." if lines else "No run is selected."
    return Chart(
        scale_of(quantity, values),
        {"epoch": "epoch", "step": "step", "time": f"training time ({'s' if unit == 1 else 'min'})"}[by],
        _end_of_axis(histories, by) / unit,
        drawn,
        x_format=".4~g",
        height=HEIGHT + (0 if is_labelled else ROW_BELOW * -(-len(lines) // 2)),
        has_bullets=True,
        legend="" if is_labelled else "below",
        note="" if len(values) else nothing,
    )


def _lines(
    name: str,
    one: Drawn,
    stroke: Stroke,
    quantity: Quantity,
    by: Axis,
    unit: int,
    *,
    is_labelled: bool,
    has_training: bool,
) -> list[Line]:
    """A run, or several seeds as one; validation last."""
    colour, dash = stroke
    if isinstance(one, History):
        training = [_in_units(training_of(one, quantity, by), unit)] if has_training else []
        behind = [Line(curve, colour, name=f"{name}, training", width=1, opacity=0.45) for curve in training]
        curve = _in_units(validation_of(one, quantity, by), unit)
    else:
        seeds = band_of([_in_units(validation_of(history, quantity, by), unit) for history in one])
        behind, curve = [band(seeds, colour)], Curve(seeds.x, seeds.mean)
    label = _short(name) if is_labelled else ""
    return [*behind, Line(curve, colour, name=name, label=label, dots=Dots(), dash=dash, in_legend=True)]


def _in_units(curve: Curve, unit: int) -> Curve:
    return Curve(curve.x / unit, curve.y)


def _end_of_axis(histories: Sequence[History], by: Axis) -> float:
    """Where the longest run is planned to end; for time, where it is now."""
    ends: dict[Axis, list[float]] = {
        "epoch": [history.planned_epochs for history in histories],
        "step": [history.total_steps for history in histories],
        "time": [history.elapsed_seconds for history in histories],
    }
    return max(ends[by], default=0.0) or 1.0


def _short(name: str) -> str:
    return name if len(name) <= MAX_LABEL else name[: MAX_LABEL - 1] + "…"
