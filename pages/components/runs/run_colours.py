"""Which colour a run's curve has: the same for as long as somebody looks, whatever else is ticked or deleted."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from mnist_core.figures.chart import Dash
from mnist_core.figures.palette import CLASSES, DARK_CLASSES

_KEPT = "run_colours"  # in the session, by run id, the number of its look
DASHES: tuple[Dash, ...] = ("solid", "dash", "dot")
MAX_LOOKS = len(DASHES) * len(CLASSES)  # every colour with every dash


@dataclass(frozen=True)
class Look:
    """How a curve is drawn, in both themes."""

    colour: str
    dark: str
    dash: Dash


def looks_of(run_ids: Sequence[str]) -> dict[str, Look]:
    """How each of these is drawn, no two alike; a run begins with the colour of its id and keeps what it once had.

    Args:
        run_ids: at most `MAX_LOOKS`.
    """
    kept: dict[str, int] = st.session_state.setdefault(_KEPT, {})
    taken: set[int] = set()
    for run_id in sorted(run_ids, key=lambda run_id: run_id not in kept):  # who has one chooses first
        wanted = kept.get(run_id, zlib.crc32(run_id.encode()) % len(CLASSES))
        free = [wanted, *((wanted + step) % len(CLASSES) for step in range(len(CLASSES))), *range(MAX_LOOKS)]
        kept[run_id] = next(number for number in free if number not in taken)
        taken.add(kept[run_id])
    return {run_id: _look(kept[run_id]) for run_id in run_ids}


def _look(number: int) -> Look:
    place = number % len(CLASSES)
    return Look(CLASSES[place], DARK_CLASSES[place], DASHES[number // len(CLASSES)])
