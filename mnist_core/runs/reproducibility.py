"""Whether a run that was trained again gave the same result: the same weights, losses and accuracies, bit for bit."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mnist_core.decode import DamagedFileError, read_tensors
from mnist_core.errors import CheckpointError, WorkerError
from mnist_core.format import count
from mnist_core.runs.run import WEIGHTS_FILE, Run
from mnist_core.runs.status import Status, is_at_work, read_history, status_of
from mnist_core.types import EpochEnd

Weights = dict[str, np.ndarray]  # by name
CIRCUMSTANCES = ("machine", "device", "precision", "threads")  # that a run tells of, beside its versions


@dataclass(frozen=True, eq=False)
class Original:
    """What a repeat is compared with, read before it is trained, so that damage is reported at once."""

    run: Run
    epochs: tuple[EpochEnd, ...]
    weights: Weights | None  # None where none were kept

    @property
    def comparable_epochs(self) -> int:
        """After how many epochs a repeat has come as far as the original; all of them where no history tells."""
        return min(max((end.epoch for end in self.epochs), default=0), self.run.epochs) or self.run.epochs


@dataclass(frozen=True)
class TensorDifference:
    """A tensor that is not the same in both."""

    tensor: str
    largest_difference: float | None  # of its numbers; None: in one run only, of another shape, or not finite


@dataclass(frozen=True)
class Likeness:
    """The result of a repeat; its fields are the keys of the command line's JSON."""

    run_id: str
    repeats: str  # the original's id
    identical: bool | None  # None where nothing differs, but the weights could not be compared
    tensors: int | None  # how many were compared; None where they could not be, and then `uncompared` says why
    largest_difference: float | None  # None as well where one cannot be put in a number
    differing: tuple[TensorDifference, ...]
    epochs: int  # whose figures were compared
    planned_epochs: int
    first_differing_epoch: int | None
    circumstances: tuple[str, ...]  # what was not as before, such as "threads: 2 then, 1 now"
    uncompared: str | None
    status: Status  # of the repeat


def original_of(run: Run) -> Original:
    """Read the result of a run.

    Raises:
        WorkerError: if it is still being trained.
        CheckpointError: if its weights are damaged.
    """
    epochs = tuple(read_history(run).epochs)
    if is_at_work(run):
        raise WorkerError(f"{run.run_id} is being trained; wait until it ends, or stop it, then repeat it")
    return Original(run, epochs, _weights(run))


def compare(original: Original, repeated: Run) -> Likeness:
    """Compare a repeat with its original.

    Raises:
        CheckpointError: if the repeat's weights are damaged.
    """
    history = read_history(repeated)
    # the figures of each epoch that both know: a damaged history has gaps, and one of earlier versions no dead units
    before, after = (
        {end.epoch: replace(end, dead_units=None) for end in ends} for ends in (original.epochs, history.epochs)
    )
    known = sorted(before.keys() & after.keys())
    first_differing = next((epoch for epoch in known if before[epoch] != after[epoch]), None)
    uncompared = _why_uncompared(original, history.last_epoch)
    first, second = ({}, {}) if uncompared else (original.weights or {}, _weights(repeated) or {})
    differing = _differences(first, second)
    same: bool | None = None if uncompared else True
    largest = [difference.largest_difference for difference in differing]
    return Likeness(
        run_id=repeated.run_id,
        repeats=original.run.run_id,
        identical=False if differing or first_differing is not None else same,
        tensors=len(first.keys() | second.keys()) if same else None,
        largest_difference=None if uncompared or None in largest else max((d for d in largest if d), default=0.0),
        differing=differing,
        epochs=len(known),
        planned_epochs=history.planned_epochs if history.stopped_early else repeated.epochs,
        first_differing_epoch=first_differing,
        circumstances=_changed_circumstances(original.run, repeated),
        uncompared=uncompared,
        status=status_of(repeated, history),
    )


def summary_of(likeness: Likeness) -> dict[str, Any]:
    """The figures as plain values, as the command line prints them."""
    return asdict(likeness)


def sentence(likeness: Likeness) -> str:
    """The same for people; the first word or two say how it is."""
    verdict = {True: "identical", False: "not identical", None: "not compared"}[likeness.identical]
    said = [likeness.uncompared or _tensors_text(likeness)]
    if likeness.first_differing_epoch is not None:
        said.append(f"losses and accuracies differ from epoch {likeness.first_differing_epoch} on")
    elif likeness.epochs:
        said.append(f"losses and accuracies of {count(likeness.epochs, 'epoch')} are equal")
    lines = [f"{verdict}: {'; '.join(said)}"]
    if likeness.circumstances:
        lines.append("what has changed: " + "; ".join(likeness.circumstances))
    elif likeness.identical is False and likeness.tensors and not likeness.differing:
        lines.append(
            "the weights are the same, so the training was; only what the two histories say of it differs: versions "
            "before 0.3.0 evaluated in another precision"
        )
    elif likeness.identical is False:
        lines.append("versions, machine, threads, precision and device are the same: the files may have been changed")
    if 0 < likeness.epochs < likeness.planned_epochs and not likeness.uncompared:
        lines.append(
            f"compared as far as the training got: {likeness.epochs} of {count(likeness.planned_epochs, 'epoch')}"
        )
    return "\n".join(lines)


def _tensors_text(likeness: Likeness) -> str:
    if not likeness.differing:
        return f"all {likeness.tensors} tensors{'' if likeness.identical else ' are the same'}, bit for bit"
    # what cannot be put in a number is worst
    worst = max(likeness.differing, key=lambda d: np.inf if d.largest_difference is None else d.largest_difference)
    by = "in a way no number can express: missing, of another shape, or not finite"
    if worst.largest_difference is not None:
        by = f"by up to {worst.largest_difference:.3g}"
    return f"{len(likeness.differing)} of {likeness.tensors} tensors differ, most of all {worst.tensor}, {by}"


def _why_uncompared(original: Original, done: int) -> str | None:
    """Why the weights of a repeat that has done so many epochs are not the ones to compare, if so."""
    if original.weights is None:
        return f"there are no weights of {original.run.run_id} beside its run.json to compare with"
    if done < original.comparable_epochs:
        wanted = count(original.comparable_epochs, "epoch")
        return f"the repeat was stopped after {done} of {wanted}: its weights cannot be compared yet"
    best = max(original.epochs, key=lambda end: end.validation_accuracy, default=None)
    if best and best.epoch > done:
        repeated = count(done, "epoch")
        return f"the saved weights are those of epoch {best.epoch}, and only {repeated} can be repeated"
    return None


def _weights(run: Run) -> Weights | None:
    """Those of the run's folder, or, beside a `run.json` that was carried off, a download of them."""
    from mnist_core.networks.model import bytes_of

    for path in (run.folder / WEIGHTS_FILE, run.folder / f"{run.run_id}.safetensors"):
        try:
            return {name: tensor.numpy() for name, tensor in read_tensors(path, most=bytes_of(run.model)).items()}
        except FileNotFoundError:
            continue
        except (DamagedFileError, TypeError) as error:  # NumPy has no numbers of 16 bits with 8 of exponent
            raise CheckpointError(f"{path} is damaged: {error}") from error
    return None


def _differences(before: Weights, after: Weights) -> tuple[TensorDifference, ...]:
    """The tensors that are not the same bit for bit, in the order of their names."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if first is None or second is None or first.shape != second.shape:
            found.append(TensorDifference(name, None))
        elif first.dtype != second.dtype or first.tobytes() != second.tobytes():  # also tells -0 from 0, NaN from NaN
            with np.errstate(invalid="ignore"):
                largest = float(np.abs(first.astype(np.float64) - second.astype(np.float64)).max(initial=0.0))
            found.append(TensorDifference(name, largest if np.isfinite(largest) else None))
    return tuple(found)


def _changed_circumstances(before: Run, after: Run) -> tuple[str, ...]:
    """What can affect the last bit and was not the same for both."""
    pairs = {name: (before.versions.get(name), after.versions.get(name)) for name in before.versions | after.versions}
    pairs |= {name: (getattr(before, name), getattr(after, name)) for name in CIRCUMSTANCES}
    return tuple(
        f"{name}: {was or 'unknown'} then, {now or 'unknown'} now" for name, (was, now) in pairs.items() if was != now
    )
