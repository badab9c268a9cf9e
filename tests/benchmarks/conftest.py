"""A place of its own for each test's runs."""

from pathlib import Path

import pytest
from small_runs import copy_run

from mnist_core.runs.run import Run


@pytest.fixture
def run(small_run: Run, checkpoints: Path) -> Run:
    """A small network that knows scikit-learn's digits."""
    return copy_run(small_run, checkpoints)
