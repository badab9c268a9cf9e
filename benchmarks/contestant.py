"""One way of training, once, in this process: `python -m benchmarks.contestant NAME FOLDER --seed N ...`, for `speed`.

Prints one JSON document. The clock runs from the files on disk to the end of an epoch, and stands while the test images
are read, which only measures: nothing is learned from them. Rivals end with the first epoch after which the target is
met, which is read off the test images and so is the kindest end they can have; ours trains what its preset says, and
meets the target or not.
"""

import argparse
import json
import os
import re
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch._dynamo  # the first optimiser would load it, for a second or more, on the clock

from mnist_core.datasets import mnist_checksums, registry
from mnist_core.machine import Device
from mnist_core.reading.evaluate import measure
from mnist_core.runs import store
from mnist_core.runs.status import read_history
from mnist_core.runs.weights import load_model
from mnist_core.training import presets
from mnist_core.workers import trainer

RIVALS = ("seed_project", "pytorch_examples", "scikit_learn")  # functions of `benchmarks.rivals`
OURS: dict[str, str] = {"ours_mlp": "mlp", "ours_cnn": "cnn"}


def race(name: str, folder: Path, seed: int, target: float, most_epochs: int) -> dict[str, Any]:
    """A rival's epochs until it meets the target."""
    from benchmarks import rivals  # loads what ours does without, and would have to carry in its memory

    _, labels = mnist_checksums.read(folder, "test")
    seconds, processor_seconds, epochs = 0.0, 0.0, []
    begin, began = time.perf_counter(), time.process_time()
    for read in getattr(rivals, name)(folder, seed):
        epochs.append(time.perf_counter() - begin)
        seconds += epochs[-1]
        processor_seconds += time.process_time() - began
        accuracy = float(np.mean(read() == labels))
        if accuracy >= target or len(epochs) == most_epochs:
            break
        begin, began = time.perf_counter(), time.process_time()
    return {
        "seconds": seconds,
        "processor_seconds": processor_seconds,
        "accuracy": accuracy,
        "epochs": len(epochs),
        "images_per_second": 60_000 / min(epochs[1:] or epochs),
    }


def race_ours(name: str, seed: int, device: Device) -> dict[str, Any]:
    """A run as the product makes it: folder, history, saved weights and all."""
    preset = presets.preset("fastest", OURS[name])
    begin, began = time.perf_counter(), time.process_time()
    dataset = registry.load("mnist")
    loaded = time.perf_counter() - begin
    run = store.create_run(dataset, preset.model, replace(preset.train, seed=seed, device=device))
    trainer.train_run(run.folder)
    seconds, processor_seconds = time.perf_counter() - begin, time.process_time() - began
    history = read_history(run)
    return {
        "seconds": seconds,
        "processor_seconds": processor_seconds,
        "training_seconds": history.elapsed_seconds,
        "loading_seconds": loaded,
        "accuracy": measure(load_model(run), dataset.test).accuracy,
        "epochs": len(history.epochs),
        "images_per_second": len(dataset.train) * len(history.epochs) / history.elapsed_seconds,
        "precision": run.precision,
    }


def peak_megabytes() -> float:
    """The most memory this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux what getrusage says begins with the memory of whoever started this process
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contestant", description=__doc__)
    parser.add_argument("name", choices=[*RIVALS, *OURS])
    parser.add_argument("folder", type=Path, help="holds MNIST, unpacked, as torchvision keeps it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", type=float, default=0.98)
    parser.add_argument("--epochs", type=int, default=10, help="a rival gives up after so many")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="ours trains on")
    options = parser.parse_args()
    os.environ["MNIST_DATA"] = str(options.folder)
    if options.name in OURS:
        result = race_ours(options.name, options.seed, options.device)
    else:
        result = race(options.name, options.folder, options.seed, options.target, options.epochs)
    result["threads"] = torch.get_num_threads()
    print(json.dumps({**result, "reached": result["accuracy"] >= options.target, "peak_megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main()
