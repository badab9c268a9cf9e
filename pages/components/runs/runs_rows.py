"""The rows of the table of all runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_core.config import shown
from mnist_core.datasets.registry import DATASETS
from mnist_core.runs.history import History
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run, shipped_ids
from mnist_core.runs.settings import chosen_settings, network_name
from mnist_core.runs.status import AT_WORK, Status, status_of
from mnist_core.statistics.wilson import interval_of
from mnist_core.training.config import PRECISIONS
from pages.components.shared.cached import Mark, Summary, summaries_of
from pages.components.shared.labels import BADGES

SHIPPED = "Shipped"
# settings that another column says, or that change nothing in a training
NOT_COLUMNS = {"kind", "hidden", "size", "refuses", "epochs", "precision", "device", "keep_epochs"}


@dataclass(frozen=True)
class Row:
    """A run and what is known of it by now."""

    run: Run
    status: Status
    status_word: str
    history: History  # a glance: without most steps
    validation: Mark | None
    test: Mark | None
    notes: Notes
    damage: str  # what beside the run cannot be read; empty where all is well

    @property
    def is_at_work(self) -> bool:
        return self.status in AT_WORK


def rows_of(known: Sequence[Run]) -> list[Row]:
    shipped = set(shipped_ids())
    return [
        _row(run, summary, is_shipped=run.run_id in shipped)
        for run, summary in zip(known, summaries_of(known), strict=True)
    ]


def best_mark(run: Run, history: History) -> Mark | None:
    """The best validation accuracy with its interval."""
    best, n = history.best, run.split_sizes["validation"]
    if best is None:
        return None
    return Mark(best.validation_accuracy, interval_of(best.validation_accuracy, n))


def settings_of(run: Run) -> dict[str, Any]:
    """Everything that was chosen when the run was created, in the words of the form; numbers stay numbers, to sort."""
    values = {
        setting.label.lower(): value
        if isinstance(value, int | float) and setting.format != "{:.0%}"
        else shown(value, setting)
        for name, setting, value in chosen_settings(run)
        if name not in NOT_COLUMNS
    }
    return {
        "model": network_name(run),
        "data": DATASETS.label(run.dataset),
        "epochs planned": run.epochs,
        **values,
        "precision": f"{PRECISIONS.label(run.precision)}, {run.device}",
        "fine-tuned from": run.base or "",
    }


def created(run: Run) -> datetime:
    return datetime.fromisoformat(run.created)


def title(row: Row) -> str:
    return row.run.title


def _row(run: Run, summary: Summary, *, is_shipped: bool) -> Row:
    history = summary.history
    status = status_of(run, history)
    return Row(
        run, status, SHIPPED if is_shipped else BADGES[status][0], history, best_mark(run, history), summary.test,
        summary.notes, summary.damage,
    )  # fmt: skip
