"""What everyone watching a run is sent: made once whenever something is new, and shared by all."""

import json
import threading
import time
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

import pandas  # noqa: F401 -- see `plotly_view`
import streamlit as st

from mnist_core import paths
from mnist_core.figures.drawing import Drawing, drawing_of
from mnist_core.figures.learning_curves import learning_chart
from mnist_core.figures.race import race_chart
from mnist_core.files import Stamp, stamp_of
from mnist_core.finetuning import finetune
from mnist_core.insight import coach, races
from mnist_core.insight.races import Reference
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.status import Status, status_of
from mnist_core.workers import queue
from mnist_core.workers.standstill import standing_still
from pages.components.shared.cached import history_of
from pages.components.train.run_words import Words, words_of

FRESH_SECONDS = 0.1  # requests at about the same moment share one answer
HEIGHT = 260  # pixels: both curves and what stands above them fit on a laptop's screen

Figures: TypeAlias = tuple[Drawing, Drawing]  # loss and accuracy over the epochs


@dataclass(frozen=True, eq=False)
class News:
    """A run as it stood at one moment."""

    status: Status
    state: str  # another one whenever what stands beside the curves must not wait
    figures: Figures
    words: Words
    elapsed: float = 0.0  # seconds of training
    race: Drawing | None = None  # accuracy over seconds beside the reference; None where it races nobody

    def message(self, pause: float) -> str:
        """A line of what happened; then two a figure, the race last: as plotly.js reads it, and as SVG.

        Args:
            pause: seconds that a page shall leave between two runs of its script for all that is not among `words`.
        """
        race = [] if self.race is None else [self.race]
        figures = [line for drawn in (*self.figures, *race) for line in (drawn.figure, drawn.svg)]
        head = {"state": self.state, "pause": pause, "words": asdict(self.words)}
        return "\n".join((json.dumps(head), *figures))


class Watched:
    """One run and its latest news."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._reference = races.reference_of(run)
        self._lock = threading.Lock()
        self._asked = 0.0
        self._drawn: tuple[int, ...] = ()
        self._advice: list[coach.Kind] = []
        self._news: News | None = None

    def news(self) -> News:
        """The news, at most `FRESH_SECONDS` old: the same object for as long as nothing has happened."""
        with self._lock:
            if self._news is None or time.monotonic() - self._asked >= FRESH_SECONDS:
                self._news = self._look(self._news)
                self._asked = time.monotonic()
            return self._news

    def _look(self, before: News | None) -> News:
        history = history_of(self._run)
        status = status_of(self._run, history)
        place = ahead_in_line(self._run) if status == "queued" else ""
        folder = paths.checkpoints_folder()
        others = f"{' '.join(queue.at_work(folder))} {standing_still(folder)}"  # the page tells of them, too
        drawn = (len(history.step), len(history.epochs), history.planned_epochs, history.steps_per_epoch)
        if drawn != self._drawn:
            self._advice = [advice.kind for advice in coach.all_advice(self._run, history)]
        words = words_of(self._run, history)
        state = f"{status} {place} {_judged(self._run)} {others} {bool(history.epochs)} {self._advice}"
        if before and drawn == self._drawn:
            if (state, words) == (before.state, before.words):
                return before
            return replace(before, status=status, state=state, words=words)
        self._drawn = drawn
        race = race_figure_of(history, self._reference)
        return News(status, state, figures_of(history), words, history.elapsed_seconds, race)


def watched(run: Run) -> Watched:
    """The one place where this run's news are made, shared by all sessions and all feeds."""
    return _watched(run)


def figures_of(history: History) -> Figures:
    loss, accuracy = (learning_chart(history, quantity, height=HEIGHT) for quantity in ("loss", "accuracy"))
    return drawing_of(loss), drawing_of(accuracy)


def race_figure_of(history: History, reference: Reference | None) -> Drawing | None:
    return drawing_of(race_chart(history, reference, height=HEIGHT)) if reference else None


def ahead_in_line(run: Run) -> int:
    """How many runs train before this one."""
    in_line = queue.waiting(paths.checkpoints_folder(), run.device)
    return in_line.index(run.run_id) if run.run_id in in_line else len(in_line)


def _judged(run: Run) -> Stamp | None:
    """Another one whenever a fine-tuning run has been evaluated on another part."""
    try:
        return stamp_of(run.folder / finetune.FILE) if run.base else None
    except OSError:  # not yet
        return None


# with its epochs: a run that was extended is watched to its new end
@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Run: lambda run: f"{run.epochs} {run.folder}"})
def _watched(run: Run) -> Watched:
    return Watched(run)
