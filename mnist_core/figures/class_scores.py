"""Precision and recall of each digit, side by side."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.palette import ACCENT, MUTED, PAPER
from mnist_core.figures.sheet import MARGIN, legend_above, note, sheet
from mnist_core.types import DIGITS, ClassScore

HEIGHT = 380


def class_scores_figure(scores: Sequence[ClassScore]) -> go.Figure:
    """Precision and recall of each digit, joined by a line: the two kinds of error, side by side."""
    fig = sheet(HEIGHT)
    precision, recall = (100 * np.array([getattr(score, name) for score in scores]) for name in ("precision", "recall"))
    labels = [score.label for score in scores]
    line = {"type": "line", "line": {"color": MUTED, "width": 2}, "layer": "below"}
    fig.layout.shapes = [  # all at once: one by one, Plotly checks those before it each time
        {**line, "x0": start, "x1": end, "y0": label, "y1": label}
        for label, start, end in zip(labels, precision, recall, strict=True)
    ]
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
