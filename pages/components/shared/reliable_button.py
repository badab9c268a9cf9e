"""A button whose press is not lost."""

import time
from typing import Any

import streamlit as st

PRESS_SECONDS = 10.0  # what was pressed longer ago and has not come about is not wanted any more


def button(label: str, *, key: str, **look: Any) -> bool:
    """`st.button`, for what a page does further down. Whether it was just pressed.

    Streamlit forgets a press when the run of the script that it began is cut short by another before it gets to the
    button: a drawing pad asks for one whenever it is drawn anew. The callback runs before any of that.
    """
    pressed = f"{key} pressed"
    st.button(label, key=key, on_click=lambda: st.session_state.update({pressed: time.monotonic()}), **look)
    at = st.session_state.pop(pressed, None)
    return at is not None and time.monotonic() - at < PRESS_SECONDS
