"""The network of a run, with the weights it was trained to."""

from typing import TYPE_CHECKING

from mnist_core.errors import CheckpointError
from mnist_core.runs.run import WEIGHTS_FILE, Run, has_saved_state

if TYPE_CHECKING:
    from mnist_core.networks.network import Network


def has_weights(run: Run) -> bool:
    return (run.folder / WEIGHTS_FILE).exists()


def load_model(run: Run, *, device: str = "cpu") -> "Network":
    """The network with its best epoch's weights, in evaluation mode.

    It lies in memory as in training, channels last, and so computes the same; a batch takes a CNN half the time.

    Raises:
        CheckpointError: if there are none yet, or they are damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from mnist_core.networks.model import build_model, to_channels_last

    path = run.folder / WEIGHTS_FILE
    model = build_model(run.model)
    try:
        model.load_state_dict(load_file(path, device=device))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{run.run_id} has no weights yet: they are saved when its first epoch has finished"
        ) from error
    except (SafetensorError, RuntimeError, OSError) as error:
        why = str(error).partition("\n")[0].rstrip(": ")
        way_out = f"; restore them with: python -m mnist_core restore {run.run_id}" if has_saved_state(run) else ""
        raise CheckpointError(f"{path} is damaged or from another network ({why}){way_out}") from error
    return to_channels_last(model, device).eval()
