from dataclasses import replace

import pytest

from mnist_core.insight.time_left import seconds_left
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history


def test_a_run_under_way_goes_on_at_its_own_speed(small_run: Run) -> None:
    history = read_history(small_run)
    assert seconds_left(small_run, history, []) == 0
    half = replace(history, planned_epochs=2 * history.planned_epochs)
    since_start, made = history.elapsed_seconds - history.step_seconds[0], len(history.step)
    assert seconds_left(small_run, half, []) == pytest.approx(since_start * made / (made - 1))
    assert seconds_left(small_run, replace(half, step=half.step[:4]), []) is None  # its start would be all there is


def test_before_its_first_step_a_run_is_taken_to_be_as_fast_as_one_like_it(small_run: Run) -> None:
    history, other = read_history(small_run), replace(small_run, threads=small_run.threads + 1)
    longer = replace(small_run, train=replace(small_run.train, epochs=3 * small_run.epochs, train_share=0.5))
    assert seconds_left(longer, History(), [(other, history), (small_run, history)]) == pytest.approx(
        1.5 * history.elapsed_seconds
    )
    assert seconds_left(longer, History(), [(other, history)]) is None
    assert seconds_left(longer, History(), [(small_run, History())]) is None
