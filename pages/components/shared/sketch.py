"""Curves drawn with what a browser has before any component of a page runs, so that they are on screen with its words.

Streamlit's own script draws the words of a page some 0.4 s before the first component's. Until then a chart's SVG lies
over its place.
"""

import time

import streamlit as st

from mnist_core.figures.chart_svg import NARROW_STYLE, lit
from mnist_core.figures.drawing import Drawing
from mnist_core.figures.palette import RULE

LOADED_SECONDS = 10.0  # after its first chart a browser has the component, and it draws at once
# Where the components' own styles hide a sketch, its chart has been drawn.
STYLE = f"""<style>
.sketch {{ position: absolute; inset: 0 0 auto; z-index: 1; pointer-events: none; container-type: inline-size;
  --chart-rule: color-mix(in srgb, {lit(RULE)} 55%, transparent); }}
{NARROW_STYLE}
</style>"""


def turn_page() -> None:
    """A page is about to be drawn: what was sketched on the one before is out of date. Called once a run."""
    st.session_state["sketches"] = {}


def sketch_in_time(key: str, drawing: Drawing) -> str:
    """A sketch where the chart of this key may have to wait for its component, the same until the page is turned."""
    began = st.session_state.setdefault("first_chart", time.monotonic())
    sketches: dict[str, str] = st.session_state.setdefault("sketches", {})
    if key not in sketches:
        sketches[key] = sketch(drawing) if time.monotonic() - began < LOADED_SECONDS else ""
    return sketches[key]


def sketch(drawing: Drawing) -> str:
    """The chart as HTML that takes no room. It is on one line: after an empty one, a run's name would be Markdown."""
    svg = " ".join(drawing.svg.split("\n"))
    return f'{STYLE}<div class="sketch" style="height:{drawing.height}px">{svg}</div>'
