"""What widgets stand at, and how they are moved."""

import time
from typing import Any

import streamlit as st

_LEFT = "left"
ECHO_SECONDS = 2.0  # for which a busy browser may still report a slider from where it stood


def widget_value(key: str) -> Any:
    """What the widget of this key stands at, None before it was drawn."""
    return st.session_state.get(key)


def set_widget(key: str, value: Any) -> None:
    """Move a widget; only from a callback, or before the widget is drawn."""
    st.session_state[key] = value


def turn_widget(key: str, value: Any) -> None:
    """Move a widget although nobody touched it, and remember from where; only before it is drawn."""
    before, now = widget_value(key), time.monotonic()
    if before is not None and before != value:
        recent = [one for one in st.session_state.get(_LEFT, []) if now - one[0] < ECHO_SECONDS]
        st.session_state[_LEFT] = [*recent, (now, key, before)]
    set_widget(key, value)


def is_echo(key: str, value: Any) -> bool:
    """Whether a widget is reported from where we have just moved it away: then nobody touched it."""
    now = time.monotonic()
    return any((key, value) == one[1:] and now - one[0] < ECHO_SECONDS for one in st.session_state.get(_LEFT, []))
