"""Whether one epoch after the other is shown, as a film."""

import math
import time

import streamlit as st

_PLAYING, _TURNED = "playing", "turned"


def is_playing() -> bool:
    """Whether one epoch after the other is shown."""
    return bool(st.session_state.get(_PLAYING))


def play(playing: bool) -> None:
    """Show one epoch after the other from now on, or no more."""
    st.session_state[_PLAYING] = playing


def note_turn() -> None:
    """Playing has just turned to another epoch."""
    st.session_state[_TURNED] = time.monotonic()


def seconds_since_turn() -> float:
    """How long ago playing last turned to another epoch."""
    return time.monotonic() - float(st.session_state.get(_TURNED, -math.inf))
