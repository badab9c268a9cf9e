"""Records in, Plotly figures out. Drawn for paper; `palette.ON_DARK` says which colour takes which place at night."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.axis_ranges import Quantity, Scale, scale_of
from mnist_core.figures.chart import (
    CURVE_HEIGHT,
    MARGIN,
    NamedCurve,
    add_band,
    add_curve,
    curve_layout,
    curve_names,
    curve_sheet,
    curve_trace,
    legend_above,
    legend_below,
    name_curves,
    note,
    note_text,
    room_for_names,
    sheet,
)
from mnist_core.figures.palette import (
    ACCENT,
    CLASSES,
    ERROR_WASH,
    FAINT_INK,
    INK,
    MUTED,
    PAPER,
    TRAINING,
    TRAINING_FAINT,
    VALIDATION,
    WASH,
)
from mnist_core.runs import curves
from mnist_core.runs.curves import Axis, Curve
from mnist_core.runs.history import History
from mnist_core.types import DIGITS, ClassScore

MATRIX_HEIGHT = 560
BARS_HEIGHT = 260
SCORES_HEIGHT = 380
MARKED_HEIGHT = 230
MAX_LABELLED = 4  # curves named where they end; more go into a legend
MAX_LABEL = 20  # letters there
LEGEND_ROW = 24  # pixels, of two entries
MINUTES_FROM = 300  # seconds


def loss_figure(history: History) -> go.Figure:
    """Training and validation loss over the epochs planned."""
    return go.Figure(history_drawing(history, "loss"))


def accuracy_figure(history: History) -> go.Figure:
    """Training and validation accuracy over the epochs planned."""
    return go.Figure(history_drawing(history, "accuracy"))


def accuracy_at_figure(history: History, epoch: int) -> go.Figure:
    """Validation accuracy over the epochs planned, with a mark on one of them."""
    curve = _validation(history, "accuracy", "epoch")
    scale = scale_of("accuracy", curve.y)
    fig = curve_sheet(scale, "epoch", float(max(history.planned_epochs, 1)), x_format="d")
    add_curve(fig, scale, curve, VALIDATION, name="validation", dots=True)
    fig.add_vline(x=epoch, line={"color": INK, "width": 1, "dash": "dot"})
    chosen = curve.x == epoch
    fig.add_scatter(
        x=curve.x[chosen],
        y=scale.place(curve.y[chosen]),
        mode="markers",
        marker={"size": 13, "color": PAPER, "line": {"color": VALIDATION, "width": 3}},
        cliponaxis=False,
        hoverinfo="skip",
    )
    return fig.update_layout(height=MARKED_HEIGHT, dragmode=False)


def comparison_figure(lines: Mapping[str, History | Sequence[History]], quantity: Quantity, by: Axis) -> go.Figure:
    """Validation of several runs, one colour each, with their smoothed training faint behind.

    Args:
        lines: by the name to show: a run's history, or those of several seeds, which become one line, their mean, in
            the band between the lowest and the highest.
    """
    histories = [history for line in lines.values() for history in _members(line)]
    unit = _time_unit(histories) if by == "time" else 1
    training = [_training(one, quantity, by, unit) for one in lines.values() if isinstance(one, History)]
    validation = [_validation(history, quantity, by, unit) for history in histories]
    values = np.concatenate([curve.y for curve in training + validation]) if histories else np.empty(0)
    scale = scale_of(quantity, values)
    title = {"epoch": "epoch", "step": "step", "time": f"training time ({'s' if unit == 1 else 'min'})"}[by]
    fig = curve_sheet(scale, title, _end_of_axis(histories, by) / unit, x_format=".4~g")
    named = []
    for index, (name, line) in enumerate(lines.items()):
        colour = CLASSES[index % len(CLASSES)]
        curve = _add_line(fig, scale, name, line, colour, by, unit)
        named.append(NamedCurve(curve, _short(name), colour))
    if len(named) > MAX_LABELLED:
        room = LEGEND_ROW * -(-len(named) // 2)
        fig.update_layout(height=CURVE_HEIGHT + room, margin_b=MARGIN["b"] + room)
        fig.update_layout(showlegend=True, legend=legend_below())
    else:
        name_curves(fig, scale, named, dots=True)
    if not len(values):
        note(fig, "Nothing has been measured yet." if lines else "No run is chosen.")
    return fig


def confusion_figure(
    matrix: np.ndarray,
    *,
    normalised: bool,
    mute_diagonal: bool,
    selected: tuple[int, int] | None = None,
    strongest: float = 0.0,
) -> go.Figure:
    """Which digits are taken for which: rows true from the top, columns predicted.

    Args:
        matrix: (10, 10) int, counts.
        normalised: show percent of each true digit instead of counts.
        mute_diagonal: leave right answers out of the colour scale, so that the errors show.
        selected: (true label, predicted label) of the cell to frame.
        strongest: the number that has the strongest colour, so that several matrices can be compared; by default
            the greatest of this one.
    """
    totals = matrix.sum(axis=1, keepdims=True)
    shares = 100 * np.divide(matrix, totals, out=np.zeros(matrix.shape), where=totals > 0)
    values = shares if normalised else matrix.astype(float)
    right = np.eye(len(DIGITS), dtype=bool)
    coloured = np.where(right, 0.0, values) if mute_diagonal else values
    written = np.where(matrix > 0, np.vectorize("{:.1f}".format if normalised else "{:.0f}".format)(values), "")
    wash = ERROR_WASH if mute_diagonal else WASH
    fig = sheet(MATRIX_HEIGHT)
    fig.add_heatmap(
        z=coloured,
        zmin=0,
        zmax=max(strongest or float(coloured.max()), 1e-9),
        colorscale=[[0, wash[0]], [1, wash[1]]],
        showscale=False,
        xgap=2,
        ygap=2,
        text=np.where(right & mute_diagonal, "", written),
        texttemplate="%{text}",
        textfont={"color": INK, "size": 13},
        customdata=np.stack([matrix, shares], axis=-1),
        hovertemplate="true %{y}, read as %{x}<br>%{customdata[0]:,} images, %{customdata[1]:.1f} % of the %{y}s"
        "<extra></extra>",
    )
    if mute_diagonal:
        for label, text in zip(DIGITS, np.diag(written), strict=True):
            fig.add_annotation(x=label, y=label, text=text, showarrow=False, font={"color": FAINT_INK, "size": 13})
    if selected is not None:
        _frame_cell(fig, *selected)
    axis = {"tickvals": list(DIGITS), "showgrid": False, "zeroline": False, "fixedrange": True, "constrain": "domain"}
    fig.update_xaxes(title_text="predicted digit", range=[-0.5, 9.5], **axis)
    fig.update_yaxes(title_text="true digit", range=[9.5, -0.5], scaleanchor="x", **axis)
    return fig.update_layout(margin={**MARGIN, "l": 46}, dragmode=False)


def probabilities_figure(probabilities: np.ndarray, digit: int | None) -> go.Figure:
    """How sure the network is of each digit.

    Args:
        probabilities: (10,) float, 0 to 1; all 0 where there is no ink.
        digit: the one to stand out; None where none is meant.
    """
    percent = 100 * np.asarray(probabilities, dtype=float)
    fig = sheet(BARS_HEIGHT)
    fig.add_bar(
        x=list(DIGITS),
        y=percent,
        marker={"color": [ACCENT if label == digit else MUTED for label in DIGITS], "line": {"width": 0}},
        text=percent_labels(percent),
        textposition="outside",
        textfont={"size": 13},
        cliponaxis=False,
        hovertemplate="%{x}: %{y:.2f} %<extra></extra>",
    )
    fig.update_xaxes(title_text="digit", tickvals=list(DIGITS), fixedrange=True, showgrid=False)
    fig.update_yaxes(title_text="probability (%)", range=[0, 112], tickvals=[0, 50, 100], fixedrange=True)
    if not percent.any():
        note(fig, "There is no ink to read.")
    return fig.update_layout(bargap=0.35, dragmode=False)


def percent_labels(percent: np.ndarray) -> list[str]:
    """What is written over bars of (N,) percent: nothing over those too low to tell."""
    return ["> 99" if value >= 99.5 else f"{value:.0f}" if value >= 0.5 else "" for value in percent]


def class_scores_figure(scores: Sequence[ClassScore]) -> go.Figure:
    """Precision and recall of each digit, joined by a line: the two kinds of error, side by side."""
    fig = sheet(SCORES_HEIGHT)
    precision, recall = (100 * np.array([getattr(score, name) for score in scores]) for name in ("precision", "recall"))
    labels = [score.label for score in scores]
    for label, start, end in zip(labels, precision, recall, strict=True):
        fig.add_shape(
            type="line", x0=start, x1=end, y0=label, y1=label, line={"color": MUTED, "width": 2}, layer="below"
        )
    for name, values, fill in (("recall", recall, ACCENT), ("precision", precision, PAPER)):
        fig.add_scatter(
            x=values,
            y=labels,
            mode="markers",
            name=name,
            marker={"size": 11, "color": fill, "line": {"color": ACCENT, "width": 2}},
            hovertemplate=f"{name} of %{{y}}: %{{x:.2f}} %<extra></extra>",
        )
    low = np.floor(min([99.0, *precision, *recall]))
    fig.update_xaxes(title_text="score (%)", range=[max(0.0, low - 0.5), 100.2], fixedrange=True)
    fig.update_yaxes(title_text="digit", tickvals=list(DIGITS), range=[9.6, -0.6], showgrid=False, fixedrange=True)
    if not scores:
        note(fig, "Nothing has been evaluated yet.")
    return fig.update_layout(showlegend=True, legend=legend_above(), margin={**MARGIN, "t": 40}, dragmode=False)


def _members(line: History | Sequence[History]) -> Sequence[History]:
    return [line] if isinstance(line, History) else line


def _add_line(
    fig: go.Figure, scale: Scale, name: str, line: History | Sequence[History], colour: str, by: Axis, unit: int
) -> Curve:
    """Draw a run, or several seeds as one. Returns the line of validation."""
    if isinstance(line, History):
        training = _training(line, scale.quantity, by, unit)
        add_curve(fig, scale, training, colour, name=f"{name}, training", width=1, opacity=0.45)
        curve = _validation(line, scale.quantity, by, unit)
    else:
        band = curves.band_of([_validation(history, scale.quantity, by, unit) for history in line])
        add_band(fig, scale, band, colour)
        curve = Curve(band.x, band.mean)
    add_curve(fig, scale, curve, colour, name=name, dots=True, legend=True)
    return curve


def history_drawing(history: History, quantity: Quantity) -> dict[str, Any]:
    """What `loss_figure` and `accuracy_figure` show, as Plotly reads it: unchecked, so made in a tenth of the time.

    `layout.meta.step` says up to which step it goes.
    """
    last = max(history.step[-1:], default=0)  # asked first: what another thread appends meanwhile is not promised
    training, validation = _training(history, quantity, "epoch"), _validation(history, quantity, "epoch")
    raw = _training(history, quantity, "epoch", most=curves.MAX_POINTS)
    scale = scale_of(quantity, np.concatenate([raw.y, validation.y]))
    traces = [
        curve_trace(scale, training, TRAINING, name="training"),
        curve_trace(scale, validation, VALIDATION, name="validation", dots=True),
    ]
    if quantity == "loss":  # a batch's accuracy takes few values: drawn raw it would be stripes
        traces.insert(0, curve_trace(scale, raw, TRAINING_FAINT, width=1))
    ends = [NamedCurve(training, "training", TRAINING), NamedCurve(validation, "validation", VALIDATION)]
    names = curve_names(scale, ends, dots=False)
    layout = curve_layout(scale, "epoch", float(max(history.planned_epochs, 1)), x_format=".2f")
    layout["margin"]["r"] = room_for_names(ends, dots=False)
    layout["annotations"] = names or [note_text("Nothing measured yet")]
    layout["hovermode"], layout["meta"] = "x unified", {"step": last}
    return {"data": traces, "layout": layout}


def _training(
    history: History, quantity: Quantity, by: Axis, unit: int = 1, *, most: int = curves.SMOOTH_POINTS
) -> Curve:
    values = history.step_loss if quantity == "loss" else history.step_accuracy
    return curves.training_curve(history, values.values, curves.step_positions(history, by) / unit, most=most)


def _validation(history: History, quantity: Quantity, by: Axis, unit: int = 1) -> Curve:
    values = [getattr(epoch, f"validation_{quantity}") for epoch in history.epochs]
    x = curves.epoch_positions(history, by) / unit
    done = min(len(x), len(values))  # another thread may just be appending
    return Curve(x[:done], np.asarray(values[:done], dtype=float))


def _frame_cell(fig: go.Figure, true: int, predicted: int) -> None:
    fig.add_shape(
        type="rect",
        x0=predicted - 0.48,
        x1=predicted + 0.48,
        y0=true - 0.48,
        y1=true + 0.48,
        line={"color": INK, "width": 2},
    )


def _end_of_axis(histories: Sequence[History], by: Axis) -> float:
    """Where the longest run is planned to end; for time, where it is now."""
    ends: dict[Axis, list[float]] = {
        "epoch": [history.planned_epochs for history in histories],
        "step": [history.total_steps for history in histories],
        "time": [history.elapsed_seconds for history in histories],
    }
    return max(ends[by], default=0.0) or 1.0


def _time_unit(histories: Sequence[History]) -> int:
    """Seconds in the unit that reads well: 1 or 60."""
    return 60 if any(history.elapsed_seconds >= MINUTES_FROM for history in histories) else 1


def _short(name: str) -> str:
    return name if len(name) <= MAX_LABEL else name[: MAX_LABEL - 1] + "…"
