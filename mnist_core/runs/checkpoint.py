"""What a worker saves of a training: the weights to predict with, and all that is needed to resume.

Two states are kept, the last and the one before it, and each holds copies of the best weights and of `run.json`. So
whichever one file is damaged, no more is lost than what came after a saved state.
"""

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from filelock import Timeout
from msgspec import convert
from safetensors.torch import save
from torch import Tensor

from mnist_core.decode import DamagedFileError, Seconds, open_regular, read_tensors
from mnist_core.errors import CheckpointError
from mnist_core.files import clear_leftovers, replacing
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import bytes_of
from mnist_core.runs.events import Epoch
from mnist_core.runs.lock import hold
from mnist_core.runs.run import (
    EARLIER_STATE_FILE,
    LOCK_FILE,
    RUN_FILE,
    STATE_FILE,
    WEIGHTS_FILE,
    DamagedRun,
    Run,
    ensure_present,
    has_saved_state,
    load_run,
    run_from_json,
    run_text,
)
from mnist_core.runs.weights import MAX_WEIGHTS, METADATA_KEY, check_weights, metadata_of
from mnist_core.training.loop import Training
from mnist_core.types import EpochEnd

Weights = dict[str, Tensor]

COPIES = 4  # of all weights in a state: the last, the best, and two of the optimizer's
BESIDE_WEIGHTS = 20_000_000  # bytes: epochs and names


@dataclass
class Progress:
    """What is saved beside the training itself."""

    elapsed: float = 0.0  # training seconds
    epochs: list[tuple[EpochEnd, float]] = field(default_factory=list)  # those done, each with its elapsed seconds
    best: Weights = field(default_factory=dict)  # of the best epoch; empty before the first is done
    lost: str = ""  # what could not be read, in a sentence; empty if nothing is lost


def weights_of(training: Training) -> Weights:
    """A copy of the weights as they are now, on the CPU."""
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in training.model.state_dict().items()}


def save_weights(weights: Weights, folder: Path, config: ModelConfig) -> None:
    """Keep them as the ones to predict with, with what another program has to know to use them."""
    with replacing(folder / WEIGHTS_FILE) as beside:
        beside.write_bytes(save(weights, metadata={METADATA_KEY: metadata_of(weights, config)}))


def save_state(training: Training, run: Run, progress: Progress) -> None:
    """Save all that is needed to resume; the state saved before stays beside it."""
    last, earlier = run.folder / STATE_FILE, run.folder / EARLIER_STATE_FILE
    if last.exists():
        with replacing(earlier) as beside:
            _same_file(last, beside)
    values = {
        "training": training.state(),
        "elapsed": progress.elapsed,
        "epochs": [{**asdict(epoch), "elapsed": elapsed} for epoch, elapsed in progress.epochs],
        "best": progress.best,
        "run": run_text(run),
    }
    file = io.BytesIO()  # told to write to a full disk itself, torch says nothing of the disk
    torch.save(values, file)
    with replacing(last) as beside:
        beside.write_bytes(file.getbuffer())


def load_state(training: Training, run: Run) -> Progress:
    """Resume from the last saved state, or the one before it, if there is any.

    Raises:
        CheckpointError: if there are some and none can be read.
    """
    folder = run.folder
    clear_leftovers(folder, WEIGHTS_FILE, STATE_FILE, EARLIER_STATE_FILE)
    damaged: list[str] = []
    for name, values in _states(folder, training.device, damaged):
        try:
            progress = _progress(values, run.model)
            training.load_state(values["training"])
        except (CheckpointError, KeyError, TypeError, ValueError) as error:
            damaged.append(f"{folder / name} is damaged: {error}")
            continue
        if progress.best and not _holds(folder, progress.best):
            save_weights(progress.best, folder, run.model)
        if name == EARLIER_STATE_FILE:
            progress.lost = f"{STATE_FILE} was damaged or missing, so it continued from the state saved before it"
        return progress
    if damaged:
        raise CheckpointError(
            f"{'; '.join(damaged)}. Its best weights are unaffected; to train it again, to the same weights but as "
            f"a new run: python -m mnist_core repeat {folder.name}"
        )
    return Progress()


def restore(folder: Path) -> list[str]:
    """Write what is damaged of `run.json` and the weights anew, from a saved state. Returns the files' names.

    Raises:
        CheckpointError: if what is damaged is in no state that can be read.
    """
    damaged: list[str] = []
    for name, values in _states(folder, torch.device("cpu"), damaged):
        put_back = []
        try:
            run, text = _run_to_restore(folder, values)
            best = _best(values, run.model)
        except CheckpointError as error:
            damaged.append(f"{folder / name} is damaged: {error}")
            continue
        if text:
            with replacing(folder / RUN_FILE) as beside:
                beside.write_text(text, encoding="utf8")
            put_back.append(RUN_FILE)
        if best and not _holds(folder, best):
            save_weights(best, folder, run.model)
            put_back.append(WEIGHTS_FILE)
        return put_back
    raise CheckpointError("; ".join(damaged) or f"{folder} has no saved state to restore anything from")


def _run_to_restore(folder: Path, values: dict[str, Any]) -> tuple[Run, str]:
    """The run of a folder, and the text that its `run.json` should have where it is damaged."""
    try:
        return load_run(folder), ""
    except CheckpointError:
        text = values.get("run")
        if not isinstance(text, str):
            raise
        run = run_from_json(text.encode(), folder / RUN_FILE)
        if run.run_id != folder.name:
            raise CheckpointError(f"it is the state of {run.run_id}") from None
        return run, text


def _holds(folder: Path, weights: Weights) -> bool:
    """Whether the weights to predict with are these, bit for bit; earlier versions said nothing beside them."""
    wanted = save(weights)
    try:
        return save(read_tensors(folder / WEIGHTS_FILE, most=len(wanted))) == wanted
    except (FileNotFoundError, DamagedFileError):
        return False


def _states(folder: Path, device: torch.device, damaged: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The states that can be read, the last first; a sentence in `damaged` for each that cannot."""
    most = _most_bytes(folder)
    for name in (STATE_FILE, EARLIER_STATE_FILE):
        path = folder / name
        try:
            _check_archive(path, most)
            values = torch.load(path, map_location=device, weights_only=True)
            if not isinstance(values, dict):
                raise TypeError("it contains no saved state")
        except FileNotFoundError:
            continue
        except Exception as error:  # noqa: BLE001 -- a decoder of damaged bytes may raise anything
            damaged.append(f"{path} is damaged: {str(error).partition(chr(10))[0]}")
        else:
            yield name, values


def _check_archive(path: Path, most: int) -> None:
    """torch does not check what an archive holds; a flipped bit shows in the archive's own checksums only."""
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        size = os.fstat(file.fileno()).st_size
        if size > most or sum(member.file_size for member in archive.infolist()) > size:
            raise ValueError(f"it has more than the {most:,} bytes it may have, or its parts overlap")
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("it is packed, as no saved state is")  # and may be far larger than it looks
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} in it has a wrong checksum")


def _most_bytes(folder: Path) -> int:
    """How long a state may be; that of the largest network where nothing says which one it is of."""
    try:
        weights = bytes_of(load_run(folder).model)
    except CheckpointError:
        weights = MAX_WEIGHTS
    return COPIES * weights + BESIDE_WEIGHTS


def _progress(values: dict[str, Any], model: ModelConfig) -> Progress:
    """Raises KeyError, TypeError, ValueError or CheckpointError if it is not what `save_state` writes."""
    rows = values.get("epochs", [])  # the first versions kept neither epochs nor best weights
    epochs = [(epoch.end, epoch.elapsed) for epoch in (convert({"time": 0, **row}, Epoch) for row in rows)]
    return Progress(convert(values["elapsed"], Seconds), epochs, _best(values, model))


def _best(values: dict[str, Any], model: ModelConfig) -> Weights:
    """The best weights; none before the first epoch is done.

    Raises:
        DamagedFileError: if they are not this network's.
    """
    best: Weights = values.get("best", {})
    if not isinstance(best, dict) or best:
        check_weights(best, model)
    return best


def _same_file(source: Path, place: Path) -> None:
    """Give a file a second name or, where the disk cannot, a copy."""
    try:
        place.hardlink_to(source)
    except OSError:
        place.write_bytes(source.read_bytes())


def restore_run(run: Run | DamagedRun) -> list[str]:
    """Write what is damaged of `run.json` and the weights anew from the copies in the run's saved state.

    Returns:
        the names of the files that were put back.
    Raises:
        CheckpointError: if the run is being trained, or what is damaged is in no saved state that can be read.
    """
    ensure_present(run)
    if not has_saved_state(run):
        raise CheckpointError(f"{run.folder} has no saved state to restore anything from")
    try:
        with hold(run.folder / LOCK_FILE):
            return restore(run.folder)
    except Timeout as error:
        raise CheckpointError(f"{run.run_id} is being trained; stop it first") from error
    except OSError as error:
        raise CheckpointError(f"cannot write to {run.folder}: {error.strerror}") from error
