"""Whether a run that was trained once more came to the same: its weights bit for bit, its epochs figure for figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.errors import CheckpointError, WorkerError
from mnist_core.format import count
from mnist_core.runs.history import History
from mnist_core.runs.run import WEIGHTS_FILE, Run
from mnist_core.runs.status import Status, is_at_work, read_history, status_of
from mnist_core.types import EpochEnd

# What an epoch came to; how long it took is not asked.
FIGURES = ("step", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
CIRCUMSTANCES = ("machine", "device", "precision", "threads")  # that a run tells of, beside its versions


@dataclass(frozen=True, eq=False)
class Original:
    """What a repeat is held against, read before it is trained: then damage is told at once."""

    run: Run
    epochs: tuple[EpochEnd, ...]
    weights: dict[str, np.ndarray] | None  # by name; None where none were kept

    @property
    def comparable_epochs(self) -> int:
        """After how many epochs a repeat has come as far as the original; all of them where no history tells."""
        last = self.epochs[-1].epoch if self.epochs else 0
        return min(last, self.run.epochs) or self.run.epochs

    @property
    def best_epoch(self) -> int:
        """Whose weights were kept; 0 where no history tells."""
        return max(self.epochs, key=lambda epoch: epoch.validation_accuracy).epoch if self.epochs else 0


@dataclass(frozen=True)
class TensorDifference:
    """A tensor that is not the same in both."""

    name: str
    largest: float | None  # of the differences of its numbers; None: in one run only, another shape, or not finite


@dataclass(frozen=True)
class Likeness:
    """What became of a repeat."""

    run_id: str
    repeats: str  # the original's id
    status: Status  # of the repeat
    tensors: int | None  # how many were compared; None where they could not be, and then `uncompared` says why
    differing: tuple[TensorDifference, ...]
    epochs: int  # whose figures were compared
    planned_epochs: int
    first_differing_epoch: int | None
    circumstances: tuple[str, ...]  # what was not as before, such as "threads: 2 then, 1 now"
    uncompared: str = ""

    @property
    def identical(self) -> bool | None:
        """None where nothing differs, but the weights could not be compared."""
        if self.differing or self.first_differing_epoch is not None:
            return False
        return None if self.tensors is None else True

    @property
    def largest(self) -> TensorDifference | None:
        """The tensor that differs most; one that cannot be put in a number before all others."""
        return max(self.differing, key=lambda d: np.inf if d.largest is None else d.largest, default=None)


def original_of(run: Run) -> Original:
    """Read what a run came to.

    Raises:
        WorkerError: if it is still being trained.
        CheckpointError: if its weights are damaged.
    """
    history = read_history(run)
    if is_at_work(run):
        raise WorkerError(f"{run.run_id} is being trained; wait for its end, or stop it, then repeat it")
    return Original(run, tuple(history.epochs), _weights(run))


def compare(original: Original, repeated: Run) -> Likeness:
    """Hold a repeat against its original.

    Raises:
        CheckpointError: if the repeat's weights are damaged.
    """
    history = read_history(repeated)
    before, after = _figures(original.epochs), _figures(history.epochs)
    known = sorted(before.keys() & after.keys())  # a damaged history has gaps
    uncompared = _why_uncompared(original, history)
    weights = {} if uncompared else _weights(repeated) or {}
    return Likeness(
        run_id=repeated.run_id,
        repeats=original.run.run_id,
        status=status_of(repeated, history),
        tensors=None if uncompared else len(weights.keys() | (original.weights or {}).keys()),
        differing=() if uncompared else differences(original.weights or {}, weights),
        epochs=len(known),
        planned_epochs=repeated.epochs,
        first_differing_epoch=next((epoch for epoch in known if before[epoch] != after[epoch]), None),
        circumstances=circumstances(original.run, repeated),
        uncompared=uncompared,
    )


def differences(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> tuple[TensorDifference, ...]:
    """The tensors that are not the same bit for bit, in the order of their names."""
    return tuple(
        TensorDifference(name, _largest(before.get(name), after.get(name)))
        for name in sorted(before.keys() | after.keys())
        if not _is_same(before.get(name), after.get(name))
    )


def circumstances(before: Run, after: Run) -> tuple[str, ...]:
    """What is known to bear on the last bit and was not the same for both."""
    pairs = {name: (before.versions.get(name), after.versions.get(name)) for name in before.versions | after.versions}
    pairs |= {name: (getattr(before, name), getattr(after, name)) for name in CIRCUMSTANCES}
    return tuple(
        f"{name}: {was or 'unknown'} then, {now or 'unknown'} now" for name, (was, now) in pairs.items() if was != now
    )


def summary_of(likeness: Likeness) -> dict[str, Any]:
    """The figures as plain values, as the command line prints them."""
    largest = likeness.largest
    return {
        "run_id": likeness.run_id,
        "repeats": likeness.repeats,
        "identical": likeness.identical,
        "tensors": likeness.tensors,
        "largest_difference": largest.largest if largest else (None if likeness.tensors is None else 0.0),
        "differing": [{"tensor": d.name, "largest_difference": d.largest} for d in likeness.differing],
        "epochs": likeness.epochs,
        "planned_epochs": likeness.planned_epochs,
        "first_differing_epoch": likeness.first_differing_epoch,
        "circumstances": list(likeness.circumstances),
        "uncompared": likeness.uncompared or None,
        "status": likeness.status,
    }


def sentence(likeness: Likeness) -> str:
    """The same for people; the first word or two say how it is."""
    lines = [_verdict(likeness), *_because(likeness)]
    if 0 < likeness.epochs < likeness.planned_epochs and not likeness.uncompared:
        lines.append(f"compared as far as it came: {likeness.epochs} of {count(likeness.planned_epochs, 'epoch')}")
    return "\n".join(lines)


def _verdict(likeness: Likeness) -> str:
    epochs = "" if not likeness.epochs else f"; the figures of {count(likeness.epochs, 'epoch')} are equal"
    if likeness.identical:
        return f"identical: all {likeness.tensors} tensors, bit for bit{epochs}"
    if likeness.identical is None:
        return f"not compared: {likeness.uncompared}{epochs}"
    parts = [_differing_text(likeness), likeness.uncompared]
    if likeness.first_differing_epoch is not None:
        parts.append(f"the figures differ from epoch {likeness.first_differing_epoch} on")
    elif likeness.epochs:
        parts.append(f"the figures of {count(likeness.epochs, 'epoch')} are equal")
    return "not identical: " + "; ".join(part for part in parts if part)


def _differing_text(likeness: Likeness) -> str:
    largest = likeness.largest
    if largest is None:
        return "" if likeness.tensors is None else f"all {likeness.tensors} tensors are the same bit for bit"
    by = "in a way that no number tells: missing, of another shape, or not finite"
    if largest.largest is not None:
        by = f"by up to {largest.largest:.3g}"
    return f"{len(likeness.differing)} of {likeness.tensors} tensors differ, most of all {largest.name}, {by}"


def _because(likeness: Likeness) -> list[str]:
    if likeness.circumstances:
        return ["not as before: " + "; ".join(likeness.circumstances)]
    if likeness.identical is False:
        return ["versions, machine, threads, precision and device are as before: the files may have been changed"]
    return []


def _why_uncompared(original: Original, history: History) -> str:
    run, done = original.run, history.last_epoch
    if original.weights is None:
        return f"there are no weights of {run.run_id} beside its run.json to compare with"
    if done < original.comparable_epochs:
        wanted = count(original.comparable_epochs, "epoch")
        return f"the repeat was stopped after {done} of {wanted}: its weights are not the ones to compare"
    if original.best_epoch > done:
        repeated = count(done, "epoch")
        return f"the weights kept are those of epoch {original.best_epoch}, and only {repeated} can be repeated"
    return ""


def _weights(run: Run) -> dict[str, np.ndarray] | None:
    """Those of the run's folder, or, beside a `run.json` that was carried off, a download of them."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    for name in (WEIGHTS_FILE, f"{run.run_id}.safetensors"):
        path = run.folder / name
        try:
            return dict(load_file(path))
        except FileNotFoundError:
            continue
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from error
    return None


def _figures(epochs: Sequence[EpochEnd]) -> dict[int, tuple[float, ...]]:
    """What each epoch came to, by its number."""
    return {epoch.epoch: tuple(getattr(epoch, name) for name in FIGURES) for epoch in epochs}


def _is_same(before: np.ndarray | None, after: np.ndarray | None) -> bool:
    if before is None or after is None or before.shape != after.shape or before.dtype != after.dtype:
        return False
    return before.tobytes() == after.tobytes()  # also tells -0 from 0, and one NaN from another


def _largest(before: np.ndarray | None, after: np.ndarray | None) -> float | None:
    if before is None or after is None or before.shape != after.shape:
        return None
    with np.errstate(invalid="ignore"):
        largest = float(np.abs(before.astype(np.float64) - after.astype(np.float64)).max(initial=0.0))
    return largest if np.isfinite(largest) else None
