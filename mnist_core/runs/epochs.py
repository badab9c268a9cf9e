"""The weights of every epoch of a run, kept if requested: what the network was like along the way.

`epochs/0003.safetensors` holds what epoch 3 left: matrices rounded to float16, which takes half the space, all else as
it was, and the confusion matrix that the unrounded weights had on the validation split. Reading a matrix or the first
layer needs no torch.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open

from mnist_core.decode import HEADER_BYTES, DamagedFileError, open_regular, read_tensors
from mnist_core.errors import CheckpointError
from mnist_core.files import replacing
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    from torch import Tensor

    from mnist_core.networks.network import Network

FOLDER = "epochs"
FILE = re.compile(r"([0-9]{4})\.safetensors")
MATRIX = "validation.confusion_matrix"  # among the tensors; no network has one of this name
MATRIX_BYTES = 400
BYTES_A_PARAMETER = 2  # float16


@dataclass(frozen=True, eq=False)
class KeptEpoch:
    """What one epoch left, without the layers behind the first."""

    epoch: int
    matrix: np.ndarray  # (10, 10) int64 counts on validation; row = true label, column = predicted
    first_layer: np.ndarray  # (U, H, W) float32: what each of the first U units looks for, 28 x 28 or 5 x 5

    @property
    def n(self) -> int:
        return int(self.matrix.sum())

    @property
    def right(self) -> int:
        return int(np.trace(self.matrix))

    @cached_property
    def strongest(self) -> float:
        """As strong as the weights shown are, either way, but for one in 20."""
        return float(np.quantile(np.abs(self.first_layer), 0.95))


def kept_epochs(run: Run) -> list[int]:
    """The epochs whose weights are kept, in order; none of a run that was not asked to keep them."""
    folder = run.folder / FOLDER
    found = (FILE.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(int(match[1]) for match in found if match)


def size_on_disk(model: ModelConfig, epochs: int) -> int:
    """Bytes that keeping so many epochs takes, to a percent or so."""
    from mnist_core.networks.model import count_parameters_of

    return BYTES_A_PARAMETER * count_parameters_of(model) * epochs


def path_of(folder: Path, epoch: int) -> Path:
    """Where the run in `folder` keeps an epoch."""
    return folder / FOLDER / f"{epoch:04}.safetensors"


def keep(model: "Network", matrix: np.ndarray, folder: Path, epoch: int) -> None:
    """Keep a network as it is at an epoch's end; the same network gives the same bytes.

    Args:
        matrix: (10, 10) int, its confusion matrix on the validation split.
        folder: of the run.
    """
    import torch
    from safetensors.torch import save

    tensors = {name: _rounded(tensor.detach().cpu()).contiguous() for name, tensor in model.state_dict().items()}
    path = path_of(folder, epoch)
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as beside:
        beside.write_bytes(save({**tensors, MATRIX: torch.from_numpy(matrix.astype(np.int32))}))


def load_epoch(run: Run, epoch: int, *, most: int) -> KeptEpoch:
    """What an epoch left, with the first `most` units or filters of its first layer.

    Raises:
        CheckpointError: naming the file, if it is missing or damaged.
    """
    with _named_errors(run, epoch) as path, _opened(path) as file:
        layer = _first_layer(file, NETWORKS[run.model.kind].first_layer, most)
        if file.get_slice(MATRIX).get_shape() != [10, 10]:
            raise ValueError("no confusion matrix")
        matrix = file.get_tensor(MATRIX).astype(np.int64)
        if matrix.min() < 0 or not np.isfinite(layer).all():
            raise ValueError("unexpected contents")
        images = layer.reshape(-1, 28, 28) if layer.ndim == 2 else layer[:, 0]
        return KeptEpoch(epoch, matrix, images.astype(np.float32))


def load_model_at(run: Run, epoch: int, *, device: str = "cpu") -> "Network":
    """The network as it was at an epoch's end, in evaluation mode; its matrices are rounded to float16.

    Raises:
        CheckpointError: naming the file, if it is missing, damaged or of another network.
    """
    from mnist_core.networks.model import build_model, bytes_of, to_channels_last
    from mnist_core.runs.weights import check_weights

    with _named_errors(run, epoch) as path:
        weights = read_tensors(path, most=bytes_of(run.model) + MATRIX_BYTES)
        del weights[MATRIX]
        check_weights(weights, run.model)
    model = build_model(run.model)
    model.load_state_dict(weights)  # copied into float32
    return to_channels_last(model, device).eval()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file, of which only what is asked for is read."""
    with open_regular(path) as file:
        if int.from_bytes(file.read(8), "little") > HEADER_BYTES:
            raise DamagedFileError("its names are too long")
    with safe_open(path, framework="np") as tensors:
        yield tensors


def _first_layer(file: Any, names: tuple[str, ...], most: int) -> np.ndarray:
    """Of a file opened with `safe_open`: (U, 784) or (U, 1, H, W) float16."""
    name = next((name for name in names if name in set(file.keys())), None)
    if name is None:
        raise ValueError("it has no first layer")
    layer = file.get_slice(name)
    units, *shape = layer.get_shape()
    if len(shape) not in (1, 3) or math.prod(shape) > 28 * 28:
        raise ValueError("its first layer looks at no image")
    first: np.ndarray = layer[: min(most, units)]
    return first


def _rounded(tensor: "Tensor") -> "Tensor":
    """A matrix or a filter in float16, unless a number in it is too large for that; all else is small and stays."""
    half = tensor.half() if tensor.ndim > 1 else tensor
    return half if half.isfinite().all() else tensor


@contextmanager
def _named_errors(run: Run, epoch: int) -> Iterator[Path]:
    path = path_of(run.folder, epoch)
    try:
        yield path
    except FileNotFoundError as error:
        raise CheckpointError(f"the weights of epoch {epoch} are not in {path.parent}") from error
    except (DamagedFileError, SafetensorError, RuntimeError, ValueError, TypeError, KeyError, OSError) as error:
        raise CheckpointError(
            f"{path} is damaged or from another network ({error}); the other epochs can still be viewed"
        ) from error
