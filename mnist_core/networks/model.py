"""The networks: normalised images (N, 1, 28, 28) in, logits (N, 10) out, or (N, 11) of those that can refuse.

Softmax is for whoever wants probabilities: see `mnist_core.reading.calibration`. Where a layer is pooled, the ReLU
comes after: the greatest of four is cut at zero instead of all four, which gives the same and saves a fifth of a step.
"""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.config import ModelConfig


class Network(nn.Module):
    """What every network carries with its weights: how far its logits are to be believed (see `calibration`)."""

    temperature: Tensor  # () float32: logits are divided by it before the softmax
    refuse_above: Tensor  # () float32: a picture with a greater probability of being no digit is refused

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("temperature", torch.tensor(1.0))
        self.register_buffer("refuse_above", torch.tensor(1.0))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        for name in ("temperature", "refuse_above"):  # weights from before there was calibration
            state_dict.setdefault(prefix + name, getattr(self, name))
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def hidden_layers(self) -> list[nn.Module]:
        """The layers whose output goes through a ReLU: (N, units) or (N, channels, height, width) each."""
        raise NotImplementedError


class MLP(Network):
    """The classic: every pixel meets every unit. 535,818 parameters as 784-512-256-10."""

    def __init__(self, hidden: tuple[int, ...] = (512, 256), dropout: float = 0.0, outputs: int = 10) -> None:
        super().__init__()
        widths = (28 * 28, *hidden)
        self.hidden = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(widths))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden[-1], outputs)

    def hidden_layers(self) -> list[nn.Module]:
        return list(self.hidden)

    def forward(self, images: Tensor) -> Tensor:
        x = images.flatten(1)  # (N, 784)
        for layer in self.hidden:
            x = self.dropout(F.relu(layer(x)))  # (N, units of the layer)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)


class CNN(Network):
    """Two convolutions look for strokes anywhere, two layers decide. 215,194 parameters."""

    def __init__(self, dropout: float = 0.0, outputs: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, kernel_size=5)
        self.conv2 = nn.Conv2d(24, 32, kernel_size=3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(32 * 5 * 5, 256)
        self.output = nn.Linear(256, outputs)

    def hidden_layers(self) -> list[nn.Module]:
        return [self.conv1, self.conv2, self.hidden]

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(images), 2))  # (N, 24, 12, 12)
        x = F.relu(F.max_pool2d(self.conv2(x), 2))  # (N, 32, 5, 5)
        x = self.dropout(x.flatten(1))  # (N, 800)
        x = self.dropout(F.relu(self.hidden(x)))  # (N, 256)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)


class LargeCNN(Network):
    """Four convolutions, each normalised over the batch (Ioffe and Szegedy 2015), then two layers decide.

    Slower than `CNN`, and better with hands that it has not seen. 393,962 parameters.
    """

    def __init__(self, dropout: float = 0.0, outputs: int = 10) -> None:
        super().__init__()
        self.conv1 = _normalised(1, 32, kernel_size=5)
        self.conv2 = _normalised(32, 64, kernel_size=3, padding=1)
        self.conv3 = _normalised(64, 64, kernel_size=3, padding=1)
        self.conv4 = _normalised(64, 128, kernel_size=3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(128 * 4 * 4, 128)
        self.output = nn.Linear(128, outputs)

    def hidden_layers(self) -> list[nn.Module]:
        return [self.conv1, self.conv2, self.conv3, self.conv4, self.hidden]

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(images), 2))  # (N, 32, 12, 12)
        x = F.relu(self.conv2(x))  # (N, 64, 12, 12)
        x = F.relu(F.max_pool2d(self.conv3(x), 2))  # (N, 64, 6, 6)
        x = F.relu(self.conv4(x))  # (N, 128, 4, 4)
        x = self.dropout(x.flatten(1))  # (N, 2048)
        x = self.dropout(F.relu(self.hidden(x)))  # (N, 128)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)


def _normalised(channels: int, filters: int, *, kernel_size: int, padding: int = 0) -> nn.Sequential:
    conv = nn.Conv2d(channels, filters, kernel_size, padding=padding, bias=False)  # the normalisation has a bias
    return nn.Sequential(conv, nn.BatchNorm2d(filters))


def build_model(config: ModelConfig) -> Network:
    """A network with fresh weights, drawn from torch's global random state."""
    outputs = 11 if config.refuses else 10
    if config.kind == "mlp":
        return MLP(config.hidden, config.dropout, outputs)
    return (LargeCNN if config.size == "large" else CNN)(config.dropout, outputs)


def to_channels_last(model: Network, device: str) -> Network:
    """The network on its device, its weights in the order in which convolutions are computed fastest."""
    return model.to(device, memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def count_parameters_of(config: ModelConfig) -> int:
    """How many parameters a network of this kind has, without the cost of making one."""
    with torch.device("meta"):
        return count_parameters(build_model(config))
