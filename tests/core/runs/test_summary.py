"""A glance says the same as the whole history, of everything that a table shows."""

import json
from pathlib import Path

import pytest

from mnist_core.runs.history import FILE, History
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.runs.summary import glance
from mnist_core.workers import trainer


def seen(history: History) -> tuple[object, ...]:
    return (
        history.best, history.epochs, history.epoch_seconds, history.elapsed_seconds, history.planned_epochs,
        history.total_steps, history.last_event, history.last_time, history.pid, history.error, history.step[-1:],
        bool(history.step), history.damaged_lines,
    )  # fmt: skip


def assert_alike(run: Run) -> None:
    assert seen(glance(run.folder / FILE)) == seen(read_history(run))


def lines_of(run: Run) -> list[str]:
    return (run.folder / FILE).read_text().splitlines()


def write(run: Run, lines: list[str]) -> None:
    (run.folder / FILE).write_text("\n".join(lines) + "\n")


def test_of_a_finished_run_it_keeps_few_steps(run: Run) -> None:
    trainer.train_run(run.folder)
    assert_alike(run)
    assert len(glance(run.folder / FILE).step) < len(read_history(run).step)


def test_at_every_moment_of_a_training_it_says_the_same(run: Run) -> None:
    trainer.train_run(run.folder)
    lines = lines_of(run)
    for end in range(len(lines)):
        write(run, lines[:end])
        assert_alike(run)


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_steps_lost_with_a_killed_worker_count_once(run: Run, lost: int) -> None:
    trainer.train_run(run.folder)
    lines = lines_of(run)
    started = json.loads(lines[1])
    resumed = {**started, "event": "resumed", "step": 5 - lost, "epochs_done": 0, "elapsed": 0.1}
    write(run, [*lines[:7], json.dumps(resumed)])
    assert_alike(run)
    write(run, [*lines[:7], json.dumps(resumed), *lines[7 - lost :]])
    assert_alike(run)


BEYOND = '{"event":"queued","time":1,"elapsed":1,"pid":Infinity,"host":""}\n'  # no whole number is as large


@pytest.mark.parametrize(
    "text", ["", "garbage\n", "\x00\x01\n{}\n[]\n", '{"event":"step"}\n', '{"event":"step"', BEYOND]
)
def test_damage_is_taken_as_the_whole_history_takes_it(run: Run, text: str) -> None:
    (run.folder / FILE).write_text(text)
    assert_alike(run)


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert seen(glance(tmp_path / FILE)) == seen(History())
