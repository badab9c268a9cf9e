from pathlib import Path

import pytest

from benchmarks.mutants import MAX_MEMORY, Herd, check


@pytest.mark.long
@pytest.mark.parametrize("which", range(4))
def test_no_run_folder_however_damaged_breaks_what_is_asked_of_it_or_hides_the_run_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(tmp_path))
    assert check(Herd(tmp_path), 500, which=which) < MAX_MEMORY
