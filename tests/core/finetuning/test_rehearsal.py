"""What a base knew, to be shown again: with what is no digit if it could refuse that."""

import numpy as np
import pytest

from mnist_core.datasets.synthetic.drawing import Amounts
from mnist_core.finetuning import rehearsal
from mnist_core.finetuning.rehearsal import rehearsal_of
from mnist_core.types import NOT_A_DIGIT, Dataset, Split


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "TRAIN", Amounts(2, 2, 4, 1, 1, 1))
    monkeypatch.setattr(rehearsal, "VALIDATION", Amounts(0, 0, 3, 1, 1, 0))


def with_letters(dataset: Dataset) -> Dataset:
    labels = np.where(np.arange(len(dataset.train)) % 7 == 0, NOT_A_DIGIT, dataset.train.labels)
    train = Split("train", dataset.train.images, labels)
    return Dataset(dataset.name, train, dataset.validation, dataset.test, dataset.checksum)


def test_a_base_that_cannot_refuse_knew_digits_only(dataset: Dataset) -> None:
    assert NOT_A_DIGIT not in rehearsal_of(with_letters(dataset), refuses=False, seed=0).train.labels


def test_what_has_letters_is_shown_as_it_is(dataset: Dataset) -> None:
    known = with_letters(dataset)
    assert rehearsal_of(known, refuses=True, seed=0).train is known.train


def test_where_there_are_none_they_are_drawn_and_the_digits_that_are_counted_stay(dataset: Dataset) -> None:
    known = rehearsal_of(dataset, refuses=True, seed=0)
    assert np.sum(known.train.labels == NOT_A_DIGIT) == 7
    assert len(known.train) == len(dataset.train) + 11
    assert np.array_equal(known.validation.digits_only().images, dataset.validation.images)
    assert np.sum(known.validation.labels == NOT_A_DIGIT) == 5
    assert known.test is dataset.test


def test_it_is_the_same_each_time(dataset: Dataset) -> None:
    first, second = (rehearsal_of(dataset, refuses=True, seed=3) for _ in range(2))
    assert np.array_equal(first.train.images, second.train.images)
    assert np.array_equal(first.validation.images, second.validation.images)
