"""Every optimiser that can be chosen: how it is made, and the settings that usually work with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_core.registry import Registry

if TYPE_CHECKING:
    import torch

    Make = Callable[[Iterable[torch.nn.Parameter], float | torch.Tensor, float, bool], torch.optim.Optimizer]


@dataclass(frozen=True)
class OptimizerKind:
    """One kind of optimiser."""

    label: str
    learning_rate: float  # the peak of a one-cycle schedule that learns MNIST in few epochs, found by trying
    constant_learning_rate: float  # without a peak to come down from, the rate has to be gentler
    weight_decay: float
    make: "Make"  # from the parameters, the learning rate, the weight decay, and whether a CUDA graph will replay it


def _adamw(
    parameters: "Iterable[torch.nn.Parameter]", rate: "float | torch.Tensor", weight_decay: float, replayed: bool
) -> "torch.optim.Optimizer":
    from torch.optim import AdamW

    return AdamW(parameters, rate, weight_decay=weight_decay, fused=True, capturable=replayed)


def _sgd(
    parameters: "Iterable[torch.nn.Parameter]", rate: "float | torch.Tensor", weight_decay: float, replayed: bool
) -> "torch.optim.Optimizer":
    from torch.optim import SGD

    return SGD(parameters, rate, momentum=0.9, nesterov=True, weight_decay=weight_decay, fused=True)


# adamw's weight decay is decoupled from the gradient, sgd's is not: the same number would mean another strength.
OPTIMIZERS = Registry(
    "optimizer",
    {
        # the constant rate is Kingma and Ba's (2015) for Adam
        "adamw": OptimizerKind("AdamW", 0.004, 0.001, 0.01, _adamw),
        "sgd": OptimizerKind("SGD", 0.1, 0.02, 0.0005, _sgd),
    },
)
