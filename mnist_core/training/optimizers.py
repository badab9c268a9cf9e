"""The optimisers: what moves the weights once the gradients are known."""

import torch
from torch import Tensor, nn

from mnist_core.config import TrainConfig


def build_optimizer(model: nn.Module, config: TrainConfig, device: torch.device) -> torch.optim.Optimizer:
    """The optimiser of a training before its first step."""
    on_gpu = device.type == "cuda"
    rate = torch.tensor(config.learning_rate, device=device) if on_gpu else config.learning_rate
    if config.optimizer == "adamw":
        return torch.optim.AdamW(
            model.parameters(), rate, weight_decay=config.weight_decay, fused=True, capturable=on_gpu
        )
    return torch.optim.SGD(
        model.parameters(),
        rate,
        momentum=0.9,
        nesterov=True,
        weight_decay=config.weight_decay,
        fused=True,
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Have the next step use this rate."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):  # on a GPU: where a replayed step looks for it
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
