"""Every network that can be chosen, and all that the rest of the program needs to know about it.

A network is a module beside this one and an entry here. Nothing here brings torch: that comes with the first network
that is built.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mnist_core.registry import Registry

if TYPE_CHECKING:
    from mnist_core.networks.network import Network


class Shape(Protocol):
    """What a network may read of its `ModelConfig`."""

    @property
    def hidden(self) -> tuple[int, ...]: ...
    @property
    def dropout(self) -> float: ...
    @property
    def size(self) -> str: ...


@dataclass(frozen=True)
class NetworkKind:
    """One kind of network."""

    label: str
    description: str  # a sentence on the form: what it is and about what it reaches on MNIST
    build: "Callable[[Shape, int], Network]"  # with so many outputs; fresh weights from torch's global random state
    reads: frozenset[str]  # the fields of `ModelConfig` that say how it is built
    first_layer: tuple[str, ...]  # what the weights of its first layer may be called in a file of weights
    unit: str  # what one row of those weights is called
    looks_at: str  # a sentence: what one of them sees of an image
    of_answers: bool  # whether each of those rows belongs to one answer, the digits 0 to 9 in order
    hidden_units: Callable[[Shape], int]  # how many, a channel counting as one
    variant: Callable[[Shape], str]  # what tells it from others of its kind: `512-256`, `large` or nothing


def _linear(shape: Shape, outputs: int) -> "Network":
    from mnist_core.networks.linear import Linear

    return Linear(outputs)


def _mlp(shape: Shape, outputs: int) -> "Network":
    from mnist_core.networks.mlp import MLP

    return MLP(shape.hidden, shape.dropout, outputs)


def _cnn(shape: Shape, outputs: int) -> "Network":
    from mnist_core.networks.cnn import CNN, LargeCNN

    return {"small": CNN, "large": LargeCNN}[shape.size](shape.dropout, outputs)


# hidden ones of the two sizes, channels included
CNN_UNITS = {"small": 24 + 32 + 256, "large": 32 + 64 + 64 + 128 + 128}

NETWORKS = Registry(
    "model",
    {
        "linear": NetworkKind(
            label="Linear",
            description="softmax regression: one template for each digit, no hidden layers; instant, and about "
            "92 % on MNIST.",
            build=_linear,
            reads=frozenset(),
            first_layer=("output.weight",),
            unit="template",
            looks_at="There is one of 28 × 28 weights for each digit, 0 to 9: the digit whose template fits best "
            "is the answer.",
            of_answers=True,
            hidden_units=lambda shape: 0,
            variant=lambda shape: "",
        ),
        "mlp": NetworkKind(
            label="MLP",
            description="fully connected layers; quick, and about 98 % on MNIST.",
            build=_mlp,
            reads=frozenset({"hidden", "dropout"}),
            first_layer=("hidden.0.weight",),
            unit="unit",
            looks_at="Each looks at all 28 × 28 pixels.",
            of_answers=False,
            hidden_units=lambda shape: sum(shape.hidden),
            variant=lambda shape: "-".join(map(str, shape.hidden)),
        ),
        "cnn": NetworkKind(
            label="CNN",
            description="convolutions find strokes wherever they are; slower, and about 99 % on MNIST.",
            build=_cnn,
            reads=frozenset({"size", "dropout"}),
            first_layer=("conv1.weight", "conv1.0.weight"),  # of the small one, of the large one
            unit="filter",
            looks_at="Each looks at 5 × 5 pixels, anywhere in the image.",
            of_answers=False,
            hidden_units=lambda shape: CNN_UNITS[shape.size],
            variant=lambda shape: shape.size,
        ),
    },
)
