"""The networks: standardised images (N, 1, 28, 28) in, logits (N, 10) out. Softmax is for whoever wants a share."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.config import ModelConfig


class MLP(nn.Module):
    """The classic: every pixel meets every unit. 535,818 parameters as 784-512-256-10."""

    def __init__(self, hidden: tuple[int, ...] = (512, 256), dropout: float = 0.0) -> None:
        super().__init__()
        widths = (28 * 28, *hidden)
        self.hidden = nn.ModuleList(nn.Linear(inputs, outputs) for inputs, outputs in pairwise(widths))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden[-1], 10)

    def forward(self, images: Tensor) -> Tensor:
        x = images.flatten(1)  # (N, 784)
        for layer in self.hidden:
            x = self.dropout(F.relu(layer(x)))  # (N, units of the layer)
        return self.output(x)  # type: ignore[no-any-return]  # (N, 10)


class CNN(nn.Module):
    """Two convolutions look for strokes anywhere, two layers decide. 215,194 parameters."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, kernel_size=5)
        self.conv2 = nn.Conv2d(24, 32, kernel_size=3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(32 * 5 * 5, 256)
        self.output = nn.Linear(256, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)  # (N, 24, 12, 12)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (N, 32, 5, 5)
        x = self.dropout(x.flatten(1))  # (N, 800)
        x = self.dropout(F.relu(self.hidden(x)))  # (N, 256)
        return self.output(x)  # type: ignore[no-any-return]  # (N, 10)


def build_model(config: ModelConfig) -> nn.Module:
    """A network with fresh weights, drawn from torch's global random state."""
    if config.kind == "mlp":
        return MLP(config.hidden, config.dropout)
    return CNN(config.dropout)


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def count_parameters_of(config: ModelConfig) -> int:
    """How many parameters a network of this kind has, without the cost of making one."""
    with torch.device("meta"):
        return count_parameters(build_model(config))
