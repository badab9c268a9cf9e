"""The network of a run, with the weights it was trained to."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnist_core.decode import DamagedFileError, check_finite, read_tensors
from mnist_core.errors import CheckpointError
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import WEIGHTS_FILE, Run, has_saved_state
from mnist_core.types import DIGITS

if TYPE_CHECKING:
    from torch import Tensor

    from mnist_core.networks.network import Network

MAX_WEIGHTS = 600_000_000  # bytes: those of the largest network that can be asked for
METADATA_KEY = "mnist"  # one only: safetensors writes several in any order, and the same weights are the same bytes
MIN_TEMPERATURE, MAX_TEMPERATURE = 1e-3, 1e3  # far outside what calibration comes to


def has_weights(run: Run) -> bool:
    return (run.folder / WEIGHTS_FILE).exists()


def load_model(run: Run, *, device: str = "cpu") -> "Network":
    """The network with its best epoch's weights, in evaluation mode.

    It lies in memory as in training, channels last, and so computes the same; a batch takes a CNN half the time.

    Raises:
        CheckpointError: if there are none yet, or they are damaged.
    """
    from mnist_core.networks.model import build_model, bytes_of, to_channels_last

    path = run.folder / WEIGHTS_FILE
    try:
        weights = read_tensors(path, most=bytes_of(run.model))
        check_weights(weights, run.model)
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{run.run_id} has no weights yet: they are saved when its first epoch has finished"
        ) from error
    except DamagedFileError as error:
        way_out = f"; restore them with: python -m mnist_core restore {run.run_id}" if has_saved_state(run) else ""
        raise CheckpointError(f"{path} is damaged or from another network ({error}){way_out}") from error
    model = build_model(run.model)
    model.load_state_dict(weights)
    return to_channels_last(model, device).eval()


def metadata_of(weights: "Mapping[str, Tensor]", config: ModelConfig) -> str:
    """What another program has to know to use the weights, as JSON: the network and its settings, what its input is,
    what its outputs stand for, and its calibration (`docs/run-folder.md` reads them in plain PyTorch)."""
    from mnist_core.images.preprocess import PIXEL_MEAN, PIXEL_STD

    settings = {name: getattr(config, name) for name in sorted(NETWORKS[config.kind].reads)}
    return json.dumps(
        {
            "format": 1,
            "network": {"kind": config.kind, **settings},
            "input": {"shape": [1, 28, 28], "ink": 1.0, "ground": 0.0, "mean": PIXEL_MEAN, "std": PIXEL_STD},
            "classes": [*map(str, DIGITS), *(["not a digit"] if config.refuses else [])],
            "temperature": float(weights.get("temperature", 1.0)),
            "refuse_above": float(weights.get("refuse_above", 1.0)),
        }
    )


def check_weights(weights: Any, config: ModelConfig) -> None:
    """Check that a network can be given these weights; earlier versions had no calibration among them.

    Raises:
        DamagedFileError: if one is missing, unknown, of another shape or type, or not finite.
    """
    import torch

    from mnist_core.networks.model import kept_of
    from mnist_core.networks.network import CALIBRATION

    if not isinstance(weights, dict):
        raise DamagedFileError(f"weights by their names were expected, not {type(weights).__name__}")
    known = kept_of(config)
    if odd := (known.keys() ^ weights.keys()) - (set(CALIBRATION) - weights.keys()):
        raise DamagedFileError(f"unknown or missing {', '.join(sorted(map(str, odd))[:3])}")
    for name, weight in weights.items():
        if not isinstance(weight, torch.Tensor) or weight.shape != known[name].shape:
            raise DamagedFileError(f"{name} should be numbers of the shape {tuple(known[name].shape)}")
        rounded = torch.float16 if known[name].is_floating_point() else known[name].dtype  # as an epoch keeps it
        if weight.dtype not in (known[name].dtype, rounded) or weight.layout != torch.strided or weight.is_meta:
            raise DamagedFileError(f"{name} should be plain {known[name].dtype} numbers")
    check_finite(weights)
    if not MIN_TEMPERATURE <= float(weights.get("temperature", 1.0)) <= MAX_TEMPERATURE:
        raise DamagedFileError("temperature is out of bounds")
