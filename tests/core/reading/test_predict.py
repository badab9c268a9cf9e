"""A person's picture read by a model."""

import numpy as np
import pytest
from drawings import digit, paste
from torch import nn

from mnist_core.datasets import registry
from mnist_core.images.preprocess import preprocess
from mnist_core.reading.predict import predict, read_digit, read_images, read_number
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model


@pytest.fixture
def model(small_run: Run) -> nn.Module:
    """A small network that knows scikit-learn's digits."""
    return load_model(small_run)


def test_a_digit_is_read_with_its_confidence_and_ten_probabilities(model: nn.Module) -> None:
    split = registry.load("digits").test
    read = [read_digit(model, image) for image in split.images[:50]]
    assert np.mean([p.digit == label for p, label in zip(read, split.labels, strict=False)]) > 0.8
    for prediction in read:
        assert prediction.is_digit
        assert prediction.probabilities.shape == (10,)
        assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert prediction.digit == prediction.probabilities.argmax()
        assert prediction.confidence == prediction.probabilities.max()


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("side", [28, 280])
def test_a_blank_picture_is_no_digit(model: nn.Module, level: int, side: int) -> None:
    prediction = read_digit(model, np.full((side, side), level, np.uint8))
    assert (prediction.is_digit, prediction.digit, prediction.confidence) == (False, None, 0.0)


def test_a_drawing_and_its_negative_are_read_alike(model: nn.Module) -> None:
    one, other = read_digit(model, digit(7)), read_digit(model, 255 - digit(7))
    assert one.digit == other.digit
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-4)


def test_a_batch_answers_as_each_picture_alone(model: nn.Module) -> None:
    pictures = [preprocess(image, with_steps=False) for image in registry.load("digits").test.images[:9]]
    together = predict(model, pictures)
    for one, picture in zip(together, pictures, strict=True):
        [alone] = predict(model, [picture])
        np.testing.assert_allclose(one.probabilities, alone.probabilities, atol=1e-5)
    assert predict(model, []) == []


def test_a_large_batch_is_judged_in_parts_and_none_is_lost(model: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    images = registry.load("digits").test.images[:70]
    whole = read_images(model, images)
    monkeypatch.setattr("mnist_core.reading.predict.BATCH", 32)
    for one, other in zip(whole, read_images(model, images), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_film_strip_comes_only_when_asked_for(model: nn.Module) -> None:
    assert read_digit(model, digit(4)).preprocessed.steps == ()
    assert len(read_digit(model, digit(4), with_steps=True).preprocessed.steps) >= 5


def test_a_number_is_read_digit_by_digit_with_boxes_in_the_pictures_pixels(model: nn.Module) -> None:
    page = np.zeros((160, 420), np.uint8)
    for place, label in enumerate((7, 4, 1)):
        paste(page, digit(label, 100, 10), 20 + 130 * place, 30)
    read = read_number(model, page)
    assert len(read) == 3
    for place, prediction in enumerate(read):
        middle = prediction.box.left + prediction.box.width / 2
        assert 20 + 130 * place < middle < 120 + 130 * place
    assert read_number(model, np.zeros((160, 420), np.uint8)) == []
