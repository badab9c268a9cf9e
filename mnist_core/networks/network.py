"""What every network is: normalised images (N, 1, 28, 28) in, logits (N, 10) out, or (N, 11) of those that can reject.

Softmax is for whoever wants probabilities: see `mnist_core.reading.calibration`. Where a layer is pooled, the ReLU
comes after: the greatest of four is cut at zero instead of all four, which gives the same and saves a fifth of a step.
"""

from typing import Any

import torch
from torch import Tensor, nn

CALIBRATION = ("temperature", "refuse_above")


class Network(nn.Module):
    """What every network carries with its weights: how far its logits can be trusted (see `calibration`)."""

    temperature: Tensor  # () float32: logits are divided by it before the softmax
    refuse_above: Tensor  # () float32: a picture with a greater probability of being no digit is rejected

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("temperature", torch.tensor(1.0))
        self.register_buffer("refuse_above", torch.tensor(1.0))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        for name in CALIBRATION:  # weights from before there was any
            state_dict.setdefault(prefix + name, getattr(self, name))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def forward(self, images: Tensor) -> Tensor:
        return self.decide(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """What the convolutions find in (N, 1, 28, 28), (N, features); without any, the pixels themselves.

        Fine-tuning leaves it as it is, so that it is computed once for many trainings of what decides.
        """
        return images.flatten(1)  # (N, 784)

    def decide(self, features: Tensor) -> Tensor:
        """The logits (N, 10 or 11) of features (N, features)."""
        raise NotImplementedError

    def hidden_layers(self) -> list[nn.Module]:
        """The layers whose output goes through a ReLU: (N, units) or (N, channels, height, width) each."""
        raise NotImplementedError
