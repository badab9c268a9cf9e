"""Twenty kills at random moments; `python -m benchmarks.kills` makes two hundred."""

import json
import sys

import pytest

from benchmarks.kills import kill_at_random


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="workers are found by what they have open, in /proc")
def test_runs_killed_at_random_moments_and_resumed_end_with_identical_weights_and_epochs(
    checkpoints, tmp_path, monkeypatch
):
    monkeypatch.setenv("MNIST_DATA", str(tmp_path))  # no MNIST: the launcher has the small digits ready for its workers
    *_, tally = kill_at_random(20, seed=20261123)
    assert (tally.kills, tally.identical, tally.different) == (20, 20, [])
    assert tally.resumes >= 15
    assert tally.hits["amid a save"] >= 1
    assert sum(json.loads(json.dumps(tally.as_json()))["hits"].values()) == 20
