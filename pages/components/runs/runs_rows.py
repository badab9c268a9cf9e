"""What the table of all runs says of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_core.runs.history import History
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run, shipped_ids
from mnist_core.runs.status import AT_WORK, Status, status_of
from mnist_core.statistics.scores import interval_of
from pages.components.shared.cached import Mark, Summary, summaries_of
from pages.components.shared.words import (
    AUGMENTS,
    BADGES,
    DATASETS,
    MODELS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    SIZES,
)

SHIPPED = "Shipped"


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
    """Everything that was chosen when the run was created, in the words of the form."""
    layers = f" {'-'.join(map(str, run.model.hidden))}" if run.model.kind == "mlp" else ""
    size = f" {SIZES[run.model.size].lower()}" if run.model.kind == "cnn" else ""
    return {
        "model": f"{MODELS[run.model.kind]}{layers}{size}",
        "data": DATASETS[run.dataset],
        "epochs planned": run.epochs,
        "batch": run.train.batch_size,
        "learning rate": run.train.learning_rate,
        "optimizer": OPTIMIZERS[run.train.optimizer],
        "schedule": SCHEDULES[run.train.schedule],
        "weight decay": run.train.weight_decay,
        "dropout": run.model.dropout,
        "label smoothing": run.train.label_smoothing,
        "training images": f"{run.train.train_share:.0%}",
        "augmentation": AUGMENTS[run.train.augment],
        "precision": f"{PRECISIONS[run.precision]}, {run.device}",  # type: ignore[index]
        "seed": run.train.seed,
        "taught from": run.base or "",
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
