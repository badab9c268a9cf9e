"""A model on a whole split. `statistics.confusion_matrix` has what follows from its answers."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F

from mnist_core.errors import CheckpointError
from mnist_core.images.preprocess import PIXEL_MEAN, PIXEL_STD, normalise
from mnist_core.machine import choose_precision
from mnist_core.networks.mlp import MLP
from mnist_core.networks.network import Network
from mnist_core.types import NOT_A_DIGIT, Evaluation, Split

BATCH = 128  # images at a time: what a layer leaves of more is memory that glibc asks for anew, up to half of the time
HALF_BATCH = 512  # in bfloat16: every batch has the weights converted anew
CLOSE = 0.02  # of the largest logit; bfloat16 moves a logit by up to 0.005 of it (`test_evaluate.py`)


def logits_of(model: Network, images: np.ndarray) -> Tensor:
    """A model's logits of images (N, 28, 28) uint8: (N, 10 or 11) float32. The model is left in evaluation mode.

    Computed in bfloat16 where that is faster (`choose_precision`), whatever precision the model was trained in. Images
    whose two best answers are then `CLOSE` are read again in float32, so that the digits are those that float32 reads.
    """
    model.eval()
    device = next(model.parameters()).device

    def in_float32(pixels: Tensor) -> Tensor:
        return model(normalise(pixels))  # type: ignore[no-any-return]

    with torch.inference_mode():
        if choose_precision("auto", device.type) == "float32":
            return _read(in_float32, images, BATCH, device)
        if isinstance(model, MLP):
            logits = _read(_of_pixels(model), images, HALF_BATCH, device)
        else:
            with torch.autocast(device.type, torch.bfloat16):
                logits = _read(in_float32, images, HALF_BATCH, device)
        close = _are_close(logits).numpy()
        if close.any():
            logits[torch.from_numpy(close)] = _read(in_float32, images[close], BATCH, device)
    return logits


def _read(answer: Callable[[Tensor], Tensor], images: np.ndarray, batch: int, device: torch.device) -> Tensor:
    parts = torch.from_numpy(images).split(batch)
    return torch.cat([answer(part.to(device)).float().cpu() for part in parts])


def _of_pixels(model: MLP) -> Callable[[Tensor], Tensor]:
    """The model in bfloat16, for pixels as they are: 0 to 255 are exact in it, and the first layer normalises them.

    To bring 10,000 images to the network's usual input takes as long as a third of the matrix products. It is the
    model itself that runs, with other weights: whoever watches its layers (`dead_units`) sees these pictures too.
    """
    weights: dict[str, Tensor] = dict(model.named_parameters())
    first, bias = weights["hidden.0.weight"], weights["hidden.0.bias"]
    weights["hidden.0.bias"] = bias - PIXEL_MEAN / PIXEL_STD * first.sum(1)
    weights["hidden.0.weight"] = first / (255 * PIXEL_STD)
    weights = {name: weight.bfloat16() for name, weight in weights.items()}
    return lambda pixels: functional_call(model, weights, pixels.bfloat16())


def _are_close(logits: Tensor) -> Tensor:
    """Which images (N,) bool have close calls: for the best answer of all, or for the best digit."""
    bests = [answers.topk(2, dim=1).values for answers in (logits, logits[:, :NOT_A_DIGIT])]  # (N, 2) each
    margins = torch.stack([best[:, 0] - best[:, 1] for best in bests])  # (2, N)
    return ~(margins.amin(0) > CLOSE * logits.abs().amax())  # what is no number is close


def measure(model: Network, split: Split, *, run_id: str = "", times_taken: int = 1) -> Evaluation:
    """What `model` says of every digit of `split`, whether or not it would reject it. It is left in evaluation mode.

    Raises:
        CheckpointError: if it says something that is no number.
    """
    split = split.digits_only()
    logits = logits_of(model, split.images)
    ensure_finite(logits)
    return evaluation_of(model, logits, split, run_id=run_id, times_taken=times_taken)


def ensure_finite(answers: Tensor) -> None:
    """Raises: CheckpointError: if a network says something that is no number, as one of absurd weights does."""
    if not bool(answers.isfinite().all()):
        raise CheckpointError("the network's weights are damaged: what it says of an image is not a number")


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
