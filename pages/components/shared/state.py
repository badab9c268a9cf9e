"""What a visitor's session remembers beside the widgets: the only place that spells its keys.

The run looked at stands in the address as well, so that a reload or a copied link shows it again.
"""

import math
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import streamlit as st

from mnist_core.types import Preprocessed, SplitName
from pages.components.shared.runs_view import KEYS as RUNS_KEYS
from pages.components.shared.runs_view import RunsView, from_query, to_query

_RUN, _SPLIT, _CELL = "run", "split", "cell"  # the same words in the address
_EPOCH, _PLAYING, _TURNED = "epoch", "playing", "turned"
_LEFT = "left"
ECHO_SECONDS = 2.0  # for which a busy browser may still report a slider from where it stood
_RUNS_VIEW = "runs_view"
_PAD = "pad"
_KEPT, _NEWS = "kept", "news"
_QUIZ = "quiz"
MAX_REMEMBERED = 200  # pictures of which it is known where they were kept
MAX_STROKES = 200  # on the pad: the whole drawing travels with every stroke, and stays in memory
_DIGITS = "0123456789"


Use = Literal["looked at", "read with"]


def chosen_run_id(use: Use = "looked at") -> str | None:
    """The run this visitor chose for a use: from the address, else from before in this session."""
    return st.query_params.get(_RUN) or st.session_state.get(use)


def choose_run(run_id: str, use: Use = "looked at") -> None:
    """Use this run from now on; Train and Evaluate share the one looked at, Predict has its own to read with."""
    if chosen_run_id(use) != run_id:
        choose_cell(None)  # of another run's matrix
        play(False)
        choose_epoch(None)
    st.session_state[use] = run_id
    st.query_params[_RUN] = run_id


def forget_run(run_id: str) -> None:
    """Neither look at this run, nor read with it, nor compare it any more: it is gone."""
    for use in get_args(Use):
        if st.session_state.get(use) == run_id:
            del st.session_state[use]
    if st.query_params.get(_RUN) == run_id:
        del st.query_params[_RUN]
    if run_id in ticked_runs():
        tick_runs(ticked for ticked in ticked_runs() if ticked != run_id)


def runs_view() -> RunsView:
    """What is chosen on the page of all runs: from the address if that is another than we wrote, else from before."""
    said = {key: st.query_params[key] for key in RUNS_KEYS if key in st.query_params}
    view: RunsView = st.session_state.get(_RUNS_VIEW, RunsView())
    return from_query(said) if said and said != to_query(view) else view


def change_runs_view(**changed: Any) -> None:
    """Choose otherwise; only on that page, whose address says so from now on."""
    view = replace(runs_view(), **changed)
    st.session_state[_RUNS_VIEW] = view
    _write_address(to_query(view), RUNS_KEYS)


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


def chosen_split() -> SplitName:
    """The split a run is judged on: from the address, else from before in this session, else the exam."""
    return "validation" if st.query_params.get(_SPLIT, st.session_state.get(_SPLIT)) == "validation" else "test"


def choose_split(split: SplitName) -> None:
    """Judge on this split from now on."""
    st.session_state[_SPLIT] = st.query_params[_SPLIT] = split
    choose_cell(None)  # of the other split's matrix


def chosen_cell() -> tuple[int, int] | None:
    """The cell of the confusion matrix looked at, as (true label, predicted label); it stands in the address too."""
    text = st.query_params.get(_CELL, "")
    if len(text) == 3 and text[1] == "-" and text[0] in _DIGITS and text[2] in _DIGITS:
        return int(text[0]), int(text[2])
    return None


def choose_cell(cell: tuple[int, int] | None) -> None:
    """Look at this cell, or (None) at none."""
    if cell is not None:
        st.query_params[_CELL] = f"{cell[0]}-{cell[1]}"
    elif _CELL in st.query_params:
        del st.query_params[_CELL]


def chosen_epoch() -> int | None:
    """The epoch looked at: from the address, else from before in this session; None for the newest."""
    text = st.query_params.get(_EPOCH, "")
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else st.session_state.get(_EPOCH)


def choose_epoch(epoch: int | None) -> None:
    """Look at this epoch, or (None) at the newest. While playing the address does not move along: each of its changes
    would be one more step for the browser's Back."""
    st.session_state[_EPOCH] = epoch
    if epoch is not None and not is_playing():
        st.query_params[_EPOCH] = str(epoch)
    elif _EPOCH in st.query_params:
        del st.query_params[_EPOCH]


def is_playing() -> bool:
    """Whether one epoch after the other is shown."""
    return bool(st.session_state.get(_PLAYING))


def play(playing: bool) -> None:
    """Show one epoch after the other from now on, or no more."""
    st.session_state[_PLAYING] = playing


def turn_to(epoch: int) -> None:
    """Look at this epoch because it is its turn in playing."""
    choose_epoch(epoch)
    st.session_state[_TURNED] = time.monotonic()


def seconds_since_turn() -> float:
    """How long ago playing last turned to another epoch."""
    return time.monotonic() - float(st.session_state.get(_TURNED, -math.inf))


@dataclass
class Pad:
    """A visitor's drawing, kept while they look at other tabs and pages."""

    name: str = _PAD  # no two canvases may share their keys
    strokes: list[dict[str, Any]] = field(default_factory=list)  # as the canvas describes them, the newest last
    picture: np.ndarray | None = None  # (280, 280) uint8, of the strokes that the canvas sent last
    seen: dict[str, Any] | None = None  # what the canvas sent last
    seed: dict[str, Any] | None = None  # what the canvas was last told to show; it redraws itself when this changes
    edition: int = 0  # of the seed: the same strokes may be asked for twice
    mounts: int = 0  # a canvas that is shown again is another one

    @property
    def canvas_key(self) -> str:
        return f"canvas_{self.mounts}" if self.name == _PAD else f"canvas_{self.name}_{self.mounts}"

    @property
    def is_full(self) -> bool:
        return len(self.strokes) >= MAX_STROKES

    def mount(self) -> None:
        """Have another canvas begin with the drawing."""
        self.mounts += 1
        self.redraw(self.strokes)

    def redraw(self, strokes: list[dict[str, Any]]) -> None:
        """Have the canvas show these strokes; their picture comes from it, none being black."""
        self.strokes = strokes
        self.edition += 1
        self.seed = {"objects": strokes, "edition": self.edition}
        if not strokes:
            self.picture = None


def pad(name: str = _PAD) -> Pad:
    """This visitor's drawing on the pad of this name; it may be changed in place."""
    drawing: Pad = st.session_state.setdefault(name, Pad(name))
    return drawing


def kept_where(picture: str) -> Path | None:
    """Where this visitor kept a picture, named by its digest; None if they did not, or it was deleted since."""
    path: Path | None = st.session_state.get(_KEPT, {}).get(picture)
    return path if path and path.exists() else None


def remember_kept(picture: str, path: Path | None) -> None:
    """A picture was kept there, or (None) is kept no more."""
    known: dict[str, Path | None] = st.session_state.setdefault(_KEPT, {})
    known[picture] = path
    while len(known) > MAX_REMEMBERED:
        del known[next(iter(known))]


def announce(news: str) -> None:
    """Have the page say something once it is drawn anew: a callback within a fragment may not."""
    st.session_state[_NEWS] = news


def has_news() -> bool:
    """Whether there is something to say: then a fragment has the whole page drawn anew."""
    return _NEWS in st.session_state


def take_news() -> str | None:
    """What there is to say, once."""
    news: str | None = st.session_state.pop(_NEWS, None)
    return news


@dataclass
class Quiz:
    """Twenty digits that a visitor is asked to draw, and those drawn by now."""

    prompts: list[int]
    pictures: list[np.ndarray] = field(default_factory=list)  # each (280, 280) uint8, as drawn
    seen: list[Preprocessed] = field(default_factory=list)  # the same as a model sees them
    kept: set[int] = field(default_factory=set)  # places of those that were kept to learn from

    @property
    def is_over(self) -> bool:
        return len(self.pictures) == len(self.prompts)

    @property
    def prompt(self) -> int:
        return self.prompts[len(self.pictures)]


def quiz() -> Quiz | None:
    """This visitor's, if they have begun one; it may be changed in place."""
    return st.session_state.get(_QUIZ)


def begin_quiz(quiz: Quiz | None) -> None:
    """Begin another one, or (None) leave it."""
    st.session_state[_QUIZ] = quiz
