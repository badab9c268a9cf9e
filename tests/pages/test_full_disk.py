"""The disk is full while somebody presses: a sentence each time, nothing half-written, nothing lost."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from drawings import digit
from on_screen import said
from predict_page import answers, draw, png, run, upload
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from mnist_core.datasets import picture_store
from mnist_core.runs import evaluations, notes, store
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run

if sys.platform == "win32":
    pytest.skip("limits on file sizes are Unix", allow_module_level=True)
from full_disk import full_disk

Open = Callable[..., AppTest]


def files(folder: Path) -> dict[str, bytes]:
    """All there is below a folder; what only says who is at work is left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("lock")
    }


def press(at: AppTest, key: str) -> str:
    """What is on screen after a button was pressed on a full disk."""
    with full_disk():
        run(at.button(key=key).click())
    return "\n".join([said(at), *(error.value for error in at.error), *(toast.value for toast in at.toast)])


@pytest.fixture
def no_mnist_here(no_mnist: None) -> None:
    """Runs are trained on the small digits."""


def test_a_start_makes_no_run(open_page: Open, trained_run: Run, checkpoints: Path, no_mnist_here: None) -> None:
    at, before = open_page("train"), files(checkpoints)
    assert "free some disk space" in press(at, "start_run")
    assert files(checkpoints) == before
    assert store.list_runs() == [trained_run]


def test_a_start_whose_worker_cannot_be_asked_for_leaves_no_run(
    open_page: Open, checkpoints: Path, no_mnist_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mnist_core.workers import control, launcher

    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder / "worker.log"))

    monkeypatch.setattr(launcher, "launch", lambda folder: False)
    monkeypatch.setattr(control, "start_process", full)
    at = open_page("train")
    run(at.button(key="start_run").click())
    assert "No space left on device; check its owner and the free disk space" in at.error[0].value.replace("\\", "")
    assert store.list_runs() == []


def test_a_drawing_and_an_upload_are_read_but_not_kept_and_can_be_kept_later(
    open_page: Open, trained_run: Run, checkpoints: Path
) -> None:
    hand = checkpoints.parent / "handwriting"
    at = draw(open_page("predict"), digit(4))
    assert "cannot save the picture" in press(at, "right_drawn").replace("\\", "")
    assert files(hand) == {}
    with full_disk():
        upload(at, ("seven.png", png(255 - digit(7))))
        assert answers(at)
        run(at.segmented_control(key="was_uploaded").set_value(7))
    assert files(hand) == {}
    run(at)
    run(at.segmented_control(key="was_uploaded").set_value(7))
    assert picture_store.count_kept(hand)[7] == 1


def note_dialog(run_id: str) -> None:
    """The dialog, open, for a note as it was first read: under AppTest a rerun would close it."""
    import streamlit as st

    from mnist_core.runs import notes, store
    from pages.components.runs import run_notes

    run = store.find_run(run_id)
    run_notes._write(run, [], st.session_state.setdefault("as read", notes.load_notes(run)), "")


def open_note(noted: Run) -> AppTest:
    return run(AppTest.from_function(note_dialog, args=(noted.run_id,), default_timeout=HANG_SECONDS))


def test_a_note_keeps_what_it_said_and_what_was_typed(trained_run: Run, checkpoints: Path) -> None:
    notes.save_notes(trained_run, Notes("first words", ("kept",)))
    at = open_note(trained_run)
    at.text_area[0].set_value("other words")
    before = files(checkpoints)
    assert "cannot write" in press(at, "save_note")
    assert files(checkpoints) == before
    assert at.text_area[0].value == "other words"
    run(at.button(key="save_note").click())
    assert notes.load_notes(trained_run).note == "other words"


def test_a_note_changed_elsewhere_meanwhile_is_not_replaced_and_what_was_typed_stays(trained_run: Run) -> None:
    notes.save_notes(trained_run, Notes("first words"))
    at = open_note(trained_run)
    at.text_area[0].set_value("mine")
    notes.save_notes(trained_run, Notes("somebody else's"))
    run(at.button(key="save_note").click())
    assert "were changed elsewhere meanwhile: it says “somebody else" in at.error[0].value.replace("\\", "")
    assert at.text_area[0].value == "mine"
    assert notes.load_notes(trained_run).note == "somebody else's"


def test_an_evaluation_loses_none_before_it(open_page: Open, evaluated_run: Run, checkpoints: Path) -> None:
    evaluations.discard(evaluated_run, "test")
    at, before = open_page("evaluate", run=evaluated_run.run_id, split="test"), files(checkpoints)
    assert "cannot save the evaluation" in press(at, f"evaluate_{evaluated_run.run_id}_test").replace("\\", "")
    assert files(checkpoints) == before
    assert evaluations.load_evaluation(evaluated_run, "validation") is not None


def test_fine_tuning_leaves_no_run(open_page: Open, trained_run: Run, checkpoints: Path, no_mnist_here: None) -> None:
    hand = checkpoints.parent / "handwriting"
    for number in range(4):
        picture_store.keep(hand, digit(4, pen=10 + number), 4)
    at = open_page("my_handwriting")
    assert "free some disk space" in press(at, "teach")
    assert store.list_runs() == [trained_run]
