"""A run as a folder that anyone can open: created, listed, loaded, renamed, deleted.

Whatever is damaged is listed as damaged, with the reason, and never breaks what stands beside it.
"""

import os
import platform
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

from filelock import Timeout

from mnist_core import paths
from mnist_core.errors import CheckpointError, MnistError
from mnist_core.files import after_the_last
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.lock import editing, hold, is_locked
from mnist_core.runs.run import (
    LOCK_FILE,
    RUN_FILE,
    RUN_ID,
    STATE_FILE,
    WEIGHTS_FILE,
    DamagedRun,
    Run,
    ensure_present,
    has_saved_state,
    load_run,
    shipped_ids,
    write_run,
)
from mnist_core.runs.status import is_asked_for, read_history
from mnist_core.runs.weights import has_weights
from mnist_core.training.config import BOUNDS, TrainConfig
from mnist_core.types import Dataset

WHEN = "%Y%m%d-%H%M%S"  # UTC, as ids begin
MAX_NAME = 80  # characters of a run's name
DELETED = ".deleted-"  # how the name of a folder begins that is being deleted, whatever kills whoever does it


def new_run_id(now: datetime, kind: str) -> str:
    """UTC time to the second, model and a short random part: safe as a file name everywhere."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # none that are mistaken for another
    return f"{now:{WHEN}}-{kind}-{''.join(secrets.choice(letters) for _ in range(4))}"


def create_run(
    dataset: Dataset,
    model: ModelConfig,
    train: TrainConfig,
    *,
    name: str = "",
    base: str | None = None,
    extended_by: tuple[int, ...] = (),
    like: Run | None = None,
    now: datetime | None = None,
) -> Run:
    """Make the folder of a run that has yet to be trained.

    Args:
        base: the run that it is to begin with instead of random weights; whoever says so puts its weights there.
        extended_by: epochs to add to those of `train`, each number a cycle of its own (see `extend_run`).
        like: a run whose device, precision and threads it takes, whatever they would come to here and now.
    Raises:
        CheckpointError: if the folder cannot be written.
        ConfigError: if the machine lacks the device asked for.
    """
    from mnist_core import machine
    from mnist_core.datasets.splits import size_of_fraction
    from mnist_core.networks.model import count_parameters_of

    now = now or datetime.now(UTC)
    run_id = _free_run_id(now, model.kind)
    device = machine.choose_device(like.device if like else train.device)
    run = Run(
        run_id=run_id,
        name=_clean_name(name),
        created=now.isoformat(timespec="seconds"),
        dataset=dataset.name,
        dataset_checksum=dataset.checksum,
        split_sizes={
            "train": size_of_fraction(
                len(dataset.train if model.refuses else dataset.train.digits_only()), train.train_share
            ),
            "validation": len(dataset.validation.digits_only()),
            "test": len(dataset.test.digits_only()),
        },
        model=model,
        train=train,
        device=device,
        precision=like.precision if like else machine.choose_precision(train.precision, device),
        threads=like.threads if like else machine.choose_threads(),
        parameters=count_parameters_of(model),
        versions={"python": platform.python_version(), **{name: metadata.version(name) for name in ("torch", "numpy")}},
        machine=machine.describe(),
        folder=paths.checkpoints_folder() / run_id,
        base=base,
        extended_by=extended_by,
    )
    try:
        run.folder.mkdir(parents=True)
        write_run(run)
    except OSError as error:
        shutil.rmtree(run.folder, ignore_errors=True)  # without its run.json it would be a damaged run
        raise CheckpointError(
            f"cannot create the run's folder {run.folder}: {error.strerror}; "
            "free some disk space, or set MNIST_CHECKPOINTS to a writable folder"
        ) from error
    return run


def run_ids() -> list[str]:
    """Of all runs, the newest first, including the shipped ones; none of their files is read."""
    return sorted((folder.name for folder in _run_folders()), reverse=True)


def load_runs(ids: Iterable[str]) -> list[Run | DamagedRun]:
    """The runs of these ids, in their order."""
    return [_load_or_say(_folder_of(run_id)) for run_id in ids]


def list_runs() -> list[Run | DamagedRun]:
    """All runs, the newest first, including the shipped ones."""
    return load_runs(run_ids())


def healthy_runs() -> list[Run]:
    return [run for run in list_runs() if isinstance(run, Run)]


def find_run(reference: str) -> Run:
    """The run with this id, unique prefix of an id, or `latest`.

    Raises:
        CheckpointError: if it is none, several, or damaged.
    """
    return load_run(_find_folder(reference))


def find_folder(reference: str) -> Run | DamagedRun:
    """Like `find_run`, and a damaged one is found too.

    Raises:
        CheckpointError: if it is none or several.
    """
    return _load_or_say(_find_folder(reference))


def _find_folder(reference: str) -> Path:
    names = sorted(folder.name for folder in _run_folders())
    if reference == "latest":
        own = [name for name in names if name not in shipped_ids()] or names
        matches = own[-1:]
    else:
        matches = [name for name in names if name == reference] or [
            n for n in names if reference and n.startswith(reference)
        ]
    if len(matches) == 1:
        return _folder_of(matches[0])
    if not matches:
        raise CheckpointError(f"there is no run {reference!r} in {paths.checkpoints_folder()}; `runs` lists them all")
    raise CheckpointError(f"{reference!r} matches {len(matches)} runs: {', '.join(matches[:5])}; give more of the ID")


def default_run() -> Run:
    """The shipped model that predicts unless another is chosen; failing that, the newest run with weights."""
    candidates = [run_id for run_id in shipped_ids() if (_folder_of(run_id) / WEIGHTS_FILE).exists()]
    if candidates:
        return load_run(_folder_of(candidates[0]))
    for run in healthy_runs():
        if has_weights(run):
            return run
    raise CheckpointError("there is no trained model yet; train one first")


def rename_run(run: Run, name: str) -> Run:
    """Give a run another name; its id stays.

    Raises:
        CheckpointError: if it is gone, ships with the app, or cannot be written.
    """
    ensure_present(run)
    _refuse_shipped(run, "renamed")
    try:
        with editing(run.folder.parent):
            ensure_present(run)
            renamed = replace(load_run(run.folder), name=_clean_name(name))  # it may have been extended meanwhile
            write_run(renamed)
    except OSError as error:
        raise CheckpointError(f"cannot write {run.folder / RUN_FILE}: {error.strerror}") from error
    return renamed


def extend_run(run: Run, epochs: int) -> Run:
    """Give a finished run more epochs to train; `control.start` then continues it.

    A one-cycle schedule has come to its end, so the added epochs are a cycle of their own, from a low rate up to the
    peak and down again (a warm restart: Loshchilov and Hutter 2017). A constant rate goes on, as if all the epochs had
    been asked for at once.

    Raises:
        CheckpointError: if it is gone, ships with the app, is not finished or has no saved state to go on from.
    """
    ensure_present(run)
    _refuse_shipped(run, "trained on; start a new run with its settings")
    if run.base:
        raise CheckpointError(
            f"{run.run_id} was fine-tuned on handwriting; fine-tune a new run instead of extending it"
        )
    try:
        with hold(run.folder / LOCK_FILE):
            run = load_run(run.folder)  # another tab may have extended it just now
            most = int(BOUNDS["epochs"].high) - run.epochs
            if not 1 <= epochs <= most:
                raise CheckpointError(f"{run.run_id} already has {run.epochs} epochs; 1 to {most} can be added")
            history = read_history(run)
            if history.stopped_early:
                raise CheckpointError(
                    f"{run.run_id} stopped early, after {history.last_epoch} of {run.epochs} epochs; start a new run "
                    f"with more patience than {run.train.patience}"
                )
            if history.last_event != "finished" or history.last_epoch < run.epochs:
                raise CheckpointError(
                    f"{run.run_id} still has epochs left to train; resume it first and extend it later"
                )
            if not has_saved_state(run):
                raise CheckpointError(f"{run.folder / STATE_FILE} is missing, so there is nothing to continue from")
            with editing(run.folder.parent):
                extended = replace(load_run(run.folder), extended_by=(*run.extended_by, epochs))
                write_run(extended)
    except Timeout as error:
        raise CheckpointError(f"{run.run_id} is being trained; extend it once it has finished") from error
    except OSError as error:
        raise CheckpointError(f"cannot write {run.folder / RUN_FILE}: {error.strerror}") from error
    return extended


def delete_run(run: Run | DamagedRun) -> None:
    """Remove a run's folder for good.

    Raises:
        CheckpointError: if it is gone, being trained, ships with the app, or cannot be removed.
    """
    ensure_present(run)
    _refuse_shipped(run, "deleted")
    checkpoints = run.folder.parent
    aside = checkpoints / f"{DELETED}{run.run_id}-{secrets.token_hex(4)}"
    try:
        with editing(checkpoints):  # nobody finds half of it, and nobody writes to what is gone
            ensure_present(run)
            _refuse_at_work(run)
            run.folder.rename(aside)
        _remove(aside)
    except OSError as error:
        with suppress(OSError):
            aside.rename(run.folder)
        raise CheckpointError(f"cannot delete {run.folder}: {error.strerror}") from error
    for leftover in checkpoints.glob(f"{DELETED}*"):  # of whoever was killed amid it
        shutil.rmtree(leftover, ignore_errors=True)


def _refuse_at_work(run: Run | DamagedRun) -> None:
    if is_locked(run.folder / LOCK_FILE):
        raise CheckpointError(f"{run.run_id} is being trained; stop it first")
    if is_asked_for(run):
        raise CheckpointError(f"{run.run_id} is about to be trained; stop it once it has begun, then delete it")


def _remove(folder: Path) -> None:
    """Somebody else may be clearing it away, too."""
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
        return
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def _free_run_id(now: datetime, kind: str) -> str:
    """One that no run has yet, and after those of all runs before it: theirs is the order of runs."""
    own = (folder.name for folder in _run_folders() if folder.name >= f"{now:{WHEN}}" and _is_own(folder))
    then = after_the_last(own, now, when=WHEN, step=timedelta(seconds=1))
    while (paths.checkpoints_folder() / (run_id := new_run_id(then, kind))).exists():
        pass
    return run_id


def _is_own(folder: Path) -> bool:
    """Whether it is a run made here: what is damaged, or shipped, tells nothing of what time it was here."""
    run = _load_or_say(folder)
    return isinstance(run, Run) and not run.shipped


def _load_or_say(folder: Path) -> Run | DamagedRun:
    try:
        return load_run(folder)
    except MnistError as error:
        return DamagedRun(folder.name, str(error), folder)


def _run_folders() -> list[Path]:
    own = paths.checkpoints_folder()
    entries = list(os.scandir(own)) if own.is_dir() else []  # knows what is a folder without asking for each
    folders = [Path(entry) for entry in entries if RUN_ID.fullmatch(entry.name) and entry.is_dir()]
    there = {folder.name for folder in folders}
    shipped = [paths.shipped_folder() / run_id for run_id in shipped_ids() if run_id not in there]
    return folders + [folder for folder in shipped if folder.is_dir()]


def _folder_of(run_id: str) -> Path:
    own = paths.checkpoints_folder() / run_id
    return own if own.is_dir() else paths.shipped_folder() / run_id


def _refuse_shipped(run: Run | DamagedRun, what: str) -> None:
    if run.run_id in shipped_ids():
        raise CheckpointError(f"{run.run_id} ships with the app and cannot be {what}")


def _clean_name(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME]
