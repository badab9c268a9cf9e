"""The prediction benchmark on a few pictures; its figures are measured by running it."""

import numpy as np
import pytest

from benchmarks import medians, prediction
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import build_model
from mnist_core.runs.run import Run
from mnist_core.types import Split
from pages.components.shared import cached


@pytest.fixture
def few() -> Split:
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 5:23, 12:16] = 255
    return Split("test", images, np.arange(30) % 10)


def test_ways_take_turns_and_the_first_round_does_not_count():
    done: list[str] = []
    seconds = medians.in_turns({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b"] * 3
    assert [len(values) for values in seconds.values()] == [2, 2]


def test_a_summary_is_said_with_its_unit_and_range():
    assert medians.said(medians.summary([0.3, 0.1, 0.2]), "ms", 0) == "200 ms (100 to 300), n = 3"


def test_the_rival_ours_and_the_floor_read_the_same_batch(few):
    result = prediction.batch(build_model(ModelConfig()).eval(), few, 1)
    assert result["images"] == 30
    assert set(result["times_as_fast_as"]) == set(prediction.RIVALS)
    assert {"judge, five looks", "matrix products, float32"} < set(result["seconds"])


def test_a_folder_of_drawings_is_read_file_by_file_and_the_parts_make_up_the_whole(few):
    result = prediction.pictures(build_model(ModelConfig()).eval(), few, 4, 1)
    assert sum(result["shares"].values()) == pytest.approx(1)
    assert result["files"] == 4
    assert result["seconds_per_file"] > 0


def test_a_model_is_loaded_once_for_all_who_ask(run: Run, monkeypatch):
    loaded = []
    monkeypatch.setattr(cached, "load_model", lambda run: loaded.append(run) or object())
    assert prediction.is_loaded_once(run)
    assert len(loaded) == 1
