"""A network made from its config, and how large it is."""

import torch
from torch import nn

from mnist_core.networks.config import ModelConfig
from mnist_core.networks.network import Network
from mnist_core.networks.registry import NETWORKS


def build_model(config: ModelConfig) -> Network:
    """A network with fresh weights, drawn from torch's global random state."""
    return NETWORKS[config.kind].build(config, 11 if config.refuses else 10)


def to_channels_last(model: Network, device: str) -> Network:
    """The network on its device, its weights in the order in which convolutions are computed fastest."""
    return model.to(device, memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def count_parameters_of(config: ModelConfig) -> int:
    """How many parameters a network of this kind has, without the cost of making one."""
    return count_parameters(_outline(config))


def kept_of(config: ModelConfig) -> dict[str, torch.Tensor]:
    """All that is kept of such a network, by name: shapes and types, without the numbers."""
    return dict(_outline(config).state_dict())


def bytes_of(config: ModelConfig) -> int:
    """How many bytes of numbers are kept of such a network."""
    return sum(tensor.nbytes for tensor in _outline(config).state_dict().values())


def _outline(config: ModelConfig) -> Network:
    with torch.device("meta"):
        return build_model(config)
