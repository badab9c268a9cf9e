"""One training on mapped copies of MNIST, in this process: `python -m benchmarks.scale_training FOLDER`, for `scale`.

Prints one JSON document. What it trains with is what the product trains with; only the images lie on disk.
"""

import argparse
import json
import re
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.contestant import peak_megabytes
from benchmarks.copies import open_copies
from mnist_core import machine
from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.training.config import TrainConfig
from mnist_core.training.loop import Training, steps_per_epoch, train
from mnist_core.types import EpochEnd

EPOCHS, BATCH = 3, 1024
FIRST_STEPS = 10  # not counted: memory is asked for and kernels are chosen


def train_for(folder: Path, seconds: float) -> dict[str, Any]:
    """Train for three epochs or for so many seconds, whichever ends first."""
    machine.keep_freed_memory()
    torch.set_num_threads(machine.choose_threads())
    validation = registry.load("mnist").validation
    split = open_copies(folder)
    before = memory_megabytes()
    precision = machine.choose_precision("auto", "cpu")
    training = Training.begin(ModelConfig(), TrainConfig(epochs=EPOCHS, batch_size=BATCH), precision=precision)
    epochs: list[float] = []
    images: list[int] = []
    marks: list[float] = []
    begin = time.perf_counter()
    for event in train(training, split, validation):
        now = time.perf_counter()
        if isinstance(event, EpochEnd):
            epochs.append(now - begin - sum(epochs))
        else:
            images.append(event.images)
            marks.append(now)
        if now - begin > seconds and len(marks) > FIRST_STEPS:
            break
    rate = sum(images[FIRST_STEPS:]) / (marks[-1] - marks[FIRST_STEPS - 1])
    return {
        "images": len(split),
        "steps": len(marks),
        "steps_per_epoch": steps_per_epoch(len(split), BATCH),
        "images_per_second": rate,
        "epoch_seconds": min(epochs) if epochs else len(split) / rate,
        "whole_epochs": len(epochs),
        "precision": precision,
        "before_megabytes": before,
        "after_megabytes": memory_megabytes(),
        "peak_megabytes": peak_megabytes(),
    }


def memory_megabytes() -> dict[str, float]:
    """What this process holds: its own memory, and pages of files, which the system takes back when it wants them."""
    status = Path("/proc/self/status").read_text()
    kinds = {"own": "RssAnon", "mapped": "RssFile"}
    return {kind: 1024 * int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1e6 for kind, name in kinds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_training", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the copies")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    print(json.dumps(train_for(options.folder, options.seconds)))


if __name__ == "__main__":
    main()
