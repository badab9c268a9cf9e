"""The scale benchmark in small: copies, a training on them, lists of a few runs."""

import shutil
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import copies, many_runs, scale, scale_training
from mnist_core.datasets import registry
from mnist_core.errors import DatasetError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.types import Split


@pytest.fixture
def digits() -> Split:
    return registry.load("digits").train


def test_copies_are_the_images_themselves_and_then_the_same_bent_a_little(digits, tmp_path):
    copies.write_copies(digits, 3, tmp_path)
    split = copies.open_copies(tmp_path)
    n = len(digits)
    assert len(split) == 3 * n
    assert np.array_equal(split.labels, np.tile(digits.labels, 3))
    first, second, third = (split.images[part * n : (part + 1) * n] for part in range(3))
    assert np.array_equal(first, digits.images)
    assert not np.array_equal(second, third)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.5


def test_too_little_room_is_refused_before_anything_is_written(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Namespace(free=1_000_000))
    with pytest.raises(DatasetError, match="1 GB must stay free"):
        copies.write_copies(digits, 100, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_training_on_copies_stops_when_its_time_is_over_and_tells_its_speed(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(scale_training.registry, "load", lambda name, load=registry.load: load("digits"))
    monkeypatch.setattr(scale_training, "BATCH", 64)
    copies.write_copies(digits, 2, tmp_path)
    result = scale_training.train_for(tmp_path, 60.0)
    assert (result["whole_epochs"], result["images"]) == (3, 2 * len(digits))
    assert result["images_per_second"] > 0
    assert result["peak_megabytes"] >= result["after_megabytes"]["own"]
    cut = scale_training.train_for(tmp_path, 0.05)
    assert cut["steps"] < result["steps"]
    assert "epoch" in scale.text_of({"machine": "two cores", "trainings": [_row(cut)], "lists": []})


def test_many_runs_are_listed_and_opened(run: Run, checkpoints: Path):
    many_runs.write_runs(run, 3, checkpoints)
    result = many_runs.measure_lists(checkpoints)
    assert result["runs"] == 4
    assert len({found.train.seed for found in store.healthy_runs()}) >= 3
    assert {"list", "page Runs", "page Train, newest run"} <= set(result["again_seconds"])
    text = scale.text_of({"machine": "two cores", "trainings": [], "lists": [{**result, "load_before": 0.5}]})
    assert "page Runs" in text


def _row(training: dict) -> dict:
    rates = [training["images_per_second"]]
    return {"times": 1, "load_before": 0.5, "all_images_per_second": rates, **training}
