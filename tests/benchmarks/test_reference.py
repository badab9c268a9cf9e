"""What is recorded to race against: the time to the target, and a file that is read back as it was written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import reference
from mnist_core.datasets import registry
from mnist_core.insight import races
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.run import Run
from mnist_core.training import presets
from mnist_core.training.presets import Preset
from mnist_core.workers import control, trainer


def test_a_seed_that_never_comes_to_the_target_has_no_time(run: Run) -> None:
    assert (reference.finish_of(run, target=0.2).seconds or 0) > 0
    assert reference.finish_of(run, target=1.0).seconds is None


@pytest.fixture
def trained_here(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small digits in MNIST's place, and workers that train in this process before they answer."""
    digits = registry.load("digits")
    monkeypatch.setattr(registry, "load", lambda name: digits)
    monkeypatch.setattr(control, "start", lambda run: trainer.train_run(run.folder))


def preset_for(monkeypatch: pytest.MonkeyPatch, target: float) -> None:
    usual = presets.preset("fastest", "mlp")
    train = replace(usual.train, epochs=2, batch_size=64)
    small = Preset(ModelConfig("mlp", (32,)), train, target)
    monkeypatch.setattr(presets, "preset", lambda name, kind: small)


def test_what_is_recorded_is_read_back_as_the_seed_in_the_middle(
    trained_here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset_for(monkeypatch, target=0.2)
    recorded = reference.record("fastest", "mlp", 3, load=0.5)
    reference.write([recorded], tmp_path / "references.json")
    monkeypatch.setattr(races, "FILE", tmp_path / "references.json")
    [known] = races.references.__wrapped__()
    assert [finish.seed for finish in known.finishes] == [0, 1, 2]
    assert races.middle_of(known.finishes).seed == known.seed
    assert known.arrival == races.middle_of(known.finishes).seconds
    assert (known.load, known.device, len(known.validation_accuracy)) == (0.5, "cpu", 2)
    assert len(known.step) == len(known.accuracy)
    assert known.settings == json.loads(json.dumps(presets.settings_of(presets.preset("fastest", "mlp"))))


def test_where_most_seeds_miss_the_target_nothing_is_recorded(
    trained_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset_for(monkeypatch, target=1.0)
    with pytest.raises(SystemExit, match="most seeds miss the target"):
        reference.record("fastest", "mlp", 1, load=None)
