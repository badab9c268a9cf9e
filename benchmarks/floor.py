"""The floor under an epoch of the MLP on this machine, where an epoch really goes, and what bfloat16 brings.

Part of `python -m benchmarks.speed`. Everything is measured in turns, three times a turn, and the quickest counts:
other programs can only make a measurement longer.
"""

import math
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from mnist_core import machine
from mnist_core.datasets import registry
from mnist_core.images.preprocess import normalise
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.checkpoint import save_weights, weights_of
from mnist_core.runs.history import HistoryWriter
from mnist_core.training import loop as training_loop
from mnist_core.training.config import TrainConfig
from mnist_core.training.loop import Training, steps_per_epoch
from mnist_core.types import Split, StepEnd

BATCH = 1024
ROUNDS = 40
REPEATS = 3  # in a turn: the first finds the others' data in the caches
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
NETWORKS = {"MLP": ModelConfig(), "CNN, small": ModelConfig("cnn"), "CNN, large": ModelConfig("cnn", size="large")}

Timed = dict[str, Callable[[], object]]


def measure_floor(device: str) -> dict[str, Any]:
    machine.keep_freed_memory()
    torch.set_num_threads(machine.choose_threads())
    dataset = registry.load("mnist")
    precision = machine.choose_precision("auto", device)
    steps = steps_per_epoch(len(dataset.train), BATCH)
    products, operations = matrix_products(ModelConfig(), DTYPES[precision], device)
    with tempfile.TemporaryDirectory() as folder:
        writer = HistoryWriter(Path(folder) / "history.jsonl", elapsed=0.0)
        parts = parts_of_a_step(dataset.train, device, precision, writer)
        milliseconds = in_turns({**products, **parts}, device)
        writer.close()
        ends = parts_of_an_epoch(dataset.validation, device, precision, Path(folder))
        milliseconds |= in_turns(ends, device, rounds=10)
    floor = sum(milliseconds[name] for name in products)
    epoch = {name: milliseconds[name] * steps / 1000 for name in parts}
    epoch |= {name: milliseconds[name] / 1000 for name in ends}
    return {
        "batch": BATCH,
        "precision": precision,
        "gigaflops_per_second": operations / floor / 1e6,
        "floor_seconds": floor * steps / 1000,
        "bandwidth_gigabytes_per_second": bandwidth(device),
        "megabytes_read": len(dataset.train) * 28 * 28 / 1e6,
        "epoch_seconds": epoch,
        "measured_epoch_seconds": whole_epoch(dataset.train, dataset.validation, device, precision),
        "precisions": precisions(dataset.train, device),
    }


def matrix_products(model: ModelConfig, dtype: torch.dtype, device: str) -> tuple[Timed, int]:
    """The products that a step cannot do without, each by itself, and the operations of all together."""
    timed: Timed = {}
    operations = 0
    for layer, (inputs, outputs) in enumerate(pairwise((28 * 28, *model.hidden, 10))):
        x, y, weight = (
            torch.randn(*shape, device=device).to(dtype)
            for shape in ((BATCH, inputs), (BATCH, outputs), (outputs, inputs))
        )
        timed[f"layer {layer} forward"] = partial(torch.mm, x, weight.t())
        timed[f"layer {layer} weights"] = partial(torch.mm, y.t(), x)
        if layer:  # nobody asks for the gradient of the pixels
            timed[f"layer {layer} inputs"] = partial(torch.mm, y, weight)
        operations += (3 if layer else 2) * 2 * BATCH * inputs * outputs
    return timed, operations


def parts_of_a_step(split: Split, device: str, precision: str, writer: HistoryWriter) -> Timed:
    """What `train` does in a step, piece by piece, each ready to be timed by itself."""
    training = _training(ModelConfig(), device, precision)
    images, labels = torch.from_numpy(split.images).to(device), torch.from_numpy(split.labels).to(device)
    batch = torch.from_numpy(np.random.default_rng(0).permutation(len(labels))[:BATCH]).to(device)
    inputs, truth = normalise(images[batch]), labels[batch]

    def forward() -> torch.Tensor:
        with torch.autocast(device, training.autocast, enabled=training.autocast is not None):
            logits: torch.Tensor = training.model(inputs)
            return logits

    def loss() -> torch.Tensor:
        return F.cross_entropy(forward().float(), truth)

    def backward() -> None:
        training.optimizer.zero_grad()
        loss().backward()

    backward()
    logits = forward().detach()
    event = StepEnd(1, 1, 0.123456789, 0.987654321, 0.004, BATCH)
    return {
        "gather the batch": lambda: (images.index_select(0, batch), labels.index_select(0, batch)),
        "normalise": lambda: normalise(images[:BATCH]),
        "seed the step": lambda: training_loop._seed_step(0, 1, torch.device(device)),
        "forward": forward,
        "forward, loss and backward": backward,
        "optimiser": training.optimizer.step,
        "count what was right": lambda: int((logits.argmax(1) == truth).sum()),
        "event to disk": lambda: writer.record(event),
    }


def parts_of_an_epoch(validation: Split, device: str, precision: str, folder: Path) -> Timed:
    """What comes once an epoch."""
    training = _training(ModelConfig(), device, precision)
    training.seen = 1

    def finish() -> None:
        training.best_accuracy = -1.0  # as if it were the best each time, which costs most
        training.seen = 1
        training_loop._finish_epoch(training, validation)

    return {
        "validation and calibration": finish,
        "weights to disk": lambda: save_weights(weights_of(training), folder, ModelConfig()),
        "state to disk": lambda: torch.save(training.state(), folder / "state.pt"),
    }


def whole_epoch(train_split: Split, validation: Split, device: str, precision: str, epochs: int = 12) -> float:
    """Seconds of the quickest of some epochs of the product's own loop, validation included."""
    training = _training(ModelConfig(), device, precision, epochs=epochs)
    times, begin = [], time.perf_counter()
    for event in training_loop.train(training, train_split, validation):
        if not isinstance(event, StepEnd):
            times.append(time.perf_counter() - begin)
            begin = time.perf_counter()
    return min(times)


def precisions(split: Split, device: str) -> dict[str, dict[str, float]]:
    """Milliseconds of a step of each network at batch 128 and 1024, by precision."""
    timed: Timed = {}
    for name, model in NETWORKS.items():
        for size in (128, BATCH) if name != "CNN, large" else (128,):
            for precision in DTYPES:
                timed[f"{name}, batch {size}|{precision}"] = _steps(model, split, size, device, precision)
    taken = in_turns(timed, device, rounds=8)
    names = dict.fromkeys(name.split("|")[0] for name in timed)
    return {name: {precision: taken[f"{name}|{precision}"] for precision in DTYPES} for name in names}


def _steps(model: ModelConfig, split: Split, size: int, device: str, precision: str) -> Callable[[], object]:
    training = _training(model, device, precision, epochs=1000, batch_size=size)
    few = Split("train", split.images[: 2 * size], split.labels[: 2 * size])
    training.step = 1
    images, labels = torch.from_numpy(few.images).to(device), torch.from_numpy(few.labels).to(device)
    return lambda: training_loop._update(training, images[:size], labels[:size])


def in_turns(timed: Timed, device: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds of each, the quickest over rounds in which all have their turn."""
    least = dict.fromkeys(timed, math.inf)
    for _ in range(rounds):
        for name, work in timed.items():
            for _ in range(REPEATS):
                _wait(device)
                begin = time.perf_counter()
                work()
                _wait(device)
                least[name] = min(least[name], 1000 * (time.perf_counter() - begin))
    return least


def bandwidth(device: str) -> float:
    """Gigabytes a second, read and written, of a copy that no cache holds."""
    source = torch.zeros(64 << 20, dtype=torch.float32, device=device)  # 256 MB
    target = torch.empty_like(source)
    taken = in_turns({"copy": lambda: target.copy_(source)}, device, rounds=5)["copy"]
    return 2 * source.nbytes / taken / 1e6


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _training(model: ModelConfig, device: str, precision: str, *, epochs: int = 1, batch_size: int = BATCH) -> Training:
    return Training.begin(model, TrainConfig(epochs, batch_size), device=device, precision=precision)
