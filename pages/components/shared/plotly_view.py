"""Charts that move or are clicked.

`st.plotly_chart` draws itself anew whenever its data change: an empty frame, and the zoom is lost. This component hands
the new figure to `Plotly.react` instead, which keeps both, and it returns real clicks on a heatmap, by mouse, touch and
keyboard. Plotly's script comes from the installed package, through a route of `streamlit_app.py`.

Curves of a run that is followed are shown as the server drew them, and by Plotly only while somebody points at them or
has zoomed: docs/charts.md says what that spares the training beside them.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas  # noqa: F401 -- whole before the first chart: plotly would use what another thread has loaded of it
import plotly
import plotly.graph_objects as go
import streamlit as st

from mnist_core.figures.chart_svg import NARROW_STYLE
from mnist_core.figures.drawing import Drawing
from mnist_core.figures.palette import ON_DARK
from pages.components.shared.sketch import sketch_in_time

HERE = Path(__file__).resolve().parent
SCRIPT = (
    "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("quiet.js", "tell.js", "plotly_view.js"))
    .replace("__ON_DARK__", json.dumps(ON_DARK))
    .replace("__PLOTLY_VERSION__", plotly.__version__)
)
STYLE = (HERE / "plotly_view.css").read_text(encoding="utf-8") + NARROW_STYLE
HTML = """
<div class="pv">
  <div class="pv-plot"></div>
  <div class="pv-drawn"></div>
  <div class="pv-cursor" hidden></div>
  <p class="pv-said" aria-live="polite"></p>
</div>
"""

# Plotly puts its styles into the document, which a component with isolated styles would not see.
_view = st.components.v2.component("plotly_view", html=HTML, css=STYLE, js=SCRIPT, isolate_styles=False)


@dataclass(frozen=True)
class Live:
    """Where a chart gets its next figures from, without a run of the page (see `live_feed`)."""

    run_id: str
    part: int  # which of the figures sent is this chart's
    state: str  # as it is shown beside the chart; when another one comes, the fragment around the chart runs again
    asks: bool  # whether this is the chart that has it run again: one of a page's does


@dataclass(frozen=True)
class Clicked:
    """Where a chart was clicked, in the values of its axes."""

    x: Any
    y: Any
    customdata: Any


def plotly_view(
    fig: go.Figure | Drawing,
    *,
    key: str,
    description: str,
    height: int | None = None,
    uirevision: str = "keep",
    modebar: bool = False,
    on_click: Callable[[], None] | None = None,
    live: Live | None = None,
) -> Clicked | None:
    """Show a figure, or let the one shown under this key take on a new state.

    Args:
        fig: the figure; or a chart of curves, drawn.
        description: what a person who cannot see the chart is told.
        height: in pixels; by default the figure's own. Kept from the first moment, so that nothing below it jumps.
        uirevision: as long as it stays the same, so do zoom and pan.
        on_click: makes the chart clickable; called before the script runs, where `clicked(key)` says where. On a
            heatmap arrow keys move a frame from cell to cell and Enter clicks.
        live: the run to follow.

    Returns:
        where the chart was clicked, in the run that follows the click; else None.
    """
    drawing = fig if isinstance(fig, Drawing) else None
    is_square = not isinstance(fig, Drawing) and bool(fig.layout.yaxis.scaleanchor)
    height = height or (fig.height if isinstance(fig, Drawing) else fig.layout.height) or 400
    data = {
        "fig": fig.figure if isinstance(fig, Drawing) else fig.to_json(),
        "svg": drawing.svg if drawing else "",
        "height": height,
        "uirevision": uirevision,
        "modebar": modebar,
        "description": description,
        "clickable": on_click is not None,
        "live": live and _told(live),
    }
    with st.container(key=f"{key}-place", gap=None):
        place = st.empty()
        if drawing and (sketched := sketch_in_time(key, drawing)):
            place.markdown(sketched, unsafe_allow_html=True)
        result = _view(
            key=key,
            data=data,
            height="content" if is_square else height,  # a square one may be less high, on a phone
            on_clicked_change=on_click or (lambda: None),
            on_asked_change=lambda: None,
        )
    return _read(result.get("clicked"))


def _told(live: Live) -> str:
    """For the script: as text, for an object might be a table, and another one each time, so that it gets to see it."""
    return json.dumps({**asdict(live), "answer": time.time_ns()})


def clicked(key: str) -> Clicked | None:
    """Where the chart under this key was just clicked: for use in its `on_click`."""
    return _read(dict(st.session_state.get(key) or {}).get("clicked"))


def clicked_cell(key: str) -> tuple[int, int] | None:
    """The cell of a confusion matrix that was just clicked, as (true label, predicted label)."""
    where = clicked(key)
    return None if where is None else (int(where.y), int(where.x))


def _read(value: Any) -> Clicked | None:
    return None if value is None else Clicked(value["x"], value["y"], value.get("customdata"))
