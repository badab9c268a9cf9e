"""What a network's convolutions find in a split, computed once: only what decides is then trained on it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from mnist_core.images.preprocess import normalise
from mnist_core.networks.network import Network
from mnist_core.reading.evaluate import HALF_BATCH
from mnist_core.training.augment import augment
from mnist_core.training.augmentations import AUGMENTATIONS


@dataclass(frozen=True, eq=False)
class Features:
    """A training split as a network's `features` sees it."""

    values: np.ndarray  # (N, features) float32
    labels: np.ndarray  # (N,) int64

    def __len__(self) -> int:
        return len(self.labels)


def features_of(
    model: Network,
    images: np.ndarray,
    *,
    augmentation: str,
    autocast: torch.dtype | None,
    seed: int,
    on_batch: Callable[[], object] = lambda: None,
) -> np.ndarray:
    """The features (N, features) float32 of images (N, 28, 28) uint8, each varied once by the augmentation.

    Args:
        seed: of the augmentation. The model is left in evaluation mode.
    """
    model.eval()
    device = next(model.parameters()).device
    torch.manual_seed(seed)
    found = []
    with torch.inference_mode(), torch.autocast(device.type, autocast, enabled=autocast is not None):
        for part in torch.from_numpy(images).split(HALF_BATCH):
            pixels = part.to(device)
            if augmentation != "none":
                pixels = augment(pixels.float().unsqueeze(1), AUGMENTATIONS[augmentation])  # (B, 1, 28, 28)
            found.append(model.features(normalise(pixels)).float().cpu().numpy())
            on_batch()
    return np.concatenate(found)
