"""What is taught: a person's pictures over and over among old ones, the same for ever; and how they are to judge."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from drawings import digit

from mnist_core.datasets import picture_store
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.finetuning import examples
from mnist_core.finetuning.examples import BATCH, FOLDS, STEPS, Examples, compose, gather, load_examples, save_examples
from mnist_core.types import Split

OLD = Split("train", np.zeros((500, 28, 28), np.uint8), np.arange(500) % 10)


def some(n: int) -> Examples:
    """`n` examples, in the order of labels, each image all of one brightness."""
    labels = np.sort(np.arange(n) % 10)
    images = np.full((n, 28, 28), 100, np.uint8) + np.arange(n, dtype=np.uint8)[:, None, None]
    return Examples(images, labels, np.arange(n) % 10 >= 7)


def test_what_is_kept_is_gathered_without_repeats_and_without_what_is_damaged(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for label, seconds in ((7, 0), (7, 1), (4, 2)):
        picture_store.keep(tmp_path, digit(label), label, now=now + timedelta(seconds=seconds))
    (tmp_path / "7" / "eggs.png").write_text("eggs")
    gathered, left_out = gather(tmp_path)
    assert gathered.labels.tolist() == [4, 7]
    assert gathered.images.shape == (2, 28, 28)
    assert len(left_out) == 1
    assert "eggs.png" in left_out[0]


def test_without_any_picture_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="draw a digit on the Predict page and keep it"):
        gather(tmp_path)


@pytest.mark.parametrize("n", [1, 30, 100])
def test_a_training_split_is_always_as_long_and_mostly_old(n: int) -> None:
    split = compose(some(n), np.ones(n, bool), OLD, seed=0)
    assert len(split) == STEPS * BATCH
    mine = split.images[:, 0, 0] >= 100
    assert 0 < mine.mean() <= examples.OWN_FRACTION + 0.001
    shown = np.unique(split.images[mine, 0, 0], return_counts=True)[1]
    assert len(shown) == n
    assert shown.max() <= examples.MAX_REPEATS
    assert shown.max() - shown.min() <= 1


def test_the_same_seed_composes_the_same_split() -> None:
    first, second, other = (compose(some(9), np.ones(9, bool), OLD, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.labels, second.labels)
    assert np.array_equal(first.images, second.images)
    assert not np.array_equal(first.labels, other.labels)


def test_what_was_not_chosen_is_not_taught() -> None:
    chosen = np.arange(30) != 17
    split = compose(some(30), chosen, OLD, seed=0)
    assert 117 not in split.images[:, 0, 0]


@pytest.mark.parametrize(("n", "method"), [(1, "none"), (9, "none"), (10, "folds"), (49, "folds"), (50, "held out")])
def test_few_pictures_judge_by_folds_and_many_by_those_held_out(n: int, method: str) -> None:
    given = some(n)
    assert given.method == method
    assert given.taught.sum() == (35 if method == "held out" else n)


def test_folds_part_the_pictures_and_each_digit_evenly() -> None:
    given = some(40)
    for label in range(10):
        assert np.bincount(given.fold_of[given.labels == label], minlength=FOLDS).tolist() == [1] * FOLDS


def test_lessons_are_read_back_as_they_were_saved(tmp_path: Path) -> None:
    given = some(12)
    save_examples(given, tmp_path)
    again = load_examples(tmp_path)
    for name in ("images", "labels", "spared"):
        assert np.array_equal(getattr(again, name), getattr(given, name))
        assert getattr(again, name).dtype == getattr(given, name).dtype


@pytest.mark.parametrize("damage", ["missing", "torn", "text", "labels", "shape", "empty"])
def test_damaged_lessons_are_an_error_that_names_the_file(tmp_path: Path, damage: str) -> None:
    path = tmp_path / examples.FILE
    save_examples(some(12), tmp_path)
    if damage == "missing":
        path.unlink()
    elif damage == "torn":
        path.write_bytes(path.read_bytes()[:300])
    elif damage == "text":
        path.write_text("eggs")
    else:
        n = 0 if damage == "empty" else 3
        labels = np.full(n, 11 if damage == "labels" else 1)
        side = 27 if damage == "shape" else 28
        np.savez(path, images=np.zeros((n, side, 28), np.uint8), labels=labels, spared=np.zeros(n, bool))
    with pytest.raises(CheckpointError, match=r"lessons\.npz is damaged"):
        load_examples(tmp_path)
