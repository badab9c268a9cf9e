"""Twenty-four kills, eighteen of them at certain places; `python -m benchmarks.kills` makes two hundred."""

import json
import sys

import pytest

from benchmarks.kills import kill_at_random

KILLS = 24  # as many of each kind at each place


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="workers are found by what they have open, in /proc")
def test_runs_killed_anywhere_and_resumed_end_with_identical_weights_and_epochs(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATA", str(tmp_path))  # no MNIST: the launcher has the small digits ready for its workers
    *_, tally = kill_at_random(KILLS, seed=20261123)
    assert (tally.kills, tally.identical, tally.different) == (KILLS, KILLS, [])
    assert tally.hits["amid a save"] >= KILLS // 4
    assert tally.hits["amid a line"] >= KILLS // 4
    assert tally.resumes >= 3 * KILLS // 4
    assert sum(json.loads(json.dumps(tally.as_json()))["hits"].values()) == KILLS
