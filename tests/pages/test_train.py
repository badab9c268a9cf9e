"""The Train page without a browser: each state, and what its controls do."""

import json
import os
import re
import shutil
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
import streamlit as st
from on_screen import buttons
from PIL import Image
from standing import sleeper, stand_last
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS, wait_for

from mnist_core import paths
from mnist_core.cli.runs import run_row
from mnist_core.datasets import download, registry
from mnist_core.datasets.synthetic import drawing
from mnist_core.errors import DatasetError, WorkerError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.lock import hold
from mnist_core.runs.run import Run, load_run
from mnist_core.training import presets
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control, launcher, queue, trainer
from mnist_core.workers.standstill import standing_still
from pages.components.shared import card_button
from pages.components.shared.labels import plain
from pages.components.train import at_work

ROUTER = str(paths.APP_FOLDER / "pages" / "_router.py")


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    """Runs handed to a worker; none is really started."""
    handed: list[Run] = []
    monkeypatch.setattr(control, "start", handed.append)
    return handed


@pytest.fixture
def no_mnist(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / "no-data"))


def open_page(**query: str) -> AppTest:
    at = AppTest.from_file(ROUTER, default_timeout=HANG_SECONDS)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.switch_page("train.py").run()
    assert not at.exception
    return at


def test_files_of_ones_handwriting_that_cannot_be_read_and_missing_digits_are_said_on_the_form(
    checkpoints, no_mnist, monkeypatch, tmp_path
):
    hand = tmp_path / "hand"
    monkeypatch.setenv("MNIST_HANDWRITING", str(hand))
    train = registry.load("digits").train
    (hand / "7").mkdir(parents=True)
    for number, image in enumerate(train.images[train.labels == 7][:60]):
        Image.fromarray(image).save(hand / "7" / f"{number:02}.png")
    for number in range(5):
        (hand / "7" / f"no-picture-{number}.db").touch()
    at = open_page()
    at.segmented_control(key="train_dataset").set_value("handwriting").run()
    assert not at.exception
    [warning] = [each.value for each in at.warning]
    said = warning.replace("\\", "")
    assert (
        "Left out, being no pictures of digits: 7/no-picture-0.db, 7/no-picture-1.db, 7/no-picture-2.db and 2 more."
        in said
    )
    assert "Nothing to train on shows a 0, 1, 2, 3, 4, 5, 6, 8 or 9:" in said
    run = store.create_run(registry.load("handwriting"), ModelConfig("mlp", (16,)), TrainConfig(epochs=1))
    trainer.train_run(run.folder)
    [_, warning] = [each.value for each in at.run().warning]  # the accuracy hides it, so it is said again
    assert "Nothing to train on shows a 0" in warning


def new_run(epochs: int = 2, name: str = "") -> Run:
    config = TrainConfig(epochs=epochs, batch_size=64)
    return store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config, name=name)


def said(at: AppTest) -> str:
    elements = [*at.markdown, *at.caption, *at.subheader, *at.success, *at.error, *at.info, *at.warning]
    return "\n".join([element.value for element in elements] + progress_texts(at))


def test_before_the_first_training_the_page_says_what_to_press(checkpoints, no_mnist):
    at = open_page()
    assert at.title[0].value == "Train"
    assert "Nothing trained yet" in said(at)
    assert not at.button(key="start_run").disabled


def test_without_mnist_the_small_digits_are_used_and_the_page_says_so(checkpoints, no_mnist):
    at = open_page()
    assert at.segmented_control(key="train_dataset").value == "digits"
    assert "MNIST is not on this machine yet" in said(at)


def test_choosing_mnist_where_it_is_missing_offers_the_download_instead_of_a_start(checkpoints, no_mnist):
    at = open_page()
    at.segmented_control(key="train_dataset").set_value("mnist").run()
    assert not at.exception
    assert at.button(key="download_mnist")
    assert "start_run" not in [button.key for button in at.button]


def test_other_hands_are_drawn_first_and_then_a_large_cnn_that_can_refuse_is_trained(
    checkpoints, mnist_source, monkeypatch, tmp_path, started
):
    few = drawing.Amounts(glyph_digits=5, styled_digits=5, letters=5, scribbles=1, signs=1, patches=1)
    monkeypatch.setattr(drawing, "TRAIN", few)
    monkeypatch.setattr(drawing, "VALIDATION", few)
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    monkeypatch.setenv("MNIST_OTHERS", str(tmp_path / "others"))
    at = open_page()
    at.segmented_control(key="train_dataset").set_value("people").run()
    assert "start_run" not in [button.key for button in at.button]
    at.button(key="draw_others").click().run()
    at.segmented_control(key="train_model").set_value("cnn").run()
    at.segmented_control(key="train_size").set_value("large").run()
    at.button(key="start_run").click().run()
    assert not at.exception
    assert started[0].dataset == "people"
    assert started[0].model == ModelConfig("cnn", size="large", refuses=True)


def test_a_download_that_fails_is_told_in_its_own_sentence(checkpoints, no_mnist, monkeypatch):
    def fail(*, on_progress: object) -> None:
        raise DatasetError("no mirror answered; put the four files into data")

    monkeypatch.setattr(download, "download", fail)
    at = open_page()
    at.segmented_control(key="train_dataset").set_value("mnist").run()
    at.button(key="download_mnist").click().run()
    assert not at.exception
    assert "no mirror answered" in at.error[0].value


def test_start_creates_the_run_that_the_form_describes(checkpoints, no_mnist, started):
    at = open_page()
    at.slider(key="train_epochs").set_value(7)
    at.select_slider(key="train_batch_size").set_value(256)
    at.select_slider(key="train_learning_rate").set_value(0.001)
    at.segmented_control(key="train_augment").set_value("light")
    at.text_input(key="train_hidden").set_value("64, 32")
    at.slider(key="train_dropout").set_value(0.25)
    at.text_input(key="train_name").set_value("mine")
    at.number_input(key="train_seed").set_value(3)
    at.button(key="start_run").click().run()
    assert not at.exception
    [run] = started
    assert load_run(run.folder) == run
    assert run.model == ModelConfig("mlp", (64, 32), 0.25)
    assert (run.train.epochs, run.train.batch_size, run.train.learning_rate) == (7, 256, 0.001)
    assert (run.train.augment, run.train.seed, run.name, run.dataset) == ("light", 3, "mine", "digits")
    assert "mine" in said(at)


def test_a_run_that_was_started_is_shown_and_brought_into_view_also_if_the_script_is_cut_short_just_after(
    checkpoints, no_mnist, started, monkeypatch
):
    cuts = iter([True])

    @contextmanager
    def spinner(_text: str) -> Iterator[None]:
        yield
        if next(cuts, False):
            st.rerun()  # as a message of the browser does that comes just now

    at = open_page(run="20260101-000000-mlp-gone")
    monkeypatch.setattr(st, "spinner", spinner)
    at.text_input(key="train_name").set_value("mine")
    at.button(key="start_run").click().run()
    assert not at.exception
    [run] = started
    assert at.query_params["run"] == run.run_id
    assert "mine" in said(at)
    [wish] = [each for each in at.get("bidi_component") if each.proto.id.endswith("-scroll_to")]
    assert json.loads(wish.proto.json)["turn"]


def ticked(at: AppTest) -> list[str]:
    """The presets that the sliders stand at."""
    return [button.key for button in at.button if button.key and "preset_" in button.key and button.proto.icon]


def test_the_fastest_preset_moves_the_sliders_and_follows_the_network(checkpoints, no_mnist, started):
    at = open_page()
    assert ticked(at) == ["preset_usual"]
    at.button(key="preset_fastest").click().run()
    fastest = presets.preset("fastest", "mlp").train
    assert at.slider(key="train_epochs").value == fastest.epochs
    assert at.select_slider(key="train_learning_rate").value == fastest.learning_rate
    at.segmented_control(key="train_model").set_value("cnn").run()
    assert ticked(at) == ["preset_fastest"]
    at.button(key="start_run").click().run()
    assert not at.exception
    [run] = started
    assert (run.model, run.train) == (presets.preset("fastest", "cnn").model, presets.preset("fastest", "cnn").train)


def test_a_slider_moved_away_from_a_preset_shows_that_none_is_chosen(checkpoints, no_mnist, started):
    at = open_page()
    at.slider(key="train_epochs").set_value(7).run()
    assert ticked(at) == []
    at.button(key="preset_usual").click().run()
    assert at.slider(key="train_epochs").value == TrainConfig().epochs


def test_choosing_an_optimizer_sets_its_usual_rates(checkpoints, no_mnist, started):
    at = open_page()
    at.segmented_control(key="train_optimizer").set_value("sgd").run()
    assert at.select_slider(key="train_learning_rate").value == 0.1
    assert at.select_slider(key="train_weight_decay").value == 0.0005


@pytest.mark.parametrize("hidden", ["many", "512,,256", "0", "99999", ",".join(["8"] * 9), ""])
def test_layers_that_cannot_be_are_refused_with_a_sentence_and_no_start(checkpoints, no_mnist, hidden):
    at = open_page()
    at.text_input(key="train_hidden").set_value(hidden).run()
    assert not at.exception
    assert at.error
    assert at.button(key="start_run").disabled


def test_a_folder_that_cannot_be_written_is_one_sentence(checkpoints, no_mnist, started, monkeypatch, tmp_path):
    at = open_page()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(tmp_path / "file"))
    at.button(key="start_run").click().run()
    assert not at.exception
    assert plain("set MNIST_CHECKPOINTS") in at.error[0].value
    assert started == []


def test_a_finished_run_shows_its_accuracy_with_interval_and_the_next_steps(checkpoints, no_mnist):
    run = new_run()
    trainer.train_run(run.folder)
    at = open_page()
    assert "Done in" in said(at)
    assert "±" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["See its errors", "Try it on your own digit"]


def test_a_run_that_stopped_early_says_so_and_cannot_be_trained_longer(checkpoints, no_mnist):
    config = TrainConfig(epochs=50, learning_rate=1e-6, schedule="constant", patience=1)
    run = store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config)
    trainer.train_run(run.folder)
    at = open_page()
    assert "stopped early, after" in said(at)
    assert "of 50 epochs: for 1 the accuracy had not risen" in said(at)
    assert "Train longer" not in [popover.proto.popover.label for popover in at.get("popover")]


def test_a_run_at_rest_offers_its_card_which_is_made_only_when_asked_for(checkpoints, no_mnist, monkeypatch):
    made: list[Run] = []
    monkeypatch.setattr(card_button, "card_html", made.append)
    run = new_run()
    trainer.train_run(run.folder)
    at = open_page()
    at.run()
    assert "Run card" in buttons(at)
    assert made == []
    (run.folder / "history.jsonl").write_text("")
    with hold(run.folder / "lock"):
        assert "Run card" not in buttons(open_page())


def test_the_card_of_a_run_deleted_meanwhile_says_so(checkpoints):
    run = new_run(name="<gone>")
    store.delete_run(run)
    written = card_button._card(run)
    assert "No run card for &lt;gone&gt;" in written
    assert "it was deleted" in written


def test_under_the_curves_of_a_run_that_ails_stands_why_and_what_to_try(checkpoints, no_mnist):
    config = TrainConfig(epochs=1, optimizer="sgd", learning_rate=1e-6)
    run = store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config)
    trainer.train_run(run.folder)
    [line] = [element.value for element in open_page().markdown if "lightbulb" in element.value]
    assert "no better than guessing (10 %)" in line
    assert "**Try a learning rate of 0.1.**" in line


def test_the_coachs_advice_is_applied_by_one_press(checkpoints, no_mnist, started):
    config = TrainConfig(epochs=1, optimizer="sgd", learning_rate=1e-6, seed=7)
    run = store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config, name="ails")
    trainer.train_run(run.folder)
    at = open_page()
    at.button(key=f"apply_{run.run_id}").click().run()
    assert not at.exception
    [new] = started
    assert (new.dataset, new.model) == (run.dataset, run.model)
    assert new.train == replace(config, learning_rate=0.1)
    assert at.subheader[0].value == new.title


def test_under_the_curves_of_a_healthy_run_stands_nothing(checkpoints, no_mnist):
    run = store.create_run(registry.load("digits"), ModelConfig("mlp", (64,)), TrainConfig(epochs=6))
    trainer.train_run(run.folder)
    assert "lightbulb" not in said(open_page())


def test_a_stopped_run_offers_to_resume_and_does(checkpoints, no_mnist, started):
    run = new_run()
    asked = iter([False, False])
    trainer.train_run(run.folder, should_stop=lambda: next(asked, True))
    at = open_page()
    assert "You stopped it" in said(at)
    at.button(key="resume_run").click().run()
    assert not at.exception
    assert started == [run]


def test_an_interrupted_run_says_what_happened_and_offers_to_resume(checkpoints, no_mnist):
    run = new_run()
    trainer.train_run(run.folder)
    history = run.folder / "history.jsonl"
    history.write_bytes(history.read_bytes().rsplit(b"\n", 3)[0] + b'\n{"event":"st')  # killed amid a line
    at = open_page()
    assert "stopped unexpectedly" in said(at)
    assert at.button(key="resume_run")


def test_a_finished_run_is_trained_longer_and_the_page_says_what_its_schedule_does(checkpoints, no_mnist, started):
    run = new_run()
    trainer.train_run(run.folder)
    at = open_page()
    at.number_input(key="longer_epochs").set_value(3).run()
    assert "a new cycle over the added 3 epochs" in said(at)
    at.button(key="train_longer").click().run()
    assert not at.exception
    assert started == [load_run(run.folder)]
    assert started[0].extended_by == (3,)
    assert any("3 epochs left to train" in text for text in progress_texts(at))


def test_a_run_that_cannot_be_started_is_said_once_and_logs_nothing(checkpoints, no_mnist, monkeypatch):
    run = new_run()
    asked = iter([False, False])
    trainer.train_run(run.folder, should_stop=lambda: next(asked, True))
    at = open_page()
    shutil.rmtree(run.folder / "lock", ignore_errors=True)
    monkeypatch.setattr(control, "start", refuse)
    at.button(key="resume_run").click().run()
    assert [toast.value for toast in at.toast] == ["no room for a worker"]
    assert not at.run().toast


def refuse(run: Run) -> None:
    raise WorkerError("no room for a worker")


def test_what_was_lost_to_damage_is_said_plainly(checkpoints, no_mnist):
    run = new_run(epochs=2)
    asked = iter(range(1000))
    trainer.train_run(run.folder, should_stop=lambda: next(asked) > 30)
    (run.folder / "state.pt").write_bytes(b"junk")
    with (run.folder / "history.jsonl").open("ab") as file:
        file.write(b"nonsense\n")
    trainer.train_run(run.folder)
    text = said(open_page())
    assert "continued from the state saved before it" in text
    assert "1 line of its history cannot be read" in text


def test_an_interrupted_run_on_a_full_disk_says_to_make_room(checkpoints, no_mnist, monkeypatch):
    run = new_run()
    asked = iter([False, False])
    trainer.train_run(run.folder, should_stop=lambda: next(asked, True))
    history = run.folder / "history.jsonl"
    history.write_bytes(history.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    monkeypatch.setattr("shutil.disk_usage", lambda path: Namespace(free=1000))
    assert "free some space before you resume" in open_page().warning[0].value


def test_a_failed_run_shows_why(checkpoints, no_mnist):
    run = new_run()
    (run.folder / "state.pt").write_bytes(b"junk")
    trainer.main(run.folder)
    at = open_page()
    assert plain("state.pt is damaged") in at.error[0].value


def test_a_run_at_work_is_shown_with_its_progress_and_can_be_stopped(checkpoints, no_mnist, monkeypatch):
    run = new_run(epochs=4)
    trainer.train_run(run.folder)
    history = run.folder / "history.jsonl"
    lines = history.read_text().splitlines(keepends=True)
    history.write_text("".join(lines[: len(lines) // 2]))
    stopped: list[Run] = []
    monkeypatch.setattr(control, "stop", stopped.append)
    with hold(run.folder / "lock"):
        at = open_page()
        assert any("images/s" in text and "left" in text for text in progress_texts(at))
        at.button(key="stop_run").click().run()
        assert not at.exception
    assert stopped == [run]


def test_a_run_in_line_says_how_many_are_ahead(checkpoints, no_mnist):
    ahead, run = new_run(), new_run()
    line = checkpoints / ".line-cpu"
    line.mkdir()
    for place, one in enumerate((ahead, run)):
        (line / f"{place:020d}-{one.run_id}").touch()
    (run.folder / "history.jsonl").write_text(
        json.dumps({"event": "queued", "time": 1.0, "elapsed": 0.0, "pid": 1, "host": "here"}) + "\n"
    )
    with hold(ahead.folder / "lock"), hold(run.folder / "lock"):
        at = open_page(run=run.run_id)
        assert any("1 run is ahead" in text for text in progress_texts(at))


def test_the_queue_is_shown_in_its_order_with_the_time_it_takes_and_a_run_in_it_moved_and_withdrawn(
    checkpoints, no_mnist, monkeypatch
):
    done = new_run()
    trainer.train_run(done.folder)
    runs = [new_run(name=name) for name in ("<first>", "second", "third")]
    line = checkpoints / ".line-cpu"
    for place, run in enumerate(runs):
        (line / f"{place:020d}-{run.run_id}").touch()
        (run.folder / "history.jsonl").write_text(
            json.dumps({"event": "queued", "time": 1.0, "elapsed": 0.0, "pid": 1, "host": "here"}) + "\n"
        )
    withdrawn: list[Run] = []
    monkeypatch.setattr(control, "stop", withdrawn.append)

    def order(at: AppTest) -> list[str]:
        return [button.label for button in at.button if button.key and button.key.startswith("show_")]

    with ExitStack() as held:
        for run in runs:
            held.enter_context(hold(run.folder / "lock"))
        at = open_page(run=done.run_id)
        assert any(re.search(r"Queue.* 3 runs, until about \d\d:\d\d", text.value) for text in at.markdown)
        assert order(at) == [plain("<first>"), "second", "third"]
        assert [button.key for button in at.button if button.label == "Move up"] == [f"move_{runs[2].run_id}"]
        at.button(key=f"move_{runs[2].run_id}").click().run()
        assert order(at) == [plain("<first>"), "third", "second"]
        at.button(key=f"withdraw_{runs[1].run_id}").click().run()
        assert withdrawn == [runs[1]]
        at.button(key=f"show_{runs[2].run_id}").click().run()
        assert [heading.value for heading in at.subheader] == ["third"]
        assert order(at) == [plain("<first>"), "second"]
        assert not at.exception


def test_where_the_queue_is_full_a_start_leaves_no_run_behind(checkpoints, no_mnist, monkeypatch):
    monkeypatch.setattr(queue, "waiting", lambda *_: ["a run"] * control.MAX_AT_WORK)
    at = open_page()
    at.button(key="start_run").click().run()
    assert "the queue is full" in at.error[0].value
    assert store.list_runs() == []


def test_the_address_says_which_run_is_shown(checkpoints, no_mnist):
    first, second = new_run(name="the first"), new_run(name="the second")
    for run in (first, second):
        trainer.train_run(run.folder)
    assert "the first" in said(open_page(run=first.run_id))
    assert "the second" in said(open_page(run=second.run_id))


@pytest.mark.parametrize("run_id", ["nonesuch", "../../etc/passwd", ""])
def test_an_address_with_no_run_of_ours_shows_the_newest(checkpoints, no_mnist, run_id):
    run = new_run(name="only one")
    trainer.train_run(run.folder)
    assert "only one" in said(open_page(run=run_id))


def test_a_damaged_run_beside_it_does_not_break_the_page(checkpoints, no_mnist):
    run = new_run(name="healthy")
    trainer.train_run(run.folder)
    (checkpoints / "29991231-235959-mlp-aaaa").mkdir()
    assert "healthy" in said(open_page())


def progress_texts(at: AppTest) -> list[str]:
    return [element.proto.text for element in at.get("progress")]


def test_tests_start_no_launcher():
    assert launcher.launch(paths.APP_FOLDER) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_suspended_worker_is_said_to_hold_up_the_queue_and_how_to_end_it(checkpoints, no_mnist, monkeypatch):
    run, behind = new_run(name="frozen", epochs=4), new_run(name="behind")
    trainer.train_run(run.folder)
    lines = (run.folder / "history.jsonl").read_text().splitlines(keepends=True)
    stopped: list[Run] = []
    monkeypatch.setattr(control, "stop", stopped.append)
    with sleeper() as worker, hold(run.folder / "lock"), hold(behind.folder / "lock"):
        begun = [
            json.dumps(json.loads(line) | {"pid": worker.pid}) + "\n" if '"pid"' in line else line for line in lines
        ]
        (run.folder / "history.jsonl").write_text("".join(begun[: len(begun) // 2]))
        stand_last(checkpoints, run.run_id, worker.pid)
        stand_last(checkpoints, behind.run_id, os.getpid())
        at = open_page(run=run.run_id)
        assert not at.warning
        assert at_work.news(None)["said"].endswith(" % · 1 waiting")
        os.kill(worker.pid, signal.SIGSTOP)
        wait_for(lambda: standing_still(checkpoints), "being suspended")
        at.run()
        [said_of_it] = [warning.value for warning in at.warning]
        assert f"Its process ({worker.pid}) is suspended: it does nothing, and 1 run waits behind it." in said_of_it
        assert "**Stop** wakes it, has it save, and ends it" in said_of_it
        assert any("Suspended" in caption.value for caption in at.caption)
        assert any("Suspended" in text.value for text in at.markdown)  # the badge
        monkeypatch.setattr(at_work, "LOOK_SECONDS", 0.0)
        assert at_work.news(None)["said"] == "Suspended · 1 waiting"
        assert "suspended and holds up the queue" in run_row(run)["text"]
        at.button(key="stop_run").click().run()
        at.button(key=f"stop_{run.run_id}").click().run()
        assert not at.exception
    assert stopped == [run, run]
