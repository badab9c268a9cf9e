"""A run's history as a table that any program reads."""

import csv
import io

from mnist_core.history import History

COLUMNS = (
    "kind", "epoch", "step", "seconds", "learning_rate", "train_loss", "train_accuracy", "validation_loss",
    "validation_accuracy",
)  # fmt: skip


def history_csv(history: History) -> str:
    """One row a step and one an epoch, in the order they happened; what a row does not know is empty."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    epochs = dict(
        zip(
            (epoch.step for epoch in history.epochs),
            zip(history.epochs, history.epoch_seconds, strict=True),
            strict=True,
        )
    )
    for index, step in enumerate(history.step):
        epoch = (step - 1) // history.steps_per_epoch + 1
        table.writerow(
            ["step", epoch, step, history.step_seconds[index], history.learning_rate[index], history.step_loss[index],
             history.step_accuracy[index], "", ""]
        )  # fmt: skip
        if step in epochs:
            end, seconds = epochs[step]
            table.writerow(
                ["epoch", end.epoch, step, seconds, "", end.train_loss, end.train_accuracy, end.validation_loss,
                 end.validation_accuracy]
            )  # fmt: skip
    return file.getvalue()
