"""A button whose press is not lost."""

import time
from types import TracebackType
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

PRESS_SECONDS = 10.0  # what was pressed longer ago and has not come about is not wanted any more


class Press:
    """True while a press waits to be acted on. `with press:` around the act, and nothing that may not be done twice,
    settles it; a run of the script that is cut short before or amid the act leaves it to the next."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def __bool__(self) -> bool:
        at = st.session_state.get(self._mark)
        return at is not None and time.monotonic() - at < PRESS_SECONDS

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, RerunException):
            st.session_state[self._mark] = time.monotonic()
        else:
            del st.session_state[self._mark]


def button(label: str, *, key: str, **look: Any) -> Press:
    """`st.button`, for what a page does further down.

    Streamlit forgets a press when the run of the script that it began is cut short by another: a drawing pad asks for
    one whenever it is drawn anew. The run ends at whatever it would show next, before the button or after it. The
    callback that keeps the press runs before any of that.
    """
    mark = f"{key} pressed"
    st.button(label, key=key, on_click=lambda: st.session_state.update({mark: time.monotonic()}), **look)
    return Press(mark)
