"""The confusion matrix as a figure whose cells can be clicked."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.palette import ERROR_WASH, FAINT_INK, INK, WASH
from mnist_core.figures.sheet import MARGIN, sheet
from mnist_core.types import DIGITS

HEIGHT = 560


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
    fig = sheet(HEIGHT)
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
        hovertemplate="true %{y}, predicted %{x}<br>%{customdata[0]:,} images, %{customdata[1]:.1f} % of the %{y}s"
        "<extra></extra>",
    )
    if mute_diagonal:
        font = {"color": FAINT_INK, "size": 13}
        fig.layout.annotations = [  # all at once: one by one, Plotly checks those before it each time
            {"x": label, "y": label, "text": text, "showarrow": False, "font": font}
            for label, text in zip(DIGITS, np.diag(written), strict=True)
        ]
    if selected is not None:
        _frame_cell(fig, *selected)
    axis = {"tickvals": list(DIGITS), "showgrid": False, "zeroline": False, "fixedrange": True, "constrain": "domain"}
    fig.update_xaxes(title_text="predicted digit", range=[-0.5, 9.5], **axis)
    fig.update_yaxes(title_text="true digit", range=[9.5, -0.5], scaleanchor="x", **axis)
    return fig.update_layout(margin={**MARGIN, "l": 46}, dragmode=False)


def _frame_cell(fig: go.Figure, true: int, predicted: int) -> None:
    fig.add_shape(
        type="rect",
        x0=predicted - 0.48,
        x1=predicted + 0.48,
        y0=true - 0.48,
        y1=true + 0.48,
        line={"color": INK, "width": 2},
    )
