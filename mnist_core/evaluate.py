"""A model on a whole split. What follows from its answers is in `scores`."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from mnist_core.model import Network
from mnist_core.preprocess import standardise
from mnist_core.records import NOT_A_DIGIT, Evaluation, Split

BATCH = 128  # images at a time: what a layer leaves of more is memory that glibc asks for anew, up to half of the time


def logits_of(model: Network, images: np.ndarray) -> Tensor:
    """A model's logits of images (N, 28, 28) uint8: (N, 10 or 11) float32. The model is left in evaluation mode.

    Always in float32, whatever precision it was trained in, so that one model has one result.
    """
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        return torch.cat([model(standardise(torch.from_numpy(batch).to(device))).cpu() for batch in _batches(images)])


def measure(model: Network, split: Split, *, run_id: str = "", times_taken: int = 1) -> Evaluation:
    """What `model` says of every digit of `split`, whether or not it would refuse it. It is left in evaluation mode."""
    split = split.digits_only()
    return evaluation_of(model, logits_of(model, split.images), split, run_id=run_id, times_taken=times_taken)


def evaluation_of(
    model: Network, logits: Tensor, split: Split, *, run_id: str = "", times_taken: int = 1
) -> Evaluation:
    """The same from the logits (N, 10 or 11) that the model gave for a split of digits only."""
    logits = logits[:, :NOT_A_DIGIT]
    return Evaluation(
        run_id=run_id,
        split=split.name,
        loss=float(F.cross_entropy(logits, torch.from_numpy(split.labels))),
        labels=split.labels,
        predictions=logits.argmax(1).numpy(),
        probabilities=(logits / model.temperature.cpu()).softmax(1).numpy(),
        times_taken=times_taken,
    )


def _batches(images: np.ndarray) -> list[np.ndarray]:
    return [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
