"""The multilayer perceptron: fully connected layers, each followed by a ReLU."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.networks.network import Network


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

    def decide(self, features: Tensor) -> Tensor:
        x = features  # (N, 784)
        for layer in self.hidden:
            x = self.dropout(F.relu(layer(x)))  # (N, units of the layer)
        return self.output(x)  # type: ignore[no-any-return]  # (N, outputs)
