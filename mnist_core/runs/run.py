"""What `run.json` holds: all about a training that was fixed when it was created. Nothing in it is taken on trust."""

import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from mnist_core import paths
from mnist_core.config import config_from_json
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.files import replacing
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.training.config import BOUNDS, TrainConfig
from mnist_core.types import SplitName

RUN_FILE = "run.json"
SHIPPED_FILE = "shipped.json"  # names the runs that ship with the app, the default first
WEIGHTS_FILE = "weights.safetensors"
STATE_FILE = "state.pt"
EARLIER_STATE_FILE = "state-before.pt"  # the one saved before it, should the last be damaged
LOCK_FILE = "lock"
LOG_FILE = "worker.log"
ASKED_FILE = "asked"  # empty; its time is when a worker was asked for that has not begun yet
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9]+-[a-z0-9]{4}")
MAX_RUN_FILE = 1_000_000  # bytes: a run.json is a few hundred
MAX_REMEMBERED = 20_000  # runs, of 4 kB each


@dataclass(frozen=True)
class Run:
    """One training: everything that was fixed when it was created."""

    run_id: str
    name: str
    created: str  # ISO 8601, UTC
    dataset: str
    dataset_checksum: str
    split_sizes: dict[str, int]
    model: ModelConfig
    train: TrainConfig
    device: Literal["cpu", "cuda"]  # what `auto` came to
    precision: Literal["float32", "bfloat16"]  # what `auto` came to
    threads: int
    parameters: int
    versions: dict[str, str]
    machine: str
    folder: Path
    base: str | None = (
        None  # the run whose weights it began with, to be fine-tuned on a person's handwriting (see `finetuning`)
    )
    extended_by: tuple[int, ...] = ()  # epochs that were added each time it had finished (see `runs.extend_run`)

    @property
    def epochs(self) -> int:
        """All it is to train, those added later included."""
        return self.train.epochs + sum(self.extended_by)

    @property
    def title(self) -> str:
        """What the run is called: its name if it has one, else its network and the random part of its id."""
        return self.name or f"{NETWORKS.label(self.model.kind)} {self.run_id[-4:]}"

    @property
    def shipped(self) -> bool:
        """It ships with the app and cannot be renamed or deleted."""
        return self.run_id in shipped_ids()


@dataclass(frozen=True)
class DamagedRun:
    """A folder that should be a run and is not."""

    run_id: str
    reason: str
    folder: Path


def load_run(folder: Path) -> Run:
    """Read `run.json`.

    Raises:
        CheckpointError: naming the file, if it is missing, not JSON, not what we write, or another folder's.
    """
    path = folder / RUN_FILE
    run = read_run(path)
    if run.run_id != folder.name:
        raise CheckpointError(f"{path} belongs to the run {run.run_id!r}, not to the folder it is in")
    return run


def read_run(path: Path) -> Run:
    """Read a `run.json` wherever it is and whatever it is called; the run's folder is then the one it is in.

    Raises:
        CheckpointError: naming the file, if it is missing, not JSON, or not what we write.
    """
    try:
        now = path.stat()
        if now.st_size > MAX_RUN_FILE:
            raise CheckpointError(f"{path} is too large to be a run.json")
        return _read(path, (now.st_ino, now.st_mtime_ns, now.st_size))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing") from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=MAX_REMEMBERED)
def _read(path: Path, _as_of: tuple[int, int, int]) -> Run:
    """Parsed once for as long as the file stays the same: a page lists all runs each time that its script runs."""
    try:
        values = json.loads(path.read_text(encoding="utf8"))
    except ValueError as error:
        raise CheckpointError(f"{path} is not JSON: {error}") from error
    return _run_from_json(values, path)


def write_run(run: Run) -> None:
    with replacing(run.folder / RUN_FILE) as beside:
        beside.write_text(run_text(run), encoding="utf8")


def run_text(run: Run) -> str:
    """The content of a run's `run.json`."""
    values = {key: value for key, value in asdict(run).items() if key != "folder"}
    return json.dumps(values, indent=2) + "\n"


def shipped_ids() -> tuple[str, ...]:
    path = paths.shipped_folder() / SHIPPED_FILE
    try:
        now = path.stat()
    except FileNotFoundError:
        return ()
    return _shipped_ids(path, (now.st_ino, now.st_mtime_ns, now.st_size))


@lru_cache(maxsize=1)
def _shipped_ids(path: Path, _as_of: tuple[int, int, int]) -> tuple[str, ...]:
    """Parsed once for as long as the file stays the same: a page asks for every run that it lists."""
    return tuple(json.loads(path.read_text(encoding="utf8")))


def _run_from_json(values: Any, path: Path) -> Run:
    expected = {field.name for field in fields(Run)} - {"folder"}
    if isinstance(values, dict):
        values = {"base": None, "extended_by": [], **values}  # earlier versions had none
    if not isinstance(values, dict) or set(values) != expected:
        odd = expected.symmetric_difference(values) if isinstance(values, dict) else {"not an object"}
        raise CheckpointError(f"{path} is not a run: unknown or missing {', '.join(sorted(odd))}")
    try:
        run = Run(
            **{
                **values,
                "model": config_from_json(ModelConfig, values["model"], str(path)),
                "train": config_from_json(TrainConfig, values["train"], str(path)),
                "extended_by": _extensions(values["extended_by"], path),
                "folder": path.parent,
            }
        )
    except ConfigError as error:
        raise CheckpointError(str(error)) from error
    _check_types(run, path)
    return run


def _extensions(values: Any, path: Path) -> tuple[int, ...]:
    most = BOUNDS["epochs"].high
    whole = isinstance(values, list) and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in values)
    if not whole or sum(values) > most:
        raise CheckpointError(f"{path}: extended_by must list numbers of epochs, at most {most:g} in all")
    return tuple(values)


def _check_types(run: Run, path: Path) -> None:
    kinds: dict[str, type] = {
        "run_id": str,
        "name": str,
        "created": str,
        "dataset_checksum": str,
        "split_sizes": dict,
        "threads": int,
        "parameters": int,
        "versions": dict,
        "machine": str,
    }
    for name, kind in kinds.items():
        if not isinstance(getattr(run, name), kind):
            raise CheckpointError(f"{path}: {name} must be of type {kind.__name__}")
    if run.base is not None and not (isinstance(run.base, str) and RUN_ID.fullmatch(run.base)):
        raise CheckpointError(f"{path}: base is not a valid run ID")
    try:
        DATASETS.check(run.dataset)
    except ConfigError as error:
        raise CheckpointError(f"{path}: {error}") from error
    choices = {"device": ("cpu", "cuda"), "precision": ("float32", "bfloat16")}
    for name, allowed in choices.items():
        if getattr(run, name) not in allowed:
            raise CheckpointError(f"{path}: {name} must be one of {', '.join(allowed)}")
    sizes = run.split_sizes
    if set(sizes) != set(get_args(SplitName)) or not all(isinstance(n, int) and n >= 1 for n in sizes.values()):
        raise CheckpointError(f"{path}: split_sizes must be at least 1 for each of {', '.join(get_args(SplitName))}")
    try:
        zone = datetime.fromisoformat(run.created).tzinfo
    except ValueError as error:
        raise CheckpointError(f"{path}: created is not a time: {run.created!r}") from error
    if zone is None:
        raise CheckpointError(f"{path}: created has no time zone: {run.created!r}")


def has_saved_state(run: Run | DamagedRun) -> bool:
    """Whether there is a state to go on from, or to restore damaged files from."""
    return any((run.folder / name).exists() for name in (STATE_FILE, EARLIER_STATE_FILE))


def ensure_present(run: Run | DamagedRun) -> None:
    """Check that the run has not been deleted since it was listed.

    Raises:
        CheckpointError: if its folder is gone.
    """
    if not run.folder.is_dir():
        raise CheckpointError(f"{run.run_id} no longer exists: it was deleted")
