import csv
import io
import json

import pytest

from mnist_core.export.csv import COLUMNS, history_csv
from mnist_core.runs.growable_array import Column
from mnist_core.runs.history import History, HistoryReader
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.workers import trainer


def rows_of(history: History) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(history_csv(history))))


@pytest.fixture
def history(run: Run) -> History:
    trainer.train_run(run.folder)
    return read_history(run)


def test_every_step_and_epoch_is_a_row_in_the_order_they_happened(history):
    kinds = [row["kind"] for row in rows_of(history)]
    assert kinds == (["step"] * 5 + ["epoch"]) * 3


def test_steps_say_what_they_know_to_the_last_digit(history):
    steps = [row for row in rows_of(history) if row["kind"] == "step"]
    assert [int(row["step"]) for row in steps] == history.step
    assert [float(row["train_loss"]) for row in steps] == history.step_loss
    assert [float(row["train_accuracy"]) for row in steps] == history.step_accuracy
    assert [float(row["learning_rate"]) for row in steps] == history.learning_rate
    assert [float(row["seconds"]) for row in steps] == history.step_seconds
    assert [row["epoch"] for row in steps] == ["1"] * 5 + ["2"] * 5 + ["3"] * 5
    assert {row["validation_loss"] for row in steps} == {""}


def test_epochs_say_what_they_know_to_the_last_digit(history):
    epochs = [row for row in rows_of(history) if row["kind"] == "epoch"]
    for row, end in zip(epochs, history.epochs, strict=True):
        assert (int(row["epoch"]), int(row["step"])) == (end.epoch, end.step)
        for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
            assert float(row[name]) == getattr(end, name)
    assert [float(row["seconds"]) for row in epochs] == history.epoch_seconds


def test_a_run_that_has_not_begun_is_a_table_without_rows():
    assert history_csv(History()) == ",".join(COLUMNS) + "\r\n"


def test_an_epoch_is_kept_whose_last_step_was_lost_with_a_damaged_line(history):
    for name in ("step", "step_loss", "step_accuracy", "learning_rate", "step_seconds"):
        column = getattr(history, name)
        setattr(history, name, Column(float if column.values.dtype.kind == "f" else int, [*column[:4], *column[6:]]))
    rows = rows_of(history)
    assert [row["epoch"] for row in rows if row["kind"] == "epoch"] == ["1", "2", "3"]
    assert [row["kind"] for row in rows][:6] == ["step"] * 4 + ["epoch", "step"]


def test_steps_whose_beginning_was_lost_have_no_epoch(history):
    history.steps_per_epoch = 0
    assert {row["epoch"] for row in rows_of(history) if row["kind"] == "step"} == {""}


def test_no_text_of_a_history_becomes_a_formula(tmp_path):
    """What a spreadsheet would run stands in no cell: where a number should be, a line with a text is no event."""
    path = tmp_path / "history.jsonl"
    epoch = {"event": "epoch", "time": 1.0, "elapsed": 1.0, "epoch": 1, "step": 1, "train_accuracy": 0.5}
    epoch |= {"validation_loss": 1.0, "validation_accuracy": 0.5}
    lines = [epoch | {"train_loss": loss} for loss in ("=cmd|' /C calc'!A0", "@SUM(1)", "+1", 1.25)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    history = HistoryReader(path).read()
    assert history.damaged_lines == 3
    cells = [cell for row in csv.reader(io.StringIO(history_csv(history))) for cell in row]
    assert "1.25" in cells
    assert not [cell for cell in cells if cell[:1] in tuple("=@+-")]
