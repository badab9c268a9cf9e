"""Runs that differ in their seed only: the same settings, tried several times, to show how much is luck."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from mnist_core.runs.run import Run
from mnist_core.training.config import BOUNDS

MIN_SEEDS, MAX_SEEDS = 2, 20  # of one repetition


@dataclass(frozen=True)
class SeedGroup:
    """Two or more runs of the same settings, each with a seed of its own, in the order they were given."""

    runs: tuple[Run, ...]

    @property
    def seeds(self) -> list[int]:
        return sorted(run.train.seed for run in self.runs)


def settings_of(run: Run) -> Hashable:
    """Equal for runs that differ in nothing but seed, name and notes. A fine-tuned run equals no other."""
    train = replace(run.train, seed=0, device="auto", precision="auto")  # what they came to stands in the run itself
    taught = run.run_id if run.base else None
    return run.dataset, run.dataset_checksum, run.model, train, run.extended_by, run.device, run.precision, taught


def group_by_settings(runs: Iterable[Run], *, least: int = 2) -> list[Run | SeedGroup]:
    """Runs of the same settings put together where there are at least so many, all in the order of each first run.

    A seed counts once in a group: a second run with it is the same training again, and stands for itself.
    """
    gathered: dict[Hashable, list[Run]] = {}
    for run in runs:
        key = settings_of(run)
        if any(other.train.seed == run.train.seed for other in gathered.get(key, [])):
            key = run.run_id
        gathered.setdefault(key, []).append(run)
    found: list[Run | SeedGroup] = []
    for group in gathered.values():
        found += [SeedGroup(tuple(group))] if len(group) >= least else group
    return found


def siblings_of(run: Run, known: Iterable[Run]) -> list[Run]:
    """The run and those of `known` with which it makes a group; only itself where there are none."""
    others = [other for other in known if other.run_id != run.run_id and settings_of(other) == settings_of(run)]
    [mine, *_] = group_by_settings([run, *others])
    return list(mine.runs) if isinstance(mine, SeedGroup) else [run]


def free_seeds(run: Run, known: Iterable[Run], count: int) -> list[int]:
    """The next seeds after the run's own that no run of the same settings has; after the greatest comes the least."""
    taken = {other.train.seed for other in known if settings_of(other) == settings_of(run)} | {run.train.seed}
    bound = BOUNDS["seed"]
    low, many = int(bound.low), int(bound.high) - int(bound.low) + 1
    found: list[int] = []
    seed = run.train.seed
    while len(found) < count:
        seed = low + (seed + 1 - low) % many
        if seed not in taken:
            found.append(seed)
    return found
