"""A run's loss and accuracy over its epochs."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.axis_ranges import scale_of
from mnist_core.figures.chart import HEIGHT, Chart, Dots, Line
from mnist_core.figures.chart_plotly import plotly_figure
from mnist_core.figures.palette import PAPER, TRAINING, TRAINING_FAINT, VALIDATION
from mnist_core.runs.curves import MAX_POINTS, Curve, Quantity, training_of, validation_of
from mnist_core.runs.history import History

MARKED_HEIGHT = 230


def loss_figure(history: History) -> go.Figure:
    """Training and validation loss over the epochs planned."""
    return plotly_figure(learning_chart(history, "loss"))


def accuracy_figure(history: History) -> go.Figure:
    """Training and validation accuracy over the epochs planned."""
    return plotly_figure(learning_chart(history, "accuracy"))


def accuracy_at_figure(history: History, epoch: int) -> go.Figure:
    """Validation accuracy over the epochs planned, with a mark on one of them."""
    return plotly_figure(accuracy_at_chart(history, epoch))


def learning_chart(history: History, quantity: Quantity, *, height: int = HEIGHT) -> Chart:
    """What `loss_figure` and `accuracy_figure` show."""
    step = max(history.step[-1:], default=0)  # asked first: what another thread appends meanwhile is not promised
    training, validation = training_of(history, quantity, "epoch"), validation_of(history, quantity, "epoch")
    raw = training_of(history, quantity, "epoch", most=MAX_POINTS)
    lines = [
        Line(training, TRAINING, name="training", label="training"),
        Line(validation, VALIDATION, name="validation", label="validation", dots=Dots()),
    ]
    if quantity == "loss":  # a batch's accuracy takes few values: drawn raw it would be stripes
        lines.insert(0, Line(raw, TRAINING_FAINT, width=1))
    return Chart(
        scale_of(quantity, np.concatenate([raw.y, validation.y])), "epoch", _planned(history), lines,
        height=height, tells_all=True, step=step,
        note="" if len(training.y) or len(validation.y) else "Nothing measured yet",
    )  # fmt: skip


def accuracy_at_chart(history: History, epoch: int) -> Chart:
    """What `accuracy_at_figure` shows."""
    curve = validation_of(history, "accuracy", "epoch")
    chosen = Curve(curve.x[curve.x == epoch], curve.y[curve.x == epoch])
    lines = [
        Line(curve, VALIDATION, name="validation", dots=Dots()),
        Line(chosen, VALIDATION, width=0, dots=Dots(13, PAPER, ring=3)),
    ]
    return Chart(
        scale_of("accuracy", curve.y), "epoch", _planned(history), lines,
        x_format="d", height=MARKED_HEIGHT, marked=epoch, can_zoom=False,
    )  # fmt: skip


def _planned(history: History) -> float:
    return float(max(history.planned_epochs, 1))
