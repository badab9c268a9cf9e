"""The drawing pad: a person's strokes in, a picture out. It keeps its drawing while other pages are looked at."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_core.pictures import read_picture
from pages.components import state
from pages.components.state import Drawing

SIDE = 280  # pixels: ten to one of MNIST's 28
MOST_UNDO = 40  # drawings kept for Undo; a quarter of a megabyte each
PEN = 18  # pixels: a stroke looks like MNIST's after scaling


def drawing_pad() -> np.ndarray | None:
    """Show the pad with its Undo and Clear.

    Returns: (280, 280, 3) uint8, white ink on black; None as long as nothing is drawn.
    """
    pad = state.pad()
    if state.just_entered():
        pad.begin_again()
    result = st_canvas(
        stroke_width=PEN,
        stroke_color="#ffffff",
        background_color="#000000",
        height=SIDE,
        width=SIDE,
        drawing_mode="freedraw",
        return_image_data=True,
        initial_drawing=pad.seed,
        key=f"canvas_{pad.mounts}",
    )
    _keep(result.json_data, result.image_bytes)
    with st.container(horizontal=True, gap="small"):
        nothing = not pad.drawings
        st.button("Undo", icon=":material/undo:", on_click=_undo, disabled=nothing, key="pad_undo")
        st.button("Clear", icon=":material/delete:", on_click=_clear, disabled=nothing, key="pad_clear")
    return pad.drawings[-1].picture if pad.drawings else None


def _keep(strokes: dict | None, png: bytes | None) -> None:
    """Remember what is on the canvas, if it is something new. It sends no picture before the visitor's first stroke."""
    pad = state.pad()
    if png is None or strokes is None:
        return
    if not strokes.get("objects"):
        pad.drawings.clear()
    elif not pad.drawings or pad.drawings[-1].strokes != strokes:
        pad.drawings.append(Drawing(strokes, read_picture(png)))
        del pad.drawings[:-MOST_UNDO]


def _undo() -> None:
    pad = state.pad()
    pad.drawings.pop()
    pad.begin_again()


def _clear() -> None:
    pad = state.pad()
    pad.drawings.clear()
    pad.begin_again()
