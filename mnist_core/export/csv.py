"""A run's history as a table that any program can read."""

import csv
import io
from collections.abc import Iterator

from mnist_core.runs.history import History

COLUMNS = (
    "kind",
    "epoch",
    "step",
    "seconds",
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
)


def history_csv(history: History) -> str:
    """One row a step and one an epoch, in the order they happened; what a row does not know is empty."""
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, COLUMNS, restval="")
    table.writeheader()
    rows: list[dict[str, str | float]] = [*_step_rows(history), *_epoch_rows(history)]
    table.writerows(sorted(rows, key=lambda row: row["step"]))  # stable: an epoch's row follows that of its last step
    return file.getvalue()


def _step_rows(history: History) -> Iterator[dict[str, str | float]]:
    columns = (history.step, history.step_seconds, history.learning_rate, history.step_loss, history.step_accuracy)
    for step, seconds, rate, loss, accuracy in zip(*columns, strict=True):
        yield {
            "kind": "step",
            "epoch": (step - 1) // history.steps_per_epoch + 1 if history.steps_per_epoch else "",
            "step": step,
            "seconds": seconds,
            "learning_rate": rate,
            "train_loss": loss,
            "train_accuracy": accuracy,
        }


def _epoch_rows(history: History) -> Iterator[dict[str, str | float]]:
    for end, seconds in zip(history.epochs, history.epoch_seconds, strict=True):
        yield {
            "kind": "epoch",
            "epoch": end.epoch,
            "step": end.step,
            "seconds": seconds,
            "train_loss": end.train_loss,
            "train_accuracy": end.train_accuracy,
            "validation_loss": end.validation_loss,
            "validation_accuracy": end.validation_accuracy,
        }
