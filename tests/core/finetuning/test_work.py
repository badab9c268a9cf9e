"""How far a fine-tuning is: never back, one at the end, and how long it still takes."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.errors import CheckpointError
from mnist_core.finetuning import work
from mnist_core.finetuning.examples import FOLDS, Examples
from mnist_core.finetuning.work import Standing, Work, load_standing


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "TELL_SECONDS", 0.0)


def some(n: int) -> Examples:
    return Examples(np.zeros((n, 28, 28), np.uint8), np.zeros(n, np.int64), np.zeros(n, bool))


def everything(of: Work, folder: Path, *, folds: int) -> list[Standing]:
    """What is told on the way through all parts."""
    told = []
    for part in ("draw", "look", "learn", *["fold"] * folds, "compare"):
        for fraction in (0.25, 0.75):
            of.tell(part, fraction)  # type: ignore[arg-type]
            told.append(load_standing(folder))
        if part in ("fold", "compare"):
            of.tell(part, 1.0)  # type: ignore[arg-type]
            told.append(load_standing(folder))
    return told


@pytest.mark.parametrize(("n", "folds"), [(3, 0), (20, FOLDS), (60, 0)])
def test_the_whole_is_counted_from_nothing_to_one_without_a_step_back(tmp_path: Path, n: int, folds: int) -> None:
    assert load_standing(tmp_path) == Standing(0.0)
    done = [told.done for told in everything(Work(tmp_path, some(n)), tmp_path, folds=folds)]
    assert done == sorted(done)
    assert done[0] < 0.25
    assert done[-1] == 1.0


def test_the_time_left_is_known_once_a_little_is_done_and_is_none_at_the_end(tmp_path: Path) -> None:
    told = everything(Work(tmp_path, some(20)), tmp_path, folds=FOLDS)
    assert all(one.seconds_left is not None for one in told if one.done >= work.MIN_TOLD)
    assert told[-1].seconds_left == 0.0


def test_whoever_continues_goes_on_from_where_it_stood(tmp_path: Path) -> None:
    first = Work(tmp_path, some(20))
    first.tell("fold", 1.0)
    stood = load_standing(tmp_path).done
    again = everything(Work(tmp_path, some(20), folds_done=1), tmp_path, folds=FOLDS - 1)
    assert min(told.done for told in again) >= stood
    assert again[-1].done == 1.0


@pytest.mark.parametrize("text", ["", "[]", '{"done": 2}', '{"done": 0.5, "seconds_left": -1}'])
def test_what_is_damaged_is_an_error_that_names_the_file_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / work.FILE).write_text(text)
    with pytest.raises(CheckpointError, match=r"work\.json is damaged"):
        load_standing(tmp_path)
    Work(tmp_path, some(3)).tell("compare", 1.0)
    assert load_standing(tmp_path).done == 1.0
