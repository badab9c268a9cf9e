"""A model on a whole split. What follows from its answers is in `scores`."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from mnist_core.preprocess import standardise
from mnist_core.records import Evaluation, Split

BATCH = 1000  # images at a time: as fast as any larger, in little memory


def measure(model: nn.Module, split: Split, *, run_id: str = "", times_taken: int = 1) -> Evaluation:
    """What `model` says of every image of `split`. The model is left in evaluation mode.

    Always in float32, whatever precision it was trained in, so that one model has one result.
    """
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        logits = torch.cat(
            [model(standardise(torch.from_numpy(batch).to(device))).cpu() for batch in _batches(split.images)]
        )  # (N, 10)
    labels = torch.from_numpy(split.labels)
    return Evaluation(
        run_id=run_id,
        split=split.name,
        loss=float(F.cross_entropy(logits, labels)),
        labels=split.labels,
        predictions=logits.argmax(1).numpy(),
        probabilities=logits.softmax(1).numpy(),
        times_taken=times_taken,
    )


def _batches(images: np.ndarray) -> list[np.ndarray]:
    return [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
