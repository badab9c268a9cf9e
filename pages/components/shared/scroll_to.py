"""Bringing what a press has brought about into view, where it stands further down: on a phone."""

import time
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
_TURN = "scroll_turn"
_view = st.components.v2.component("scroll_to", js=(HERE / "scroll_to.js").read_text(encoding="utf-8"))


def wish_for_view() -> None:
    """Have the page scrolled once it is drawn again."""
    st.session_state[_TURN] = str(time.time_ns())


def scroll_to(key: str) -> None:
    """Where to scroll to: the container of this key. Stands last on a page, whether there is a wish or not."""
    _view(key="scroll_to", data={"key": key, "turn": st.session_state.get(_TURN, "")}, height=1)
