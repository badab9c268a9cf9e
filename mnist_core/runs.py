"""A run as a folder that anyone can open: created, listed, loaded, renamed, deleted.

Whatever is damaged is listed as damaged, with the reason, and never breaks what stands beside it.
"""

import json
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from mnist_core import places
from mnist_core.config import DatasetName, ModelConfig, TrainConfig, config_from_json
from mnist_core.errors import CheckpointError, ConfigError, MnistError
from mnist_core.history import FILE as HISTORY_FILE
from mnist_core.history import History, HistoryReader
from mnist_core.lock import is_locked
from mnist_core.records import Dataset, SplitName

if TYPE_CHECKING:
    from mnist_core.model import Network

RUN_FILE = "run.json"
WEIGHTS_FILE = "weights.safetensors"
STATE_FILE = "state.pt"
LOCK_FILE = "lock"
LOG_FILE = "worker.log"
ASKED_FILE = "asked"  # empty; its time is when a worker was last asked for
SHIPPED_FILE = "shipped.json"  # names the runs that come with the product, the default first

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-(mlp|cnn)-[a-z0-9]{4}")
STARTING_SECONDS = 20.0  # how long a worker may take from being asked for to holding its lock
MOST_NAME = 80  # characters of a run's name
MOST_RUN_FILE = 1_000_000  # bytes: a run.json is a few hundred

Status = Literal["starting", "queued", "running", "stopped", "interrupted", "finished", "failed"]


@dataclass(frozen=True)
class Run:
    """One training: everything that was fixed when it was created."""

    run_id: str
    name: str
    created: str  # ISO 8601, UTC
    dataset: DatasetName
    dataset_checksum: str
    split_sizes: dict[str, int]
    model: ModelConfig
    train: TrainConfig
    device: str  # cpu or cuda: what `auto` came to
    precision: str  # float32 or bfloat16: what `auto` came to
    threads: int
    parameters: int
    versions: dict[str, str]
    machine: str
    folder: Path
    base: str | None = None  # the run whose weights it began with, to be taught a person's hand (see `teach`)

    @property
    def shipped(self) -> bool:
        """It came with the product and is not the user's to rename or delete."""
        return self.run_id in shipped_ids()


@dataclass(frozen=True)
class DamagedRun:
    """A folder that should be a run and is not."""

    run_id: str
    reason: str
    folder: Path


def new_run_id(now: datetime, kind: str) -> str:
    """UTC time to the second, model and a short random part: safe as a file name everywhere."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # none that are mistaken for another
    return f"{now:%Y%m%d-%H%M%S}-{kind}-{''.join(secrets.choice(letters) for _ in range(4))}"


def create_run(
    dataset: Dataset,
    model: ModelConfig,
    train: TrainConfig,
    *,
    name: str = "",
    base: str | None = None,
    now: datetime | None = None,
) -> Run:
    """Make the folder of a run that has yet to be trained.

    Args:
        base: the run that it is to begin with instead of random weights; whoever says so puts its weights there.
    Raises:
        CheckpointError: if the folder cannot be written.
        ConfigError: if the machine lacks the device asked for.
    """
    from mnist_core import machine
    from mnist_core.model import count_parameters_of

    now = now or datetime.now(UTC)
    run_id = new_run_id(now, model.kind)
    device = machine.choose_device(train.device)
    run = Run(
        run_id=run_id,
        name=_clean_name(name),
        created=now.isoformat(timespec="seconds"),
        dataset=dataset.name,
        dataset_checksum=dataset.checksum,
        split_sizes={
            "train": len(dataset.train if model.refuses else dataset.train.digits_only()),
            "validation": len(dataset.validation.digits_only()),
            "test": len(dataset.test.digits_only()),
        },
        model=model,
        train=train,
        device=device,
        precision=machine.choose_precision(train.precision, device),
        threads=machine.choose_threads(),
        parameters=count_parameters_of(model),
        versions={"python": platform.python_version(), **{name: metadata.version(name) for name in ("torch", "numpy")}},
        machine=machine.describe(),
        folder=places.checkpoints_folder() / run_id,
        base=base,
    )
    try:
        run.folder.mkdir(parents=True)
        _write_run(run)
    except OSError as error:
        raise CheckpointError(
            f"cannot create the run's folder {run.folder}: {error.strerror}; "
            "make room or set MNIST_CHECKPOINTS to a folder that can be written"
        ) from error
    return run


def list_runs() -> list[Run | DamagedRun]:
    """All runs, the newest first; those that came with the product are among them."""
    found = {folder.name: folder for folder in _run_folders()}
    return [_load_or_say(found[run_id]) for run_id in sorted(found, reverse=True)]


def healthy_runs() -> list[Run]:
    return [run for run in list_runs() if isinstance(run, Run)]


def find_run(reference: str) -> Run:
    """The run meant by an id, a unique beginning of one, or `latest`.

    Raises:
        CheckpointError: if it is none, several, or damaged.
    """
    names = sorted(folder.name for folder in _run_folders())
    if reference == "latest":
        own = [name for name in names if name not in shipped_ids()] or names
        matches = own[-1:]
    else:
        matches = [name for name in names if name == reference] or [
            n for n in names if reference and n.startswith(reference)
        ]
    if len(matches) == 1:
        return load_run(_folder_of(matches[0]))
    if not matches:
        raise CheckpointError(f"no run {reference!r} in {places.checkpoints_folder()}; `runs` lists what is there")
    raise CheckpointError(
        f"{reference!r} is the beginning of {len(matches)} runs: {', '.join(matches[:5])}; give more of it"
    )


def load_run(folder: Path) -> Run:
    """Read `run.json`.

    Raises:
        CheckpointError: naming the file, if it is missing, not JSON, or not what we write.
    """
    path = folder / RUN_FILE
    try:
        if path.stat().st_size > MOST_RUN_FILE:
            raise CheckpointError(f"{path} is larger than a run.json can be")
        values = json.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing") from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is not JSON: {error}") from error
    return _run_from_json(values, path)


def default_run() -> Run:
    """The shipped model that predicts unless another is chosen; failing that, the newest run with weights."""
    candidates = [run_id for run_id in shipped_ids() if (_folder_of(run_id) / WEIGHTS_FILE).exists()]
    if candidates:
        return load_run(_folder_of(candidates[0]))
    for run in healthy_runs():
        if has_weights(run):
            return run
    raise CheckpointError("there is no trained model yet; train one first")


def shipped_ids() -> tuple[str, ...]:
    try:
        ids = json.loads((places.shipped_folder() / SHIPPED_FILE).read_text(encoding="utf8"))
    except FileNotFoundError:
        return ()
    return tuple(ids)


def has_weights(run: Run) -> bool:
    return (run.folder / WEIGHTS_FILE).exists()


def can_resume(run: Run) -> bool:
    return status(run) in ("stopped", "interrupted", "failed")


def status(run: Run, history: History | None = None) -> Status:
    """What a run is doing, from its lock and its last event."""
    history = history or read_history(run)
    if is_locked(run.folder / LOCK_FILE):
        return "queued" if history.last_event in (None, "queued", "stopped", "failed", "finished") else "running"
    if _is_asked_for(run, history):
        return "starting"
    if history.last_event in ("finished", "failed", "stopped"):
        return history.last_event
    return "interrupted"


def read_history(run: Run) -> History:
    return HistoryReader(run.folder / HISTORY_FILE).read()


def load_model(run: Run, *, device: str = "cpu") -> "Network":
    """The network with its best epoch's weights, in evaluation mode.

    Raises:
        CheckpointError: if there are none yet, or they are damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from mnist_core.model import build_model

    path = run.folder / WEIGHTS_FILE
    model = build_model(run.model)
    try:
        model.load_state_dict(load_file(path, device=device))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{run.run_id} has no weights yet: they are written when its first epoch is done"
        ) from error
    except (SafetensorError, RuntimeError, OSError) as error:
        raise CheckpointError(f"{path} is damaged or of another network: {error}") from error
    return model.to(device).eval()


def ensure_present(run: Run | DamagedRun) -> None:
    """Meet a run that somebody else has deleted since it was listed.

    Raises:
        CheckpointError: if its folder is gone.
    """
    if not run.folder.is_dir():
        raise CheckpointError(f"{run.run_id} is not here any more: it was deleted")


def rename_run(run: Run, name: str) -> Run:
    """Give a run another name; its id stays.

    Raises:
        CheckpointError: if it is gone, came with the product, or cannot be written.
    """
    ensure_present(run)
    _refuse_shipped(run, "renamed")
    renamed = replace(run, name=_clean_name(name))
    try:
        _write_run(renamed)
    except OSError as error:
        raise CheckpointError(f"cannot write {run.folder / RUN_FILE}: {error.strerror}") from error
    return renamed


def delete_run(run: Run | DamagedRun) -> None:
    """Remove a run's folder for good.

    Raises:
        CheckpointError: if it is gone, being trained, came with the product, or cannot be removed.
    """
    ensure_present(run)
    _refuse_shipped(run, "deleted")
    if is_locked(run.folder / LOCK_FILE):
        raise CheckpointError(f"{run.run_id} is being trained; stop it first")
    try:
        if run.folder.is_symlink():
            run.folder.unlink()
        else:
            shutil.rmtree(run.folder)
    except OSError as error:
        raise CheckpointError(f"cannot delete {run.folder}: {error.strerror}") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file beside its place, then move it in: readers see the old one or the new one, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_run(run: Run) -> None:
    values = {key: value for key, value in asdict(run).items() if key != "folder"}
    with replacing(run.folder / RUN_FILE) as beside:
        beside.write_text(json.dumps(values, indent=2) + "\n", encoding="utf8")


def _run_from_json(values: Any, path: Path) -> Run:
    expected = {field.name for field in fields(Run)} - {"folder"}
    if isinstance(values, dict):
        values.setdefault("base", None)  # the first version had none
    if not isinstance(values, dict) or set(values) != expected:
        odd = expected.symmetric_difference(values) if isinstance(values, dict) else {"not an object"}
        raise CheckpointError(f"{path} is not a run: unknown or missing {', '.join(sorted(odd))}")
    try:
        run = Run(
            **{
                **values,
                "model": config_from_json(ModelConfig, values["model"], str(path)),
                "train": config_from_json(TrainConfig, values["train"], str(path)),
                "folder": path.parent,
            }
        )
    except ConfigError as error:
        raise CheckpointError(str(error)) from error
    if run.run_id != path.parent.name:
        raise CheckpointError(f"{path} belongs to the run {run.run_id!r}, not to its folder")
    _check_types(run, path)
    return run


def _check_types(run: Run, path: Path) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
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
            raise CheckpointError(f"{path}: {name} is not a {kind}")
    if run.base is not None and not (isinstance(run.base, str) and RUN_ID.fullmatch(run.base)):
        raise CheckpointError(f"{path}: base is not the id of a run")
    choices = {"dataset": get_args(DatasetName), "device": ("cpu", "cuda"), "precision": ("float32", "bfloat16")}
    for name, allowed in choices.items():
        if getattr(run, name) not in allowed:
            raise CheckpointError(f"{path}: {name} must be one of {', '.join(allowed)}")
    sizes = run.split_sizes
    if set(sizes) != set(get_args(SplitName)) or not all(isinstance(n, int) and n >= 1 for n in sizes.values()):
        raise CheckpointError(f"{path}: split_sizes must give {', '.join(get_args(SplitName))} at least one image each")
    try:
        zone = datetime.fromisoformat(run.created).tzinfo
    except ValueError as error:
        raise CheckpointError(f"{path}: created is not a time: {run.created!r}") from error
    if zone is None:
        raise CheckpointError(f"{path}: created does not say its time zone: {run.created!r}")


def _load_or_say(folder: Path) -> Run | DamagedRun:
    try:
        return load_run(folder)
    except MnistError as error:
        return DamagedRun(folder.name, str(error), folder)


def _run_folders() -> list[Path]:
    own = places.checkpoints_folder()
    folders = [f for f in own.iterdir() if RUN_ID.fullmatch(f.name) and f.is_dir()] if own.is_dir() else []
    there = {folder.name for folder in folders}
    shipped = [places.shipped_folder() / run_id for run_id in shipped_ids() if run_id not in there]
    return folders + [folder for folder in shipped if folder.is_dir()]


def _folder_of(run_id: str) -> Path:
    own = places.checkpoints_folder() / run_id
    return own if own.is_dir() else places.shipped_folder() / run_id


def _refuse_shipped(run: Run | DamagedRun, what: str) -> None:
    if run.run_id in shipped_ids():
        raise CheckpointError(f"{run.run_id} came with the product and cannot be {what}")


def _clean_name(name: str) -> str:
    return " ".join(name.split())[:MOST_NAME]


def _is_asked_for(run: Run, history: History) -> bool:
    """Whether a worker was asked for just now and has said nothing yet."""
    try:
        asked = (run.folder / ASKED_FILE).stat().st_mtime
    except FileNotFoundError:
        return False
    return asked > history.last_time and time.time() - asked < STARTING_SECONDS
