"""The speed benchmark's turns, stops and table; what it measures is measured by running it."""

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import contestant, floor, rivals, speed
from mnist_core.datasets import mnist_checksums
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.history import HistoryWriter
from mnist_core.types import Split


def options(**changed) -> Namespace:
    names = [contestant.name for contestant in speed.CONTESTANTS]
    return Namespace(**{"only": names, "seeds": None, "rival_seeds": None, "quick": False, **changed})


def trained(seconds: float, accuracy: float, **more) -> dict:
    same = {"seed": 0, "load_before": 0.5, "epochs": 3, "images_per_second": 1e5, "peak_megabytes": 400.0}
    return {
        **same,
        "seconds": seconds,
        "processor_seconds": 2 * seconds,
        "accuracy": accuracy,
        "reached": accuracy >= 0.98,
        **more,
    }


def test_everybodys_first_seed_comes_before_anybodys_second():
    order = [(contestant.name, seed) for contestant, seed in speed.turns(options(seeds=2, rival_seeds=2))]
    assert order == [(contestant.name, seed) for seed in range(2) for contestant in speed.CONTESTANTS]
    assert {seed for _, seed in speed.turns(options(quick=True))} == {0}


def test_a_table_of_what_was_measured_before_an_interruption_says_so():
    ours = [trained(2.0, 0.982, training_seconds=1.5), trained(3.0, 0.979, training_seconds=1.7)]
    result = {"machine": "two cores", "begun": "today", "interrupted": True, "trainings": {"ours_mlp": ours}}
    text = speed.text_of(result)
    assert "interrupted" in text
    assert "1 of 2 seeds, 98.05% (97.90% to 98.20%)" in text
    assert "2.50 (2.00 to 3.00)" in text
    assert "pytorch/examples" not in text


def test_a_rival_is_set_beside_ours_by_medians():
    trainings = {"ours_mlp": [trained(2.0, 0.982, training_seconds=1.5)], "seed_project": [trained(90.0, 0.98)]}
    text = speed.text_of({"machine": "two cores", "begun": "today", "trainings": trainings})
    assert "| 45 times as fast (45 by processor seconds) |" in text
    trainings["seed_project"] += [trained(90.0, 0.97)]
    text = speed.text_of({"machine": "two cores", "begun": "today", "trainings": trainings})
    assert "| more than 45 times as fast" in text


def test_a_rival_stops_with_the_first_epoch_that_meets_the_target(monkeypatch):
    labels = np.arange(100) % 10
    monkeypatch.setattr(mnist_checksums, "read", lambda folder, part: (None, labels))

    def learner(folder: Path, seed: int):
        for wrong in (50, 3, 1, 0):
            yield lambda wrong=wrong: np.where(np.arange(100) < wrong, -1, labels)

    monkeypatch.setattr(rivals, "seed_project", learner)
    reached = contestant.race("seed_project", Path(), 0, 0.98, most_epochs=10)
    assert (reached["epochs"], reached["accuracy"]) == (3, 0.99)
    gave_up = contestant.race("seed_project", Path(), 0, 1.0, most_epochs=2)
    assert (gave_up["epochs"], gave_up["accuracy"]) == (2, 0.97)


def test_the_rivals_network_is_the_published_one():
    logits = rivals.ExampleNet()(torch.zeros(2, 1, 28, 28))
    assert logits.shape == (2, 10)
    assert sum(p.numel() for p in rivals.ExampleNet().parameters()) == 1_199_882  # as its summary is quoted everywhere


def test_the_floor_counts_every_product_of_a_step_but_the_pixels_gradient():
    products, operations = floor.matrix_products(ModelConfig(), torch.float32, "cpu")
    assert len(products) == 3 * 3 - 1
    assert operations == 2 * floor.BATCH * (2 * 784 * 512 + 3 * 512 * 256 + 3 * 256 * 10)


@pytest.mark.parametrize("name", ["gather the batch", "normalise", "forward", "optimiser", "event to disk"])
def test_the_parts_of_a_step_can_be_timed_by_themselves(name, tmp_path):
    split = Split("train", np.zeros((floor.BATCH, 28, 28), np.uint8), np.arange(floor.BATCH) % 10)
    writer = HistoryWriter(tmp_path / "history.jsonl", elapsed=0.0)
    part = floor.parts_of_a_step(split, "cpu", "float32", writer)[name]
    assert floor.in_turns({name: part}, "cpu", rounds=1)[name] > 0
    writer.close()


def test_the_peak_memory_is_this_processs_own_and_not_of_the_one_that_started_it():
    held = np.ones(300 << 17)  # 300 MB, held by the parent
    code = "from benchmarks.contestant import peak_megabytes; print(peak_megabytes())"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert held[-1] == 1
    assert contestant.peak_megabytes() - float(run.stdout) > 200
