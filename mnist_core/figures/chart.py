"""What the figures are built from: an empty sheet, a curve on it, its name where it ends, a note, a legend."""

import base64
import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.axis_ranges import Scale
from mnist_core.figures.palette import FAINT_INK, INK, PAPER, RULE, TILE
from mnist_core.runs.curves import Band, Curve

FONT = {"family": "Source Sans, Source Sans 3, Helvetica, Arial, sans-serif", "size": 13, "color": INK}
MARGIN = {"l": 58, "r": 16, "t": 12, "b": 48}
CURVE_HEIGHT = 340
LABEL_APART = 17  # pixels between the names of two curves
LETTER = 7.0  # pixels, about
ENDING = "ending"  # what names of curves are called, for a screen too narrow for them (plotly_view.js)


@dataclass(frozen=True, eq=False)
class NamedCurve:
    """A curve and what is written where it ends."""

    curve: Curve
    name: str
    colour: str


def sheet(height: int) -> go.Figure:
    """An empty figure in our hand."""
    axis = {
        "gridcolor": RULE,
        "linecolor": RULE,
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 3,
        "title": {"standoff": 8, "font": {"color": FAINT_INK, "size": 13}},
        "tickfont": {"color": FAINT_INK, "size": 12},
    }
    return go.Figure(
        layout={
            "template": "none",  # inside Streamlit the default one has stand-in colours
            "height": height,
            "margin": MARGIN,
            "font": FONT,
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "hoverlabel": {"bgcolor": TILE, "bordercolor": RULE, "font": {"color": INK, "size": 13}},
            "showlegend": False,
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def curve_sheet(scale: Scale, x_title: str, x_end: float, *, x_format: str) -> go.Figure:
    """An empty figure for curves, as wide as what is planned from the first moment on."""
    fig = sheet(CURVE_HEIGHT)
    fig.update_xaxes(title_text=x_title, range=[0, 1.015 * x_end], showgrid=False, hoverformat=x_format)
    if x_title == "epoch":
        fig.update_xaxes(tick0=0, dtick=max(1, -(-int(x_end) // 8)))  # no half epochs
    fig.update_yaxes(
        title_text=scale.title, tickvals=scale.place(scale.ticks), ticktext=list(scale.labels), range=list(scale.range)
    )
    return fig


def curve_layout(scale: Scale, x_title: str, x_end: float, *, x_format: str) -> dict[str, Any]:
    """The layout of `curve_sheet`, to be changed freely. Plotly takes 2 ms to check one: once is enough."""
    return deepcopy(_curve_layout(scale, x_title, x_end, x_format))


@lru_cache(maxsize=64)
def _curve_layout(scale: Scale, x_title: str, x_end: float, x_format: str) -> dict[str, Any]:
    layout: dict[str, Any] = curve_sheet(scale, x_title, x_end, x_format=x_format).to_plotly_json()["layout"]
    return layout


def curve_trace(
    scale: Scale,
    curve: Curve,
    colour: str,
    *,
    name: str = "",
    width: float = 2,
    opacity: float = 1,
    dots: bool = False,
    legend: bool = False,
) -> dict[str, Any]:
    """A curve as Plotly reads it; one without a name says nothing when pointed at."""
    written = "%{customdata:.2f} %" if scale.quantity == "accuracy" else "%{customdata:.3f}"
    said = {
        "customdata": curve.y * (100 if scale.quantity == "accuracy" else 1),
        "hovertemplate": f"%{{fullData.name}} {written}<extra></extra>",
    }
    return {
        "type": "scatter",
        "x": curve.x,
        "y": scale.place(curve.y),
        "mode": "lines+markers" if dots else "lines",
        "line": {"color": colour, "width": width},
        "marker": {"size": 7},
        "opacity": opacity,
        "name": escape(name),
        "showlegend": legend,
        **(said if name else {"hoverinfo": "skip"}),
    }


def add_curve(fig: go.Figure, scale: Scale, curve: Curve, colour: str, **looks: Any) -> None:
    """Draw a curve; how it may look stands at `curve_trace`."""
    fig.add_trace(curve_trace(scale, curve, colour, **looks))


def add_band(fig: go.Figure, scale: Scale, band: Band, colour: str) -> None:
    """Shade what lies between the lowest and the highest of several curves."""
    fig.add_scatter(
        x=np.concatenate([band.x, band.x[::-1]]),
        y=scale.place(np.concatenate([band.high, band.low[::-1]])),
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"color": colour, "width": 1},
        opacity=0.22,
        showlegend=False,
        hoverinfo="skip",
    )


def name_curves(fig: go.Figure, scale: Scale, curves: Sequence[NamedCurve], *, dots: bool) -> None:
    """Write each curve's name where it ends; see `curve_names`."""
    for name in curve_names(scale, curves, dots=dots):
        fig.add_annotation(name)
    fig.update_layout(margin_r=room_for_names(curves, dots=dots))


def room_for_names(curves: Sequence[NamedCurve], *, dots: bool) -> float:
    """Pixels to the right of curves that carry their names."""
    return 18 + LETTER * (max((len(named.name) for named in curves), default=0) + 2 * dots)


def curve_names(scale: Scale, curves: Sequence[NamedCurve], *, dots: bool) -> list[dict[str, Any]]:
    """Annotations with each curve's name where it ends, pushed apart where two would touch.

    Args:
        dots: names in ink after a dot in the curve's colour, for colours too light to write with.
    """
    names = []
    ended = [named for named in curves if len(named.curve.y)]
    places = [float(scale.place(named.curve.y[-1:])[0]) for named in ended]
    low, high = scale.range
    pixels = (CURVE_HEIGHT - MARGIN["t"] - MARGIN["b"]) / (high - low)
    taken = -np.inf
    for y, named in sorted(zip(places, ended, strict=True), key=lambda pair: pair[0]):
        shift = max(0.0, taken + LABEL_APART - y * pixels)
        taken = y * pixels + shift
        dot = f'<span style="color:{named.colour}">●</span> ' if dots else ""
        names.append(
            {
                "name": ENDING,
                "x": float(named.curve.x[-1]),
                "y": y,
                "text": dot + escape(named.name),
                "showarrow": False,
                "xanchor": "left",
                "xshift": 8,
                "yshift": shift,
                "font": {"color": INK if dots else named.colour, "size": 13},
            }
        )
    return names


def note(fig: go.Figure, text: str) -> None:
    """Say in the middle of an empty figure why it is empty."""
    fig.add_annotation(note_text(text))


def note_text(text: str) -> dict[str, Any]:
    """The annotation that says it."""
    font = {"color": FAINT_INK, "size": 14}
    middle = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return {**middle, "text": text, "showarrow": False, "font": font, "bgcolor": PAPER, "borderpad": 6}


def drawing_json(drawing: dict[str, Any]) -> str:
    """What plotly.js reads, on one line; arrays in its binary form, as float32: no screen shows the difference."""
    return json.dumps(drawing, default=_typed_array, separators=(",", ":"), allow_nan=False)


def _typed_array(array: np.ndarray) -> dict[str, str]:
    return {"dtype": "f4", "bdata": base64.b64encode(array.astype("<f4").tobytes()).decode()}


def legend_above() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}


def legend_below() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"}
