"""What a visitor has chosen to look at, in the address as well: a reload or a copied link shows it again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

import streamlit as st

from mnist_core.types import SplitName
from pages.components.shared import playback
from pages.components.shared.runs_view import KEYS as RUNS_KEYS
from pages.components.shared.runs_view import RunsView, from_query, to_query

_RUN, _SPLIT, _CELL, _IMAGE, _EPOCH = "run", "split", "cell", "image", "epoch"  # the same words in the address
_NEXT = "looked at next"
_RUNS_VIEW = "runs_view"
_WRITTEN = "runs_written"  # addresses of the page of all runs that this session has written, the newest last
MAX_WRITTEN = 100
_DIGITS = "0123456789"

Use = Literal["looked at", "read with"]


def chosen_run_id(use: Use = "looked at") -> str | None:
    """The run this visitor chose for a use: just started, else from the address, else from before in this session."""
    started: str | None = st.session_state.get(_NEXT) if use == "looked at" else None
    return started or _chosen_before(use)


def _chosen_before(use: Use) -> str | None:
    before: str | None = st.session_state.get(use)
    return st.query_params.get(_RUN) or before


def show_next(run_id: str) -> None:
    """Look at this run, as `choose_run`, from the next page that chooses one.

    It tells the browser nothing: where something is told, a run of the script may be cut short, and what has been done
    just before would be done again or not be shown.
    """
    st.session_state[_NEXT] = run_id


def choose_run(run_id: str, use: Use = "looked at") -> None:
    """Use this run from now on; Train and Evaluate share the one looked at, Predict has its own to read with."""
    if _chosen_before(use) != run_id:
        choose_cell(None)  # of another run's matrix
        playback.play(False)
        choose_epoch(None)
    st.session_state[use] = run_id
    st.query_params[_RUN] = run_id
    if use == "looked at":
        st.session_state.pop(_NEXT, None)


def forget_run(run_id: str) -> None:
    """Stop using this run anywhere: it was deleted."""
    for use in get_args(Use):
        if st.session_state.get(use) == run_id:
            del st.session_state[use]
    if st.query_params.get(_RUN) == run_id:
        del st.query_params[_RUN]
    if run_id in ticked_runs():
        tick_runs(ticked for ticked in ticked_runs() if ticked != run_id)


def runs_view() -> RunsView:
    """What is chosen on the page of all runs: from the address if that is none that we wrote, else from before.

    A browser tells the address it had as it sent: one that we have changed since may be told once more, and would undo
    what was ticked meanwhile.
    """
    said = {key: st.query_params[key] for key in RUNS_KEYS if key in st.query_params}
    view: RunsView = st.session_state.get(_RUNS_VIEW, RunsView())
    return from_query(said) if said and said not in st.session_state.get(_WRITTEN, []) else view


def change_runs_view(**changed: Any) -> None:
    """Choose otherwise; only on that page, whose address says so from now on."""
    view = replace(runs_view(), **changed)
    said = to_query(view)
    st.session_state[_RUNS_VIEW] = view
    written = [one for one in st.session_state.get(_WRITTEN, []) if one != said]
    st.session_state[_WRITTEN] = [*written[-MAX_WRITTEN:], said]
    _write_address(said, RUNS_KEYS)


def ticked_runs() -> tuple[str, ...]:
    """The ids of the runs that are ticked in the table of all runs, in the order of ticking."""
    return runs_view().runs


def tick_runs(run_ids: Iterable[str]) -> None:
    """Have these runs ticked, and no others."""
    change_runs_view(runs=tuple(run_ids))


def _write_address(said: Mapping[str, str], keys: Iterable[str]) -> None:
    """Have the address say this with `keys`, and leave the rest of it alone."""
    now = st.query_params.to_dict()
    wanted = {key: value for key, value in now.items() if key not in keys} | dict(said)
    if wanted != now:
        st.query_params.from_dict(wanted)


def chosen_split() -> SplitName | None:
    """The split to evaluate on: from the address, else as chosen earlier in this session; None if nobody has."""
    chosen = st.query_params.get(_SPLIT, st.session_state.get(_SPLIT))
    return None if chosen is None else "validation" if chosen == "validation" else "test"


def choose_split(split: SplitName) -> None:
    """Evaluate on this split from now on."""
    st.session_state[_SPLIT] = st.query_params[_SPLIT] = split
    choose_cell(None)  # of the other split's matrix


def chosen_cell() -> tuple[int, int] | None:
    """The cell of the confusion matrix looked at, as (true label, predicted label); it stands in the address too."""
    text = st.query_params.get(_CELL, "")
    if len(text) == 3 and text[1] == "-" and text[0] in _DIGITS and text[2] in _DIGITS:
        return int(text[0]), int(text[2])
    return None


def choose_cell(cell: tuple[int, int] | None) -> None:
    """Look at this cell, or (None) at none; an image that was open is closed."""
    open_image(None)
    if cell is not None:
        st.query_params[_CELL] = f"{cell[0]}-{cell[1]}"
    elif _CELL in st.query_params:
        del st.query_params[_CELL]


def opened_image() -> int | None:
    """The index in the split of the image that is open; it stands in the address too."""
    text = st.query_params.get(_IMAGE, "")
    return int(text) if re.fullmatch("[0-9]{1,7}", text) else None


def open_image(index: int | None) -> None:
    """Open this image, or (None) close the one that is open."""
    if index is not None:
        st.query_params[_IMAGE] = str(index)
    elif _IMAGE in st.query_params:
        del st.query_params[_IMAGE]


def chosen_epoch() -> int | None:
    """The epoch looked at: from the address, else from before in this session; None for the newest."""
    text = st.query_params.get(_EPOCH, "")
    before: int | None = st.session_state.get(_EPOCH)
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else before


def choose_epoch(epoch: int | None) -> None:
    """Look at this epoch, or (None) at the newest. While playing the address does not move along: each of its changes
    would be one more step for the browser's Back."""
    st.session_state[_EPOCH] = epoch
    if epoch is not None and not playback.is_playing():
        st.query_params[_EPOCH] = str(epoch)
    elif _EPOCH in st.query_params:
        del st.query_params[_EPOCH]


def turn_to(epoch: int) -> None:
    """Show this epoch because playback has reached it."""
    choose_epoch(epoch)
    playback.note_turn()
