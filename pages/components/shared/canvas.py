"""The drawing pad: strokes in, a picture out. It keeps its drawing while other tabs and pages are looked at."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.figures.palette import ACCENT
from mnist_core.images.decode import read_picture
from pages.components.shared.frame import both
from pages.components.shared.pad import MAX_STROKES, Pad, current_pad

SIDE = 280  # pixels: ten to one of MNIST's 28
PEN = 18  # pixels: a stroke looks like MNIST's after scaling
FINE_PEN = 10  # pixels, where several digits are to fit
LABEL = "Drawing pad: draw with mouse, pen or finger. Without one of these, upload a picture instead."

# `closest` in its script needs the page's own tree around it: no styles of its own, no isolation.
_quiet = st.components.v2.component(
    "quiet_canvas",
    html="<i hidden></i>",
    js=(Path(__file__).resolve().parent / "canvas.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
# As high as the canvas also in the moment before it is there; the component that quiets it takes no room.
STYLE = f"""
<style>
.st-key-pad {{ min-height: {SIDE}px; position: relative; }}
.st-key-pad .st-key-pad_quiet {{ position: absolute; }}
.st-key-pad::after {{ content: ""; position: absolute; inset: 0 auto auto 0; width: {SIDE}px; height: {SIDE}px;
  box-sizing: border-box; pointer-events: none; border: 2px solid {both(ACCENT)}; border-radius: 0.25rem;
  display: grid; place-items: center; color: #a6a49d; font-size: 1.125rem; z-index: 30; }}
.st-key-pad:has(.pad-empty):not(:hover, :active)::after {{ content: "Draw here"; }}
</style>
"""


def drawing_pad(*, pen: int = PEN, name: str = "pad") -> np.ndarray | None:
    """Show the pad with its Undo and Clear; one at a time on a page.

    Args:
        name: of the drawing: each name has its own, kept for the session.
    Returns: (280, 280) uint8, light ink on dark ground; None as long as nothing is drawn.
    """
    from streamlit_drawable_canvas import st_canvas  # late: it can be imported only where Streamlit runs

    pad = current_pad(name)
    if pad.canvas_key not in st.session_state:  # first visit, or back from another tab or page
        pad.mount()
    place = st.container(key="pad", gap=None)
    with place:
        st.html(STYLE)
        result = st_canvas(
            stroke_width=pen,
            stroke_color="#ffffff",
            background_color="#000000",
            height=SIDE,
            width=SIDE,
            drawing_mode="freedraw",
            return_image_data=True,
            initial_drawing=pad.seed,
            disabled=pad.is_full,
            key=pad.canvas_key,
        )
        _quiet(key="pad_quiet", data={"label": LABEL})
    _keep(pad, result.json_data, result.image_bytes)
    place.html(f'<i class="{"pad-used" if pad.strokes else "pad-empty"}" hidden></i>')
    with st.container(horizontal=True, gap="small"):
        nothing = not pad.strokes
        st.button("Undo", icon=":material/undo:", on_click=_undo, args=(pad,), disabled=nothing, key="pad_undo")
        st.button("Clear", icon=":material/delete:", on_click=_clear, args=(pad,), disabled=nothing, key="pad_clear")
    if pad.is_full:
        st.caption(f"The pad holds at most {MAX_STROKES} strokes.")
    return pad.picture


def _keep(pad: Pad, drawing: dict[str, Any] | None, png: bytes | None) -> None:
    """Take in what is on the canvas, once. It sends no picture before the visitor's first stroke.

    After Undo and Clear it stands at what it sent before, until it has redrawn itself and sent that.
    """
    if png is None or drawing is None or drawing == pad.seen:
        return
    pad.seen = drawing
    pad.strokes = list(drawing.get("objects") or [])
    pad.picture = _grey(read_picture(png)) if pad.strokes else None


def _grey(picture: np.ndarray) -> np.ndarray:
    """White ink on black is the same in every channel."""
    return picture if picture.ndim == 2 else picture[..., 0].copy()


def _undo(pad: Pad) -> None:
    pad.redraw(pad.strokes[:-1])


def _clear(pad: Pad) -> None:
    pad.redraw([])
