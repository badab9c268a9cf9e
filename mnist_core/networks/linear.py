"""Softmax regression: the oldest network, and the only one that can be read with the naked eye."""

from torch import Tensor, nn

from mnist_core.networks.network import Network


class Linear(Network):
    """One template of weights for each answer: how well an image fits it is that answer's logit. 7,850 parameters.

    It starts from zero, not from random weights: the loss is convex, so no symmetry has to be broken, and a template
    shows only what it has learned.
    """

    def __init__(self, outputs: int = 10) -> None:
        super().__init__()
        self.output = nn.Linear(28 * 28, outputs)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def hidden_layers(self) -> list[nn.Module]:
        return []

    def decide(self, features: Tensor) -> Tensor:
        return self.output(features)  # type: ignore[no-any-return]  # (N, outputs)
