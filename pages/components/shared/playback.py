"""Playback of a run's epochs, one after the other."""

import math
import time

import streamlit as st

_PLAYING, _TURNED = "playing", "turned"


def is_playing() -> bool:
    """Whether playback is on."""
    return bool(st.session_state.get(_PLAYING))


def play(playing: bool) -> None:
    """Start or stop playback."""
    st.session_state[_PLAYING] = playing


def note_turn() -> None:
    """Note that playback has just moved to another epoch."""
    st.session_state[_TURNED] = time.monotonic()


def seconds_since_turn() -> float:
    """Seconds since playback last moved to another epoch."""
    return time.monotonic() - float(st.session_state.get(_TURNED, -math.inf))
