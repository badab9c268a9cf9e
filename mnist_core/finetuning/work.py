"""How far a fine-tuning is, over all that it does: its worker writes it into the run's folder, pages read it there."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mnist_core.decode import DamagedFileError, Fraction, Seconds, read_json
from mnist_core.errors import CheckpointError
from mnist_core.files import replacing
from mnist_core.finetuning.examples import FOLDS, Examples

FILE = "work.json"
MAX_FILE = 1000  # bytes
TELL_SECONDS = 0.25  # between two looks at it
MIN_TOLD = 0.05  # of the work: before that its speed is not known

Part = Literal["draw", "look", "learn", "fold", "compare"]
# About the processor seconds that each takes with the shipped CNN and twenty drawings, measured beside other work: only
# how they compare matters.
COSTS: dict[Part, float] = {"draw": 3.7, "look": 0.6, "learn": 1.4, "fold": 0.9, "compare": 1.5}


@dataclass(frozen=True)
class Standing:
    """How far the work was when its worker last told."""

    done: Fraction
    seconds_left: Seconds | None = None  # None while nothing tells


class Work:
    """Counts what is done, and tells the run's folder."""

    def __init__(self, folder: Path, examples: Examples, *, folds_done: int = 0) -> None:
        """
        Args:
            folds_done: by earlier workers.
        """
        folds: list[Part] = ["fold"] * (FOLDS - folds_done if examples.method == "folds" else 0)
        self._parts: list[Part] = ["draw", "look", "learn", *folds, "compare"]
        self._folder = folder
        self._done_before = _load(folder)
        self._ended = 0  # parts
        self._began = self._told = time.monotonic()

    def tell(self, part: Part, fraction: float) -> None:
        """So much of a part is done, 0 to 1; what stands before it in the order is over."""
        while self._parts[self._ended] != part:
            self._ended += 1
        if fraction >= 1:
            self._ended += 1
            fraction = 0.0
        elif time.monotonic() - self._told < TELL_SECONDS:
            return
        self._told = time.monotonic()
        self._write(fraction)

    def _write(self, fraction: float) -> None:
        costs = [COSTS[part] for part in self._parts]
        now = costs[self._ended] * fraction if self._ended < len(costs) else 0.0
        done = (sum(costs[: self._ended]) + now) / sum(costs)
        left = (self._told - self._began) * (1 - done) / done if done >= MIN_TOLD else None
        standing = Standing(self._done_before + (1 - self._done_before) * min(1.0, done), left)
        with replacing(self._folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(standing)) + "\n", encoding="utf8")


def load_standing(folder: Path) -> Standing:
    """How far the work is; nothing done where nobody has told yet.

    Raises:
        CheckpointError: naming the file, if it is damaged.
    """
    path = folder / FILE
    try:
        return read_json(path, Standing, most=MAX_FILE)
    except FileNotFoundError:
        return Standing(0.0)
    except DamagedFileError as error:
        raise CheckpointError(f"{path} is damaged ({error}): delete it; the model itself is not affected") from error


def _load(folder: Path) -> float:
    try:
        return load_standing(folder).done
    except CheckpointError:  # it is written anew
        return 0.0
