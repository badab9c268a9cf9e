"""What is said of a worker that gets nowhere and holds up the queue."""

from typing import Literal

from mnist_core import paths
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.workers import queue
from mnist_core.workers.standstill import IDLE_SECONDS, Kind, Standstill, standstill_of
from pages.components.shared import format as fmt

NAMES: dict[Kind, str] = {"suspended": "Suspended", "idle": "Stuck"}
ICON = ":material/front_hand:"


def badge_of(still: Standstill) -> tuple[str, Literal["orange"], str]:
    """Instead of that of its status; see `BADGES`."""
    return NAMES[still.kind], "orange", ICON


def what_to_do(run: Run, history: History) -> str | None:
    """What is wrong with a run at work and how it goes on, in Markdown; None while it does something."""
    still = standstill_of(run, history)
    return f"{_what_is_wrong(still)}{_held_up(run)} {_way_out(still)}" if still else None


def _what_is_wrong(still: Standstill) -> str:
    if still.kind == "suspended":
        return f"Its process ({still.pid}) is suspended: it does nothing"
    return f"Its process ({still.pid}) has used no processor time for {IDLE_SECONDS:.0f} s or more: it is stuck"


def _held_up(run: Run) -> str:
    in_line = queue.waiting(paths.checkpoints_folder(), run.device)
    behind = len(in_line) - 1 - in_line.index(run.run_id) if run.run_id in in_line else 0
    return f", and {fmt.count(behind, 'run waits', 'runs wait')} behind it." if behind else "."


def _way_out(still: Standstill) -> str:
    if still.kind == "suspended":
        return f"**Stop** wakes it, has it save, and ends it; `kill -CONT {still.pid}` lets it go on."
    return (
        f"Press **Stop**; if that does not end it, `kill -9 {still.pid}` does: what it saved is safe, and it can be "
        "resumed."
    )
