"""A clock that waits for the page: a fragment's own timer does not, and runs that follow each other too closely have
Streamlit take the end of one for the end of the next and clear what is on screen.
"""

import time
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
_view = st.components.v2.component(
    "ticker", js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("quiet.js", "ticker.js"))
)


def ticker(seconds: float | None, *, key: str) -> None:
    """Have the fragment that this stands in run again so many seconds after it is on screen; None: not again.

    It must stand last, and always: so nothing moves when it begins or ends.
    """
    data = {"seconds": seconds, "turn": time.time_ns()}  # another one each time, so that the browser gets to see it
    _view(key=key, data=data, height=1, on_ticked_change=lambda: None)
