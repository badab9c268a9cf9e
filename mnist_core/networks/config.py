"""Which network: the hyperparameters that say how it is built."""

from dataclasses import dataclass
from typing import Literal

from mnist_core.config import Bound, check, setting
from mnist_core.errors import ConfigError
from mnist_core.networks.registry import NETWORKS
from mnist_core.registry import Named, Registry

Size = Literal["small", "large"]
SIZES = Registry("size", {"small": Named("Small"), "large": Named("Large")})
MAX_HIDDEN_LAYERS = 8


@dataclass(frozen=True)
class ModelConfig:
    """Which network. Each kind reads some of the other settings only: `NETWORKS[kind].reads` names them."""

    kind: str = setting(
        "mlp", option="model", label="Model", control="names", choices=NETWORKS, prominent=True,
        help=" ".join(f"**{network.label}**: {network.description}" for network in NETWORKS.values()),
        summary="the kind of network",
    )  # fmt: skip
    hidden: tuple[int, ...] = setting(
        (512, 256), label="Hidden layers", control="widths", bound=Bound(1, 4096),
        help="Units in each hidden layer, separated by commas: 512,256 is the classic choice.",
        summary="units in each hidden layer of the mlp (512,256)",
    )  # fmt: skip
    dropout: float = setting(
        0.0, label="Dropout", control="scale", bound=Bound(0.0, 0.9), step=0.05, format="{:g}",
        help="The fraction of units left out at each step, so that the network does not rely too much on any of them.",
        summary="fraction of units left out at each step",
    )  # fmt: skip
    size: Size = setting(
        "small", label="Size", control="names", choices=SIZES, first=False,
        help="**Small**: two convolutions. **Large**: four, each with batch normalisation; slower, and better with "
        "handwriting it has not seen.",
        summary="size of the cnn",
    )  # fmt: skip
    # whether it has an eleventh output, for what is not a digit; needs a data set that shows such pictures
    refuses: bool = setting(
        False, label="Rejects non-digits", control="none", first=False,
        help="Whether it can say that a picture is not a digit.",
        summary="whether it can say that a picture is not a digit",
    )  # fmt: skip

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))  # JSON has lists only
        if not 1 <= len(self.hidden) <= MAX_HIDDEN_LAYERS:
            raise ConfigError(f"hidden must name 1 to {MAX_HIDDEN_LAYERS} layers, got {len(self.hidden)}")
        check(self)
