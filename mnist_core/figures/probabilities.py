"""The probability of each digit, as bars."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.palette import ACCENT, MUTED
from mnist_core.figures.sheet import note, sheet
from mnist_core.types import DIGITS

HEIGHT = 260


def probabilities_figure(probabilities: np.ndarray, digit: int | None) -> go.Figure:
    """The probability of each digit, as bars.

    Args:
        probabilities: (10,) float, 0 to 1; all 0 where there is no ink.
        digit: the one to stand out; None where none is meant.
    """
    percent = 100 * np.asarray(probabilities, dtype=float)
    fig = sheet(HEIGHT)
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
