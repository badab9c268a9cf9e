"""A person's picture read by a model."""

from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from mnist_core.errors import NoInkError
from mnist_core.images.ink import Invert
from mnist_core.images.preprocess import Threshold, in_mnist_form, normalise, preprocess
from mnist_core.images.segment import Piece, find_digits
from mnist_core.networks.network import Network
from mnist_core.reading.calibration import calibrated_probabilities
from mnist_core.reading.evaluate import BATCH, ensure_finite
from mnist_core.reading.rejection import is_digit
from mnist_core.reading.test_time_augmentation import VIEWS, view_of
from mnist_core.reading.threads import one_thread
from mnist_core.types import Prediction, Preprocessed

FEW = 64  # pictures that are read sooner by one thread than by two that wait for each other
MIN_PROBABILITY = 1e-6  # of a reading: one that is wrong must not outweigh a whole row

NO_INK = Prediction(
    is_digit=False, digit=None, confidence=0.0, probabilities=np.zeros(10, np.float32), digit_probability=0.0
)


def read_digit(
    model: Network,
    picture: np.ndarray,
    *,
    invert: Invert = "auto",
    threshold: Threshold = "auto",
    with_steps: bool = False,
) -> Prediction:
    """Read a picture of one digit.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        with_steps: whether the preprocessing's film-strip is wanted too.
    Returns: with `is_digit` false and no digit where there is no ink.
    """
    try:
        preprocessed = preprocess(picture, invert=invert, threshold=threshold, with_steps=with_steps)
    except NoInkError:
        return NO_INK
    return predict(model, [preprocessed])[0]


def read_number(
    model: Network, picture: np.ndarray, *, invert: Invert = "auto", threshold: Threshold = "auto"
) -> list[Prediction]:
    """Read a picture of several digits: rows from the top, each from the left. Boxes are in the picture's pixels."""
    return predict_pieces(model, find_pieces(model, picture, invert=invert, threshold=threshold))


def find_pieces(
    model: Network, picture: np.ndarray, *, invert: Invert = "auto", threshold: Threshold = "auto"
) -> list[Piece]:
    """Find the digits in a picture of several; where they touch or are broken, the model says which reading is best."""

    def rate(images: np.ndarray) -> np.ndarray:
        probabilities, of_digit = read_images(model, images, views=1)  # of hundreds of ways to cut
        sure: np.ndarray = np.log(np.maximum(probabilities.max(1) * of_digit, MIN_PROBABILITY))
        return sure

    return find_digits(picture, invert=invert, threshold=threshold, rate=rate)


def predict_pieces(model: Network, pieces: Sequence[Piece]) -> list[Prediction]:
    """Read each piece of a picture."""
    return predict(model, [Preprocessed(in_mnist_form(p.strength), p.box, p.inverted) for p in pieces])


def predict(model: Network, pictures: Sequence[Preprocessed]) -> list[Prediction]:
    """Read pictures that are in MNIST's form already, all in one batch."""
    if not pictures:
        return []
    probabilities, of_digit = read_images(model, np.stack([picture.image for picture in pictures]))  # of (N, 28, 28)
    taken = is_digit(model, of_digit)
    return [
        Prediction(
            bool(is_one) and not picture.is_stub, int(row.argmax()), float(row.max()), row, chance, picture.box, picture
        )
        for is_one, row, chance, picture in zip(taken, probabilities, of_digit.tolist(), pictures, strict=True)
    ]


def probabilities_of(model: Network, images: np.ndarray) -> np.ndarray:
    """What a model says of images (N, 28, 28) uint8: (N, 10) float32, calibrated, rows sum to 1."""
    return read_images(model, images)[0]


def read_images(model: Network, images: np.ndarray, *, views: int = len(VIEWS)) -> tuple[np.ndarray, np.ndarray]:
    """What a model says of images, calibrated: the mean over the first few of `VIEWS`.

    Args: images: (N, 28, 28) uint8.
    Returns: (N, 10) float32, the probability of each digit; and (N,) float32, that it is a digit at all.
    Raises:
        CheckpointError: if the network says something that is no number.
    """
    device = next(model.parameters()).device
    with torch.inference_mode(), one_thread() if len(images) <= FEW else nullcontext():
        parts = [_read_batch(model, part, views) for part in torch.from_numpy(images).to(device).split(BATCH)]
        probabilities, of_digit = (torch.cat(column) for column in zip(*parts, strict=True))
    ensure_finite(probabilities)
    ensure_finite(of_digit)
    return probabilities.cpu().numpy(), of_digit.cpu().numpy()


def _read_batch(model: Network, images: Tensor, views: int) -> tuple[Tensor, Tensor]:
    """The same for so few that they stay in the processor's cache from one layer to the next."""
    pictures = images.float().unsqueeze(1)  # (N, 1, 28, 28)
    said = [calibrated_probabilities(model, model(normalise(view_of(pictures, *how)))) for how in VIEWS[:views]]
    of_digits, of_digit = (torch.stack(column).mean(0) for column in zip(*said, strict=True))
    return of_digits, of_digit
