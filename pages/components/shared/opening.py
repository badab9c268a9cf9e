"""Pictures of a gallery that can be pressed: by mouse, finger and keyboard, without the page being loaded anew."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

# Its script listens on the page itself: no isolation.
_view = st.components.v2.component(
    "opening",
    html="<i hidden></i>",
    js=(Path(__file__).resolve().parent / "opening.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def opening(place: str, on_open: Callable[[int], None]) -> None:
    """Have the pictures in this container's galleries open what they say (`opens` of `gallery`).

    Args:
        place: the container's key; call this in it.
        on_open: called with what was pressed, before the page runs again.
    """
    key = f"{place}_opening"

    def opened() -> None:
        what = dict(st.session_state.get(key) or {}).get("opened")
        if what is not None:
            on_open(int(what))

    _view(key=key, data={"place": place}, on_opened_change=opened)
