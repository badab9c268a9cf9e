"""The sign of the training under way; that it stands on every page is seen in tests/browser."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.runs.lock import hold
from mnist_core.runs.run import Run
from pages.components.train import at_work


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_work, "LOOK_SECONDS", 0.0)


def test_where_nothing_is_trained_there_is_nothing_to_tell(checkpoints: Path) -> None:
    assert at_work.news(None) == {}
    assert at_work.news("20260101-000000-mlp-none") == {}
    assert at_work.news("../../etc/passwd") == {}


def test_it_tells_how_far_the_run_is_that_trains_and_then_how_it_ended(
    checkpoints: Path, add_run: Callable[..., Run]
) -> None:
    run, other = add_run("20260101-000000-mlp-aaaa", name="<mine>"), add_run("20260101-000001-mlp-bbbb")
    line = checkpoints / ".line-cpu"
    line.mkdir(exist_ok=True)
    for place, one in enumerate((run, other)):
        (line / f"{place:020d}-{one.run_id}").touch()
    history = run.folder / "history.jsonl"
    whole = history.read_text().splitlines(keepends=True)
    history.write_text("".join(whole[: len(whole) // 2]))
    with hold(run.folder / "lock"):
        told = at_work.news(None)
        assert (told["run_id"], told["title"], told["state"]) == (run.run_id, "<mine>", "running")
        assert told["said"] == f"{100 * told['share']:.0f} %"
        assert told["more"].startswith("Epoch ")
        assert 0 < told["share"] < 1
        with hold(other.folder / "lock"):
            assert at_work.news(None)["said"] == f"{told['said']} · 1 waiting"
    history.write_text("".join(whole))
    ended = at_work.news(run.run_id)
    assert (ended["state"], ended["said"], ended["share"]) == ("finished", "Finished", 1.0)
