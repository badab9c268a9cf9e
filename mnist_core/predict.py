"""A person's picture read by a model."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from mnist_core.errors import NoInkError
from mnist_core.ink import Invert
from mnist_core.preprocess import Threshold, preprocess, standardise
from mnist_core.records import Box, Prediction, Preprocessed
from mnist_core.segment import crop, find_digits

NO_INK = Prediction(is_digit=False, digit=None, confidence=0.0, probabilities=np.zeros(10, np.float32))


def read_digit(
    model: nn.Module,
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
    model: nn.Module, picture: np.ndarray, *, invert: Invert = "auto", threshold: Threshold = "auto"
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
    return [
        Prediction(p.is_digit, p.digit, p.confidence, p.probabilities, box, p.preprocessed)
        for p, box in zip(read, boxes, strict=True)
    ]


def predict(model: nn.Module, pictures: Sequence[Preprocessed]) -> list[Prediction]:
    """Read pictures that are in MNIST's form already, all in one batch."""
    if not pictures:
        return []
    images = np.stack([picture.image for picture in pictures])  # (N, 28, 28)
    probabilities = probabilities_of(model, images)
    return [
        Prediction(True, int(row.argmax()), float(row.max()), row, picture.box, picture)
        for row, picture in zip(probabilities, pictures, strict=True)
    ]


def probabilities_of(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """What a model says of images (N, 28, 28) uint8: (N, 10) float32, rows sum to 1."""
    device = next(model.parameters()).device
    with torch.inference_mode():
        logits = model(standardise(torch.from_numpy(images).to(device)))
        return logits.float().softmax(1).cpu().numpy()  # type: ignore[no-any-return]
