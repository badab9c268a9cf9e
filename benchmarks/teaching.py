"""What teaching twenty drawings takes and gives: `python -m benchmarks.teaching FOLDER [--run RUN] [--writers N]`.

FOLDER holds pictures and `labels.csv` (see `benchmarks.labelled`). Of each of some writers on the canvas a copy of the
model learns two of each digit; then it reads the writer's others, other people's, what is no digit, and MNIST's test
images. Of the first writer the whole teaching, as the app does it, is timed in seconds and in processor seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.labelled import Labelled, read_labels
from mnist_core.datasets import mnist, picture_store, registry
from mnist_core.errors import DatasetError, ImageError, MnistError
from mnist_core.finetuning.before_after import FineTuning, begin_fine_tuning, read_all
from mnist_core.finetuning.finetune import REJECTED, create_fine_tuning_run, old_dataset
from mnist_core.images.decode import read_picture
from mnist_core.images.preprocess import preprocess
from mnist_core.networks.network import Network
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model
from mnist_core.statistics.wilson import wilson_interval
from mnist_core.training.loop import Training, train
from mnist_core.types import Dataset

TAUGHT_OF_EACH = 2  # drawings of each digit
OTHERS_EVERY = 4  # of other people's drawings every fourth is read


@dataclass(frozen=True, eq=False)
class Drawn:
    """Pictures in MNIST's form."""

    files: list[Path]
    images: np.ndarray  # (N, 28, 28) uint8
    labels: np.ndarray  # (N,) int64, REJECTED for what is no digit
    writers: np.ndarray  # (N,) str; empty for what is no digit


def drawn_in(folder: Path) -> Drawn:
    """All that was drawn on a canvas in a folder of labelled pictures; what holds no ink is left out."""
    read: list[tuple[Labelled, np.ndarray]] = []
    for of in read_labels(folder).pictures:
        if of.kind not in ("canvas", "letter"):
            continue
        try:
            read.append((of, preprocess(read_picture(of.path), with_steps=False).image))
        except ImageError:
            continue
    if not read:
        raise DatasetError(f"{folder} has no pictures of the kinds canvas and letter")
    return Drawn(
        [of.path for of, _ in read],
        np.stack([image for _, image in read]),
        np.array([int(of.label) if of.label else REJECTED for of, _ in read]),
        np.array([of.source if of.label else "" for of, _ in read]),
    )


def choose(drawn: Drawn, writer: str) -> tuple[np.ndarray, np.ndarray]:
    """Places of the drawings that are taught, and of the writer's others."""
    mine = np.flatnonzero(drawn.writers == writer)
    taught = np.concatenate([mine[drawn.labels[mine] == digit][:TAUGHT_OF_EACH] for digit in range(10)])
    return taught, np.setdiff1d(mine, taught)


def keep_and_create(base: Run, drawn: Drawn, taught: np.ndarray, folder: Path) -> Run:
    """A run that is to learn these drawings; they are the only ones kept in `folder`."""
    os.environ["MNIST_HANDWRITING"] = str(folder)
    for place in taught:
        picture_store.keep(folder, read_picture(drawn.files[place]), int(drawn.labels[place]))
    return create_fine_tuning_run(base)[0]


def whole(base: Run) -> dict[str, float]:
    """Seconds of everything from the start of a process that teaches the kept pictures to its end."""
    began, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "mnist_core", "teach", base.run_id, "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    processor = sum(getattr(after, f"children_{of}") - getattr(before, f"children_{of}") for of in ("user", "system"))
    return {"seconds": time.perf_counter() - began, "processor_seconds": processor}


def learned(run: Run, old: Dataset) -> Network:
    """The run's own training alone."""
    training = Training.begin(run.model, run.train, device=run.device, precision=run.precision)
    fine_tuning: FineTuning = begin_fine_tuning(run, old, training)
    for _ in train(training, *fine_tuning.splits):
        pass
    return training.model


def rights(model: Network, drawn: Drawn, writer: str, test: Dataset) -> dict[str, tuple[int, int]]:
    """How many are read right, of how many."""
    _, mine = choose(drawn, writer)
    others = np.flatnonzero((drawn.writers != writer) & (drawn.labels != REJECTED))[::OTHERS_EVERY]
    found = {}
    for name, places in (("own", mine), ("others", others), ("no digit", np.flatnonzero(drawn.labels == REJECTED))):
        found[name] = (int((read_all(model, drawn.images[places]) == drawn.labels[places]).sum()), len(places))
    images, labels = test.test.images, test.test.labels
    found["MNIST test"] = (int((read_all(model, images, views=1) == labels).sum()), len(labels))
    return found


def measure(base: Run, drawn: Drawn, writers: list[str]) -> dict[str, Any]:
    """Everything the benchmark tells, as plain values."""
    test, before = mnist.read(), load_model(base)
    counts: dict[str, dict[str, list[int]]] = {}
    time_taken: dict[str, float] = {}
    for writer in tqdm(writers, unit="writer", disable=not sys.stderr.isatty()):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["MNIST_CHECKPOINTS"] = f"{folder}/runs"
            run = keep_and_create(base, drawn, choose(drawn, writer)[0], Path(folder, "hand"))
            if not time_taken:
                time_taken = whole(base)
            models = {"before": before, "after": learned(run, registry.load(old_dataset(base)))}
        for when, model in models.items():
            for name, (right, n) in rights(model, drawn, writer, test).items():
                sums = counts.setdefault(name, {}).setdefault(when, [0, 0])
                sums[0], sums[1] = sums[0] + right, sums[1] + n
    return {"run_id": base.run_id, "writers": len(writers), "time": time_taken, "counts": counts}


def text_of(result: dict[str, Any]) -> str:
    """The same for people."""
    lines = [
        "The whole teaching: {seconds:.1f} s, {processor_seconds:.1f} s of processor time.".format(**result["time"]),
        f"Read right by {result['run_id']} before and after, over {result['writers']} writers "
        "(the intervals take each reading for independent):",
    ]
    for name, of in result["counts"].items():
        said = []
        for when, (right, n) in of.items():
            interval = wilson_interval(right, n)
            said.append(f"{when} {right / n:.2%} ({interval.low:.2%} to {interval.high:.2%}; {right:,} of {n:,})")
        lines.append(f"{name:>10}: {', '.join(said)}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.teaching", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures and their labels.csv")
    parser.add_argument("--run", help="a run id, a unique beginning of one, or latest; default: the shipped model")
    parser.add_argument("--writers", type=int, default=10, help="how many are taught, one after another")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    try:
        base = store.find_run(options.run) if options.run else store.default_run()
        drawn = drawn_in(options.folder)
        known = sorted(set(drawn.writers) - {""})
        result = measure(base, drawn, known[:: max(1, len(known) // options.writers)][: options.writers])
    except MnistError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(result) if options.json else text_of(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
