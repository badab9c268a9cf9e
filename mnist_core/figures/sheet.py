"""What every Plotly figure starts from: an empty sheet in our style, and notes on it."""

from typing import Any

import plotly.graph_objects as go

from mnist_core.figures.palette import FAINT_INK, INK, PAPER, RULE, TILE

FONT = {"family": "Source Sans, Source Sans 3, Helvetica, Arial, sans-serif", "size": 13, "color": INK}
MARGIN = {"l": 58, "r": 16, "t": 12, "b": 48}
TITLE_SIZE, TICK_SIZE, NOTE_SIZE = 13, 12, 14


def sheet(height: int) -> go.Figure:
    """An empty figure."""
    return go.Figure(layout=sheet_layout(height))


def sheet_layout(height: int) -> dict[str, Any]:
    """The layout of an empty figure, the caller's to change."""
    return {
        "template": {},  # inside Streamlit the default one has stand-in colours
        "height": height,
        "margin": dict(MARGIN),
        "font": FONT,
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "hoverlabel": {"bgcolor": TILE, "bordercolor": RULE, "font": {"color": INK, "size": 13}},
        "showlegend": False,
        "xaxis": _axis(),
        "yaxis": _axis(),
    }


def _axis() -> dict[str, Any]:
    return {
        "gridcolor": RULE,
        "linecolor": RULE,
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 3,
        "title": {"standoff": 8, "font": {"color": FAINT_INK, "size": TITLE_SIZE}},
        "tickfont": {"color": FAINT_INK, "size": TICK_SIZE},
    }


def note(fig: go.Figure, text: str) -> None:
    """Say in the middle of an empty figure why it is empty."""
    fig.add_annotation(note_text(text))


def note_text(text: str) -> dict[str, Any]:
    """The annotation that says it."""
    font = {"color": FAINT_INK, "size": NOTE_SIZE}
    middle = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return {**middle, "text": text, "showarrow": False, "font": font, "bgcolor": PAPER, "borderpad": 6}


def legend_above() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}


def legend_below() -> dict[str, Any]:
    return {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top"}
