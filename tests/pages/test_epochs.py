"""The Time machine in its empty, working and failed states. That it plays without a flicker is in tests/browser."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from drawings import digit
from on_screen import chart, links, said
from predict_page import answers, draw
from small_runs import copy_run
from streamlit.testing.v1 import AppTest

from mnist_core.runs.epochs import load_epoch, path_of
from mnist_core.runs.lock import hold
from mnist_core.runs.run import LOCK_FILE, Run
from pages.components.shared import widgets
from pages.components.shared.cached import MAX_UNITS
from pages.components.time_machine.weights import tinted

OpenPage = Callable[..., AppTest]


@pytest.fixture
def mine(kept_run: Run, checkpoints: Path) -> Run:
    """A run of three epochs, all kept."""
    return copy_run(kept_run, checkpoints)


def shown_matrix(at: AppTest) -> str:
    return str(chart(at, "epochs_matrix")["description"])


def accuracy_of(run: Run, epoch: int) -> str:
    kept = load_epoch(run, epoch, most=1)
    return f"{100 * kept.right / kept.n:.1f} %"


def test_without_kept_epochs_the_page_says_how_to_keep_them(open_page: OpenPage, trained_run: Run) -> None:
    at = open_page("epochs")
    assert "No run has kept its epochs yet" in said(at)
    assert "Keep every epoch's weights" in said(at)
    assert links(at) == ["Train one"]


def test_a_run_at_its_first_epoch_is_waited_for(open_page: OpenPage, mine: Run) -> None:
    for epoch in (1, 2, 3):
        path_of(mine.folder, epoch).unlink()
    with hold(mine.folder / LOCK_FILE):
        (mine.folder / "history.jsonl").write_text("")
        at = open_page("epochs")
    assert "the first appears here when it is done" in said(at)


def test_it_opens_with_the_newest_epoch(open_page: OpenPage, mine: Run) -> None:
    at = open_page("epochs")
    assert at.slider(key="epochs_epoch").value == 3
    assert at.metric[0].value.startswith(accuracy_of(mine, 3))
    assert "after epoch 3" in shown_matrix(at)


@pytest.mark.parametrize("epoch", [1, 2])
def test_an_address_leads_to_its_epoch(open_page: OpenPage, mine: Run, epoch: int) -> None:
    at = open_page("epochs", run=mine.run_id, epoch=str(epoch))
    assert at.slider(key="epochs_epoch").value == epoch
    assert at.metric[0].value.startswith(accuracy_of(mine, epoch))
    assert f"after epoch {epoch}" in shown_matrix(at)
    assert f"marked at epoch {epoch}" in chart(at, "epochs_accuracy")["description"]


@pytest.mark.parametrize(("address", "shown"), [("99", 3), ("0", 1)])
def test_an_epoch_that_is_not_kept_is_said_and_the_nearest_shown(
    open_page: OpenPage, mine: Run, address: str, shown: int
) -> None:
    at = open_page("epochs", run=mine.run_id, epoch=address)
    assert f"Epoch {address} was not kept. Showing epoch {shown} instead." in said(at)
    assert at.slider(key="epochs_epoch").value == shown


@pytest.mark.parametrize("address", ["-1", "two", "²", "12345"])
def test_an_address_without_sense_shows_the_newest(open_page: OpenPage, mine: Run, address: str) -> None:
    assert open_page("epochs", epoch=address).slider(key="epochs_epoch").value == 3


def test_the_slider_moves_everything_and_the_address(open_page: OpenPage, mine: Run) -> None:
    at = draw(open_page("epochs"), digit(7))
    before = (at.metric[0].value, shown_matrix(at), weights(at), bars(at))
    assert answers(at)
    at.slider(key="epochs_epoch").set_value(1).run()
    assert not at.exception
    assert at.query_params["run"] == mine.run_id
    assert at.query_params["epoch"] == "1"
    after = (at.metric[0].value, shown_matrix(at), weights(at), bars(at))
    assert all(old != new for old, new in zip(before, after, strict=True))


def weights(at: AppTest) -> str:
    return next(html.proto.body for html in at.get("html") if 'class="weights"' in html.proto.body)


def bars(at: AppTest) -> str:
    return next(html.proto.body for html in at.get("html") if 'class="bars"' in html.proto.body)


def test_the_colours_of_errors_mean_the_same_at_every_epoch(open_page: OpenPage, mine: Run) -> None:
    ends = {
        chart(open_page("epochs", epoch=str(epoch)), "epochs_matrix")["fig"]["data"][0]["zmax"] for epoch in (1, 2, 3)
    }
    assert len(ends) == 1


def test_playing_goes_on_by_one_epoch_a_tick_and_stops_at_the_end(
    open_page: OpenPage, mine: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.components.time_machine.time_machine.TICK_SECONDS", float("inf"))
    at = open_page("epochs")
    at.button(key="epochs_play").click().run()  # at the end: begins anew
    assert at.slider(key="epochs_epoch").value == 1
    assert at.button(key="epochs_play").label == "Pause"
    assert "epoch" not in at.query_params
    at.run()  # not due yet
    assert at.slider(key="epochs_epoch").value == 1
    monkeypatch.setattr("pages.components.time_machine.time_machine.TICK_SECONDS", 0.0)
    at.run()
    assert at.slider(key="epochs_epoch").value == 2
    at.run()
    assert not at.exception
    assert at.slider(key="epochs_epoch").value == 3
    assert at.button(key="epochs_play").label == "Play"
    assert at.query_params["epoch"] == "3"


def test_a_late_report_of_the_slider_moves_nothing(
    open_page: OpenPage, mine: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.components.time_machine.time_machine.TICK_SECONDS", float("inf"))
    monkeypatch.setattr(widgets, "ECHO_SECONDS", float("inf"))  # however long this machine takes from there to here
    at = open_page("epochs", epoch="1")
    at.button(key="epochs_play").click().run()
    with monkeypatch.context() as patch:
        patch.setattr("pages.components.time_machine.time_machine.TICK_SECONDS", 0.0)
        at.run()
    assert at.slider(key="epochs_epoch").value == 2
    assert at.slider(key="epochs_epoch").disabled
    at.button(key="epochs_play").click().run()  # pause
    at.slider(key="epochs_epoch").set_value(1).run()  # where it stood a moment ago
    assert at.slider(key="epochs_epoch").value == 2
    at.slider(key="epochs_epoch").set_value(3).run()  # where playing has not been: somebody moved it
    assert at.slider(key="epochs_epoch").value == 3


def test_a_damaged_epoch_is_said_and_the_others_are_shown(open_page: OpenPage, mine: Run) -> None:
    path_of(mine.folder, 2).write_bytes(b"damaged")
    at = open_page("epochs", epoch="2")
    assert "0002.safetensors is damaged" in at.error[0].value.replace("\\", "")
    at.slider(key="epochs_epoch").set_value(3).run()
    assert not at.exception
    assert not at.error
    assert "after epoch 3" in shown_matrix(at)


def test_the_slider_goes_to_the_last_epoch_planned_and_stays_with_those_kept(open_page: OpenPage, mine: Run) -> None:
    path_of(mine.folder, 3).unlink()
    at = open_page("epochs", epoch="1")
    assert (at.slider(key="epochs_epoch").min, at.slider(key="epochs_epoch").max) == (1, 3)
    at.slider(key="epochs_epoch").set_value(3).run()
    assert not at.exception
    assert at.slider(key="epochs_epoch").value == 2
    assert at.query_params["epoch"] == "2"


def test_a_run_of_one_epoch_needs_no_slider(open_page: OpenPage, kept_run: Run, checkpoints: Path) -> None:
    run = copy_run(kept_run, checkpoints, train={**asdict(kept_run.train), "epochs": 1})
    for epoch in (2, 3):
        path_of(run.folder, epoch).unlink()
    at = open_page("epochs")
    assert not at.slider
    assert at.button(key="epochs_play").disabled
    assert "after epoch 1" in shown_matrix(at)


def test_a_run_without_kept_epochs_is_said_where_it_was_asked_for(
    open_page: OpenPage, mine: Run, add_run: Callable[..., Run]
) -> None:
    plain = add_run(name="plain")
    at = open_page("epochs", run=plain.run_id)
    assert "plain did not keep its epochs" in at.info[0].value
    assert at.selectbox(key="epochs_run").value == mine.run_id


def test_the_train_page_leads_to_it_and_says_what_keeping_takes(open_page: OpenPage, mine: Run, no_mnist: None) -> None:
    at = open_page("train", run=mine.run_id)
    assert "Time machine" in links(at)
    at.toggle(key="train_keep_epochs").set_value(True).run()
    assert "4 epochs will be kept: 4.3 MB on disk." in said(at)  # 4 x 535,818 x 2


def test_a_weights_hue_is_its_sign_and_its_opacity_its_strength() -> None:
    weights = np.array([[[0.0, 1.0], [-0.5, -3.0]]])
    tint = tinted(weights, 1.0)
    assert tint.shape == (1, 2, 2, 4)
    assert tint[0, ..., 3].tolist() == [[0, 255], [128, 255]]
    assert tint[0, 1, 0, :3].tolist() == tint[0, 1, 1, :3].tolist() != tint[0, 0, 1, :3].tolist()


def test_as_many_units_are_shown_as_fill_their_rows() -> None:
    assert MAX_UNITS % 6 == 0
