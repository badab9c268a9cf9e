"""A place of its own for each test's runs, and a data set that needs no files."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig
from mnist_core.types import Dataset, Split


@pytest.fixture(autouse=True)
def own_checkpoints(checkpoints: Path) -> None:
    """No test of the core meets runs that are not its own."""


def bars(name: str, n: int) -> Split:
    """Ten easy classes: a bright bar at another height for each, in noise."""
    rng = np.random.default_rng(n)
    labels = np.arange(n) % 10
    images = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 + 2 * label : 4 + 2 * label] = 255
    return Split(name, images, labels)


@pytest.fixture
def dataset(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """70 bars to train on; `data.load` gives them as `digits` in this process."""
    bars_dataset = Dataset("digits", bars("train", 70), bars("validation", 20), bars("test", 30), checksum="bars")
    monkeypatch.setattr(registry, "load", lambda name: bars_dataset)
    return bars_dataset


@pytest.fixture
def run(dataset: Dataset) -> Run:
    """A run of 3 epochs of 5 steps that has yet to be trained."""
    config = TrainConfig(epochs=3, batch_size=16, augment="strong", learning_rate=0.01)
    return store.create_run(dataset, ModelConfig("mlp", (16,), dropout=0.3), config, name="bars")
