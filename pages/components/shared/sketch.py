"""Curves drawn with what a browser has before any component of a page runs, so that they are on screen with its words.

Streamlit's own script draws the words of a page some 0.4 s before the first component's, and that needs Plotly's
4.7 MB. Until then a sketch lies over the chart's place: SVG and text, as wide as that place turns out to be.
"""

import base64
import json
import re
import time
from html import escape, unescape
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.figures.chart import ENDING
from mnist_core.figures.palette import ON_DARK

LOADED_SECONDS = 10.0  # after its first chart a browser has Plotly, and draws with it at once
GRID = 1000  # of an SVG that is stretched
NARROW = 480  # pixels: names of curves stand above them, see `namesAbove` in plotly_view.js
NAMES, ROW = 100, 22  # pixels: more beside the curves is room for names; each takes a row above them
# Where the components' own styles hide a sketch, its chart has been drawn.
STYLE = f"""<style>
.sketch {{ position: absolute; inset: 0 0 auto; z-index: 1; pointer-events: none; container-type: inline-size; }}
.sketch > div {{ position: absolute; inset: var(--inset); }}
.sketch svg {{ position: absolute; width: 100%; height: 100%; fill: none; stroke-width: 1px; }}
.sketch path {{ vector-effect: non-scaling-stroke; stroke-linejoin: round; }}
.sketch span {{ position: absolute; white-space: pre; line-height: 1; }}
@container (width < {NARROW}px) {{
  .sketch > div.named {{ inset: var(--narrow); }}
  .sketch .ending {{ display: none; }}
}}
</style>"""


def turn_page() -> None:
    """A page is about to be drawn: what was sketched on the one before is out of date. Called once a run."""
    st.session_state["sketches"] = {}


def sketch_in_time(key: str, figure: str, height: int) -> str:
    """A sketch where the chart of this key may have to wait for Plotly, the same one until the page is turned."""
    began = st.session_state.setdefault("first_chart", time.monotonic())
    sketches: dict[str, str] = st.session_state.setdefault("sketches", {})
    if key not in sketches:
        sketches[key] = sketch(figure, height) if time.monotonic() - began < LOADED_SECONDS else ""
    return sketches[key]


def sketch(figure: str, height: int) -> str:
    """Curves, axes and names of a figure as HTML; empty for a figure of another kind.

    Args:
        figure: as Plotly's JSON.
        height: in pixels.
    """
    fig = json.loads(figure)
    layout, traces = fig["layout"], fig["data"]
    x_axis, y_axis, notes = layout.get("xaxis", {}), layout.get("yaxis", {}), layout.get("annotations", [])
    if "range" not in x_axis or "range" not in y_axis or any(trace["type"] != "scatter" for trace in traces):
        return ""
    grid = _lit(y_axis["gridcolor"])
    across, down = _Place(x_axis["range"], GRID), _Place(y_axis["range"][::-1], GRID)
    lines = "".join(f'<path d="M0 {at:g}H{GRID}" style="stroke:{grid};opacity:.55"/>' for at in _ticks(y_axis, down))
    lines += "".join(_trace(trace, across, down) for trace in traces)
    words = [_y_tick(at, label, y_axis) for at, label in zip(_ticks(y_axis, down), _labels(y_axis), strict=False)]
    words += [_x_tick(at, label, x_axis) for at, label in _numbered(x_axis, across)]
    words += [_note(note, across, down) for note in notes]
    margin, endings = layout["margin"], sum(note.get("name") == ENDING for note in notes)
    words += _titles(x_axis, y_axis, margin)
    inset = "{t}px {r}px {b}px {l}px"
    narrow = inset.format_map({**margin, "t": 12 + ROW * endings, "r": 16})
    room = f"--inset:{inset.format_map(margin)};--narrow:{narrow}"
    return (
        f'{STYLE}<div class="sketch" aria-hidden="true" style="height:{height}px">'
        f'<div class="{"named" if margin["r"] > NAMES else ""}" style="{room}">'
        f'<svg viewBox="0 0 {GRID} {GRID}" preserveAspectRatio="none">{lines}</svg>{"".join(words)}</div></div>'
    )


class _Place:
    """From the values of an axis to where they lie, from 0 at its left or upper end."""

    def __init__(self, ends: list[float], length: float) -> None:
        self._first, self._scale = ends[0], length / (ends[1] - ends[0])

    def __call__(self, values: Any) -> Any:
        return (values - self._first) * self._scale


def _trace(trace: dict[str, Any], across: _Place, down: _Place) -> str:
    x, y = across(_numbers(trace["x"])), down(_numbers(trace["y"]))
    points = [f"{at:.1f} {value:.1f}" for at, value in zip(x, y, strict=True) if np.isfinite(at) and np.isfinite(value)]
    if not points:
        return ""
    line, mode = trace.get("line", {}), trace.get("mode", "lines")
    colour = _lit(line.get("color", "currentColor"))
    opacity = trace.get("opacity", 1)
    drawn = ""
    if "lines" in mode:
        dash = ";stroke-dasharray:9" if line.get("dash") else ""
        fill = f";fill:{_lit(trace['fillcolor'])}" if trace.get("fill") else ""
        look = f"stroke:{colour};stroke-width:{line.get('width', 2)}px;opacity:{opacity}{dash}{fill}"
        drawn += f'<path class="curve" d="M{"L".join(points)}" style="{look}"/>'
    if "markers" in mode:  # a dot is the round end of a line without length, for a circle would be stretched
        marker = trace.get("marker", {})
        size = marker.get("size", 6)
        ink = _lit(marker["color"]) if "color" in marker else colour
        look = f"stroke:{ink};stroke-width:{size}px;stroke-linecap:round;opacity:{opacity}"
        drawn += f'<path d="{"".join(f"M{point}h0" for point in points)}" style="{look}"/>'
    return drawn


def _numbers(values: Any) -> np.ndarray:
    """An array as Plotly's JSON has it: a list, or the bytes of one."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float)
    return np.asarray(values, float)


def _ticks(axis: dict[str, Any], place: _Place) -> np.ndarray:
    places: np.ndarray = place(_numbers(axis.get("tickvals", [])))
    return places


def _labels(axis: dict[str, Any]) -> list[str]:
    return axis.get("ticktext") or [f"{value:g}" for value in _numbers(axis.get("tickvals", []))]


def _numbered(axis: dict[str, Any], place: _Place) -> list[tuple[float, str]]:
    """Where the numbers of an axis stand that names none, as long as it says how far apart they are."""
    if not (step := axis.get("dtick")):
        return []
    values = np.arange(axis.get("tick0", 0), axis["range"][1], step)
    return [(place(value), f"{value:g}") for value in values]


def _y_tick(at: float, label: str, axis: dict[str, Any]) -> str:
    return _text(label, axis["tickfont"], f"right:100%;top:{at / 10:.2f}%;transform:translate(-3px,-50%)")


def _x_tick(at: float, label: str, axis: dict[str, Any]) -> str:
    return _text(label, axis["tickfont"], f"left:{at / 10:.2f}%;top:100%;transform:translate(-50%,6px)")


def _titles(x_axis: dict[str, Any], y_axis: dict[str, Any], margin: dict[str, float]) -> list[str]:
    below = f"left:50%;top:100%;transform:translate(-50%,{margin['b'] - 21}px)"
    beside = f"left:{16 - margin['l']}px;top:50%;transform:translate(-50%,-50%) rotate(-90deg)"
    return [
        _text(axis["title"]["text"], axis["title"]["font"], place)
        for axis, place in ((x_axis, below), (y_axis, beside))
        if "text" in axis.get("title", {})
    ]


def _note(note: dict[str, Any], across: _Place, down: _Place) -> str:
    if note.get("xref") == "paper":
        return _text(note["text"], note["font"], "left:50%;top:50%;transform:translate(-50%,-50%)")
    shift = f"translate({note.get('xshift', 0):g}px,calc(-50% - {note.get('yshift', 0):g}px))"
    place = f"left:{across(note['x']) / 10:.2f}%;top:{down(note['y']) / 10:.2f}%;transform:{shift}"
    return _text(note["text"], note["font"], place, kind=ENDING)


def _text(words: str, font: dict[str, Any], place: str, *, kind: str = "") -> str:
    plain = " ".join(unescape(re.sub(r"<[^>]*>", "", words)).split())
    look = f"{place};color:{_lit(font['color'])};font-size:{font['size']}px"
    return f'<span class="{kind}" style="{look}">{escape(plain)}</span>'


def _lit(colour: str) -> str:
    """The colour as the reader's theme has it."""
    return f"light-dark({colour}, {ON_DARK.get(colour, colour)})"
