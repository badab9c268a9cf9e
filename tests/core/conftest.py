"""A place of its own for each test's runs, and a data set that needs no files."""

import itertools
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run, load_run
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


BARS = Dataset("digits", bars("train", 70), bars("validation", 20), bars("test", 30), checksum="bars")


@pytest.fixture
def dataset(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """70 bars to train on; `registry.load` gives them as `digits` in this process."""
    monkeypatch.setattr(registry, "load", lambda name: BARS)
    return BARS


@pytest.fixture
def run(dataset: Dataset) -> Run:
    """A run of 3 epochs of 5 steps that has yet to be trained."""
    return run_of_bars()


def run_of_bars() -> Run:
    config = TrainConfig(epochs=3, batch_size=16, augment="strong", learning_rate=0.01)
    return store.create_run(BARS, ModelConfig("mlp", (16,), dropout=0.3), config, name="bars")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int | None], Run]:
    """The run that `run` gives, trained to its end, or stopped after so many events: once for all tests, which only
    copy it."""

    @cache
    def trained(events: int | None) -> Run:
        from mnist_core.workers import trainer  # imports torch, which most tests do without

        asked = itertools.count()  # it is asked once before the first event, in the queue
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MNIST_CHECKPOINTS", str(tmp_path_factory.mktemp("bars")))
            patch.setattr(registry, "load", lambda name: BARS)
            run = run_of_bars()
            trainer.train_run(run.folder, should_stop=lambda: events is not None and next(asked) > events)
        return run

    return trained


@pytest.fixture
def trained_run(dataset: Dataset, checkpoints: Path, trained_once: Callable[[int | None], Run]) -> Callable[..., Run]:
    """Puts that run among this test's: `trained_run()`, `trained_run(stopped_after=14)`."""

    def trained_run(stopped_after: int | None = None) -> Run:
        run = trained_once(stopped_after)
        return load_run(Path(shutil.copytree(run.folder, checkpoints / run.run_id)))

    return trained_run
