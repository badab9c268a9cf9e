"""A person's picture read by a model."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from mnist_core.calibration import shares
from mnist_core.errors import NoInkError
from mnist_core.ink import Invert
from mnist_core.model import Network
from mnist_core.preprocess import Threshold, preprocess, standardise
from mnist_core.records import Box, Prediction, Preprocessed
from mnist_core.segment import crop, find_digits

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
    found: list[Preprocessed] = []
    boxes: list[Box] = []
    for box in find_digits(picture, invert=invert):
        try:
            found.append(preprocess(crop(picture, box), invert=invert, threshold=threshold, with_steps=False))
        except NoInkError:
            continue  # a shadow that the whole picture's threshold took for ink
        boxes.append(box)
    read = predict(model, found)
    return [replace(p, box=box) for p, box in zip(read, boxes, strict=True)]


def predict(model: Network, pictures: Sequence[Preprocessed]) -> list[Prediction]:
    """Read pictures that are in MNIST's form already, all in one batch."""
    if not pictures:
        return []
    probabilities, of_digit = judge(model, np.stack([picture.image for picture in pictures]))  # of (N, 28, 28)
    least = 1 - float(model.refuse_above)
    return [
        Prediction(share >= least, int(row.argmax()), float(row.max()), row, share, picture.box, picture)
        for row, share, picture in zip(probabilities, of_digit.tolist(), pictures, strict=True)
    ]


def probabilities_of(model: Network, images: np.ndarray) -> np.ndarray:
    """What a model says of images (N, 28, 28) uint8: (N, 10) float32, calibrated, rows sum to 1."""
    return judge(model, images)[0]


def judge(model: Network, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a model says of images, calibrated.

    Args: images: (N, 28, 28) uint8.
    Returns: (N, 10) float32, the probability of each digit if it is one; and (N,) float32, that it is one at all.
    """
    device = next(model.parameters()).device
    with torch.inference_mode():
        logits = model(standardise(torch.from_numpy(images).to(device)))
        probabilities, of_digit = shares(model, logits)
    return probabilities.cpu().numpy(), of_digit.cpu().numpy()
