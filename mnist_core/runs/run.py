"""What `run.json` holds: all about a training that was fixed when it was created. Nothing in it is taken on trust."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from mnist_core import paths
from mnist_core.config import config_from_json
from mnist_core.datasets.registry import DATASETS
from mnist_core.decode import Count, DamagedFileError, Name, json_as, read_bytes, read_json
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.files import Stamp, replacing, stamp_of
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.training.config import BOUNDS, TrainConfig

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
MAX_THREADS = 256  # that somebody's run.json may ask this machine for

Images = Annotated[int, Meta(ge=1, le=10**9)]
Evaluated = Annotated[int, Meta(ge=1, le=500_000)]  # images: results are as long, and are read whole
Settings = dict[Name, bool | int | float | Name | list[int]]  # of a config, which checks them


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


class _SplitSizes(Struct, forbid_unknown_fields=True):
    train: Images
    validation: Evaluated
    test: Evaluated


class _RunFile(Struct, forbid_unknown_fields=True):
    """A `run.json`; the settings of its two configs are checked by those."""

    run_id: Name
    name: Name
    created: Annotated[datetime, Meta(tz=True)]
    dataset: Name
    dataset_checksum: Name
    split_sizes: _SplitSizes
    model: Settings
    train: Settings
    device: Literal["cpu", "cuda"]
    precision: Literal["float32", "bfloat16"]
    threads: Annotated[int, Meta(ge=1, le=MAX_THREADS)]
    parameters: Count
    versions: dict[Name, Name]
    machine: Name
    base: Name | None = None  # version 0.1.0 had none
    extended_by: list[Annotated[int, Meta(ge=1, le=int(BOUNDS["epochs"].high))]] = []


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
        return _read(path, stamp_of(path))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing") from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=MAX_REMEMBERED)
def _read(path: Path, _as_of: Stamp) -> Run:
    """Decoded once for as long as the file stays the same: a page lists all runs each time that its script runs."""
    try:
        return run_from_json(read_bytes(path, most=MAX_RUN_FILE), path)
    except DamagedFileError as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error


def run_from_json(content: bytes, path: Path) -> Run:
    """The run that the content of a `run.json` at `path` tells of.

    Raises:
        CheckpointError: naming the file, if it is not what we write.
    """
    try:
        file: _RunFile = json_as(_RunFile, content)
        values = structs.asdict(file)
        DATASETS.check(file.dataset)
        if not 1970 <= file.created.year < 9999:  # or another time zone's may be in no year that there is
            raise ConfigError(f"created is out of bounds: {file.created}")
        for name, value in (("run_id", file.run_id), ("base", file.base or file.run_id)):
            if not RUN_ID.fullmatch(value):
                raise ConfigError(f"{name} is not a valid run ID: {value!r}")
        if sum(file.extended_by) > BOUNDS["epochs"].high:
            raise ConfigError(f"extended_by must have at most {BOUNDS['epochs'].high:g} epochs in all")
        model = config_from_json(ModelConfig, file.model, "model")
        train = config_from_json(TrainConfig, file.train, "train")
    except (DamagedFileError, ConfigError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    return Run(
        **{
            **values,
            "created": file.created.isoformat(),
            "split_sizes": structs.asdict(file.split_sizes),
            "model": model,
            "train": train,
            "extended_by": tuple(file.extended_by),
            "folder": path.parent,
        }
    )


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
        now = stamp_of(path)
    except FileNotFoundError:
        return ()
    return _shipped_ids(path, now)


@lru_cache(maxsize=1)
def _shipped_ids(path: Path, _as_of: Stamp) -> tuple[str, ...]:
    """Parsed once for as long as the file stays the same: a page asks for every run that it lists."""
    return read_json(path, tuple[str, ...], most=MAX_RUN_FILE)


def has_saved_state(run: Run | DamagedRun) -> bool:
    """Whether there is a state to go on from, or to restore damaged files from."""
    try:
        return any((run.folder / name).exists() for name in (STATE_FILE, EARLIER_STATE_FILE))
    except PermissionError:
        return False


def ensure_present(run: Run | DamagedRun) -> None:
    """Check that the run has not been deleted since it was listed.

    Raises:
        CheckpointError: if its folder is gone.
    """
    if not run.folder.is_dir():
        raise CheckpointError(f"{run.run_id} no longer exists: it was deleted")
