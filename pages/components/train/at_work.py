"""What is being trained, in a few words, for the sign on every page."""

import math
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from mnist_core import paths
from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.workers import queue
from mnist_core.workers.standstill import standstill_of
from pages.components.shared import format as fmt
from pages.components.shared.cached import history_of
from pages.components.shared.labels import BADGES
from pages.components.train.run_words import words_of
from pages.components.train.standing_still import NAMES


@dataclass(frozen=True)
class News:
    """What the sign says."""

    run_id: str
    title: str
    state: str
    said: str
    more: str  # the same at length, where there is room
    share: float  # of the way to the end, 0 to 1


LOOK_SECONDS = 1.0  # every open page asks: requests at about the same moment share one answer
_seen: tuple[float, dict[str, Any]] = (-math.inf, {})


def news(last: str | None) -> dict[str, Any]:
    """What is being trained now, or how the run ended that was told of `last`; empty where there is nothing to tell."""
    with suppress(MnistError):
        if now := _now():
            return now
        if last:
            return asdict(_ended(store.find_run(last)))
    return {}


def _now() -> dict[str, Any]:
    global _seen
    looked, found = _seen
    if time.monotonic() - looked >= LOOK_SECONDS:
        waiting = queue.at_work(paths.checkpoints_folder())
        found = asdict(_at_work(store.find_run(waiting[0]), others=len(waiting) - 1)) if waiting else {}
        _seen = (time.monotonic(), found)
    return found


def _at_work(run: Run, *, others: int) -> News:
    words, status = words_of(run, history_of(run)), status_of(run, history_of(run))
    said = more = BADGES[status][0]
    if still := standstill_of(run, history_of(run)):
        said = more = NAMES[still.kind]
    elif status == "running":
        said, more = fmt.percent(words.run_fraction, 0), words.run_progress
    waiting = f" · {others} waiting" if others else ""
    return News(run.run_id, run.title, status, said + waiting, more + waiting, words.run_fraction)


def _ended(run: Run) -> News:
    status = status_of(run, history_of(run))
    share = 1.0 if status not in AT_WORK else 0.0
    return News(run.run_id, run.title, status, BADGES[status][0], BADGES[status][0], share)
