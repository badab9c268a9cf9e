"""The first page tells what is ready and where to go, whatever there is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawings import digit
from predict_page import answers, draw
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from mnist_core import paths
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import FILE, HistoryWriter
from mnist_core.runs.run import RUN_FILE, WEIGHTS_FILE, Run
from mnist_core.training.config import TrainConfig
from mnist_core.types import Dataset, EpochEnd, Split, StepEnd

ROUTER = paths.APP_FOLDER / "pages" / "_router.py"
ENTRY = paths.APP_FOLDER / "streamlit_app.py"


def blank(name: str, n: int) -> Split:
    return Split(name, np.zeros((n, 28, 28), np.uint8), np.zeros(n, np.int64))


DATASET = Dataset("mnist", blank("train", 55_000), blank("validation", 5_000), blank("test", 10_000), checksum="blank")


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is there: no data, no run, no shipped model."""
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setattr(paths, "shipped_folder", lambda: tmp_path / "shipped")


@pytest.fixture
def make_run() -> Callable[..., Run]:
    def make(name: str, *, accuracy: float | None = None, ends_with: str = "finished") -> Run:
        run = store.create_run(DATASET, ModelConfig("mlp", (8,)), TrainConfig(epochs=1, device="cpu"), name=name)
        writer = HistoryWriter(run.folder / FILE, elapsed=0.0)
        writer.write("started", pid=1, host="here", steps_per_epoch=1, epochs=1, step=0, epochs_done=0)
        writer.record(StepEnd(1, 1, 2.3, 0.1, 0.01, 128))
        if accuracy is not None:
            writer.record(EpochEnd(1, 1, 2.3, 0.1, 0.06, accuracy))
            (run.folder / WEIGHTS_FILE).touch()
        if ends_with:
            writer.write(ends_with)
        writer.close()
        return run

    return make


def home() -> AppTest:
    page = AppTest.from_file(str(ROUTER), default_timeout=HANG_SECONDS).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    """Every word of the page's text."""
    return "\n".join(
        element.value for kind in (page.title, page.subheader, page.markdown, page.caption) for element in kind
    )


def links(page: AppTest) -> list[str]:
    return [element.proto.label for element in page.get("page_link")]


def test_an_empty_home_says_what_to_do_first() -> None:
    page = home()
    assert page.title[0].value == "A workbench for handwritten digits"
    assert links(page) == ["Train", "Evaluate", "Predict"]
    assert "You have not trained anything yet." in said(page)
    assert "**None yet**" in said(page)


def test_without_mnist_the_small_digits_are_named_and_the_way_to_mnist() -> None:
    assert "**Small digits**" in said(home())
    assert "the Train page downloads MNIST" in said(home())


def test_with_mnist_one_real_digit_of_each_kind_is_shown(mnist_source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    page = home()
    assert "**MNIST**" in said(page)
    (strip,) = [element for element in page.get("html") if "One handwritten example" in element.proto.body]
    assert strip.proto.body.count("<img") == 10


def test_damaged_data_is_said_and_the_rest_of_the_page_stands(
    mnist_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "data"
    copied.mkdir()
    for file in mnist_source.glob("*-ubyte.gz"):
        (copied / file.name).write_bytes(b"\0" * file.stat().st_size)
    page = home()
    assert "is not the official MNIST file" in page.error[0].value
    assert links(page)[0] == "Train"


def test_a_digit_is_drawn_and_read_on_the_first_page_by_the_model_that_comes_with_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "shipped_folder", lambda: paths.APP_FOLDER / "checkpoints")
    page = home()
    assert "Draw a digit." in said(page)
    assert answers(draw(page, digit(7))) == ["7"]


def test_the_models_that_come_with_the_app_say_on_what_they_were_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "shipped_folder", lambda: paths.APP_FOLDER / "checkpoints")
    told = said(home())
    assert "**2 come with the app**" in told
    assert told.count("of the 10,000 test images of MNIST") == 2


def test_a_finished_run_is_listed_with_its_accuracy_and_interval(make_run: Callable[..., Run]) -> None:
    run = make_run("first light", accuracy=0.9828)
    page = home()
    assert "first light" in links(page)
    assert "MLP on MNIST · 98.28 % ± 0.36 of its 5,000 validation images · just now" in said(page)
    (link,) = [element for element in page.get("page_link") if element.proto.label == "first light"]
    assert run.run_id in link.proto.query_string


def test_an_interrupted_run_is_marked(make_run: Callable[..., Run]) -> None:
    make_run("cut off", ends_with="")
    assert "Interrupted" in said(home())


def test_only_the_newest_runs_are_listed_with_a_way_to_all(make_run: Callable[..., Run]) -> None:
    for number in range(7):
        make_run(f"run {number}", accuracy=0.9)
    shown = links(home())
    assert len([label for label in shown if label.startswith("run ")]) == 5
    assert "All 7 runs" in shown


def test_a_damaged_run_folder_is_mentioned_and_breaks_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints" / "20261122-142501-cnn-k3f9"
    folder.mkdir(parents=True)
    (folder / RUN_FILE).write_text("{", encoding="utf-8")
    assert "1 run folder is damaged" in said(home())


def test_the_entry_file_run_as_a_script_shows_the_same_page() -> None:
    page = AppTest.from_file(str(ENTRY), default_timeout=HANG_SECONDS).run()
    assert not page.exception
    assert page.title[0].value == "A workbench for handwritten digits"
