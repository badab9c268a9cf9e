"""The page My handwriting without a browser: keep, look through, relabel, delete, learn; and the twenty digits."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawings import digit
from on_screen import buttons, captions, said
from predict_page import answers, draw, png, run, send, stroke, upload
from streamlit.testing.v1 import AppTest

from mnist_core.datasets import picture_store
from mnist_core.errors import WorkerError
from mnist_core.finetuning import examples, finetune
from mnist_core.images.preprocess import preprocess
from mnist_core.reading.predict import read_digit
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model
from mnist_core.types import NOT_A_DIGIT
from mnist_core.workers import control, trainer
from pages.components.train import live

Open = Callable[..., AppTest]


@pytest.fixture
def hand(checkpoints: Path) -> Path:
    """Where this test's handwriting lies."""
    return checkpoints.parent / "handwriting"


@pytest.fixture
def trained_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are trained where they are asked for, in a tenth of the steps."""
    monkeypatch.setattr(examples, "STEPS", 15)
    monkeypatch.setattr(control, "start", lambda run: trainer.train_run(run.folder))


def fill(hand: Path, n: int) -> None:
    for number in range(n):
        picture_store.keep(hand, digit((1, 4, 5, 7)[number % 4], pen=10 + number), (1, 4, 5, 7)[number % 4])


def toasts(at: AppTest) -> list[str]:
    return [toast.value for toast in at.toast]


def test_an_answer_that_was_right_is_kept_as_it_and_can_be_taken_back(
    open_page: Open, trained_run: Run, hand: Path
) -> None:
    at = draw(open_page("predict"), digit(4))
    [answer] = answers(at)
    run(at.button(key="right_drawn").click())
    [picture] = picture_store.list_kept(hand)
    assert str(picture.label) == answer
    assert toasts(at) == [f"Kept as {answer} · 1 picture in all"]
    assert f"Kept as {answer}" in said(at)
    assert "right_drawn" not in [button.key for button in at.button]
    run(at.button(key="take_back_drawn").click())
    assert picture_store.list_kept(hand) == []
    run(at)
    assert toasts(at) == []
    assert at.button(key="right_drawn")


def test_a_wrong_answer_is_kept_as_what_it_was(open_page: Open, trained_run: Run, hand: Path) -> None:
    at = draw(open_page("predict"), digit(7))
    run(at.segmented_control(key="was_drawn").set_value(3))
    [picture] = picture_store.list_kept(hand)
    assert picture.label == 3
    assert np.array_equal(picture.image, preprocess(digit(7), invert="no", with_steps=False).image)
    draw(at, digit(4))
    assert at.segmented_control(key="was_drawn").value is None
    assert len(picture_store.list_kept(hand)) == 1


def test_an_uploaded_picture_is_kept_too(open_page: Open, trained_run: Run, hand: Path) -> None:
    at = upload(open_page("predict"), ("four.png", png(255 - digit(4))))
    run(at.segmented_control(key="was_uploaded").set_value(4))
    assert picture_store.count_kept(hand)[4] == 1


def test_a_kept_picture_deleted_elsewhere_can_be_kept_again(open_page: Open, trained_run: Run, hand: Path) -> None:
    at = draw(open_page("predict"), digit(4))
    run(at.segmented_control(key="was_drawn").set_value(4))
    shutil.rmtree(hand)
    run(at)
    run(at.segmented_control(key="was_drawn").set_value(4))
    assert picture_store.count_kept(hand)[4] == 1


def test_taking_back_what_is_gone_is_no_error(open_page: Open, trained_run: Run, hand: Path) -> None:
    at = draw(open_page("predict"), digit(4))
    run(at.segmented_control(key="was_drawn").set_value(4))
    shutil.rmtree(hand)
    run(at.button(key="take_back_drawn").click())
    assert toasts(at) == ["Undone: the picture is deleted."]
    assert not at.error


def test_a_folder_that_takes_nothing_is_one_sentence(open_page: Open, trained_run: Run, hand: Path) -> None:
    hand.write_text("a file where the folder should be")
    at = draw(open_page("predict"), digit(4))
    run(at.segmented_control(key="was_drawn").set_value(4))
    assert "cannot save the picture" in toasts(at)[0]
    assert "cannot be read" in open_page("my_handwriting").error[0].value


def test_several_digits_and_a_blank_ask_for_no_correction(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict")
    run(at.segmented_control(key="read_how_many").set_value("many"))
    assert "Right" not in buttons(draw(at, digit(4)))
    run(at.segmented_control(key="read_how_many").set_value("auto"))
    assert "Right" not in buttons(send(at, np.zeros((280, 280), np.uint8), [stroke()]))


def test_without_pictures_the_section_says_how_they_come(open_page: Open, trained_run: Run) -> None:
    at = open_page("my_handwriting")
    assert "Nothing is kept yet" in said(at)
    assert "Learn my handwriting" not in buttons(at)


def test_pictures_are_shown_by_digit_and_deleted_one_by_one(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 40)
    at = open_page("my_handwriting")
    drops = [button for button in at.button if (button.key or "").startswith("drop_")]
    assert len(drops) == 24
    run(at.pills(key="kept_label").set_value(7))
    drops = [button for button in at.button if (button.key or "").startswith("drop_7-")]
    assert len(drops) == 10
    run(drops[0].click())
    assert picture_store.count_kept(hand)[7] == 9
    assert sum(picture_store.count_kept(hand)) == 39


def test_all_are_deleted_once_confirmed(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 3)
    at = open_page("my_handwriting")
    run(at.button(key="delete_kept").click())
    assert sum(picture_store.count_kept(hand)) == 3
    assert "3 pictures" in said(at)
    run(at.button(key="confirm_delete_kept").click())
    assert sum(picture_store.count_kept(hand)) == 0


def test_a_damaged_file_among_them_is_shown_as_such_and_can_be_deleted(
    open_page: Open, trained_run: Run, hand: Path
) -> None:
    fill(hand, 1)
    (hand / "1" / "eggs.png").write_text("eggs")
    at = open_page("my_handwriting")
    assert "cannot be read" in said(at)
    run(at.button(key="drop_1-eggs").click())
    assert sum(picture_store.count_kept(hand)) == 1


def test_a_folder_named_by_no_digit_is_one_sentence(open_page: Open, trained_run: Run, hand: Path) -> None:
    (hand / "seven").mkdir(parents=True)
    at = open_page("my_handwriting")
    [error] = at.error
    assert "seven" in error.value
    assert len(answers(draw(open_page("predict"), digit(4)))) == 1


def test_the_export_is_offered(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 2)
    assert "Export" in buttons(open_page("my_handwriting"))
    with zipfile.ZipFile(io.BytesIO(picture_store.export(hand))) as archive:
        assert len(archive.namelist()) == 2


def test_learning_shows_before_and_after_and_the_model_can_be_used(
    open_page: Open, trained_run: Run, hand: Path, trained_at_once: None
) -> None:
    fill(hand, 12)
    at = open_page("my_handwriting")
    run(at.button(key="teach").click())
    [taught] = [run for run in store.healthy_runs() if run.base]
    assert taught.base == trained_run.run_id
    labels = [metric.label for metric in at.metric]
    assert labels == ["Your digits, before", "Your digits, after", "Small digits, before", "Small digits, after"]
    assert all(" to " in metric.value or "±" in metric.value for metric in at.metric)
    assert "On your 12 digits" in said(at)
    run(at.button(key="use_taught").click())
    assert at.selectbox(key="predict_run").value == taught.run_id
    assert "This model is in use." in said(at)
    at = open_page("predict", run=taught.run_id)
    assert len(answers(draw(at, digit(4)))) == 1


def test_one_picture_can_be_learned_and_the_page_says_that_it_proves_nothing(
    open_page: Open, trained_run: Run, hand: Path, trained_at_once: None
) -> None:
    fill(hand, 1)
    at = open_page("my_handwriting")
    assert "10 are needed" in said(at)
    run(at.button(key="teach").click())
    assert "says nothing about new ones" in said(at)
    assert [metric.label for metric in at.metric] == ["Small digits, before", "Small digits, after"]


def test_while_another_tab_teaches_the_button_rests_and_progress_is_shown(
    open_page: Open, trained_run: Run, hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(hand, 3)
    finetune.create_fine_tuning_run(trained_run)
    doing = lambda run, history=None: "running" if run.base else "finished"  # noqa: E731
    monkeypatch.setattr("pages.components.teach.teaching.status_of", doing)
    at = open_page("my_handwriting")
    assert at.button(key="teach").disabled
    assert "Getting ready" in at.get("progress")[0].proto.text


def test_a_worker_that_cannot_start_and_a_teaching_that_did_not_end_are_each_one_sentence(
    open_page: Open, trained_run: Run, hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Run) -> None:
        raise WorkerError("no room to work")

    monkeypatch.setattr(control, "start", refuse)
    fill(hand, 3)
    at = open_page("my_handwriting")
    run(at.button(key="teach").click())
    assert "no room to work" in at.error[0].value
    assert "stopped before it finished" in run(at).warning[0].value


def test_a_teaching_that_failed_says_why(
    open_page: Open, trained_run: Run, hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(hand, 3)
    taught, _ = finetune.create_fine_tuning_run(trained_run)
    (taught.folder / examples.FILE).write_text("eggs")
    trainer.main(taught.folder)
    assert "lessons\\.npz is damaged" in open_page("my_handwriting").error[0].value


@pytest.mark.parametrize("gone", ["report", "run"])
def test_what_is_damaged_or_deleted_after_teaching_leaves_the_page_whole(
    open_page: Open, trained_run: Run, hand: Path, trained_at_once: None, gone: str
) -> None:
    fill(hand, 3)
    at = open_page("my_handwriting")
    run(at.button(key="teach").click())
    [taught] = [run for run in store.healthy_runs() if run.base]
    if gone == "run":
        shutil.rmtree(taught.folder)
        assert taught.title not in said(run(at))
    else:
        (taught.folder / finetune.FILE).write_text("eggs")
        assert "damaged" in run(at).error[0].value


def test_the_taught_run_shows_its_report_on_train(
    open_page: Open, trained_run: Run, hand: Path, trained_at_once: None
) -> None:
    fill(hand, 12)
    taught, _ = finetune.create_fine_tuning_run(trained_run)
    trainer.train_run(taught.folder)
    at = open_page("train", run=taught.run_id)
    assert "Your digits, after" in [metric.label for metric in at.metric]


def start_quiz(open_page: Open) -> AppTest:
    at = open_page("my_handwriting")
    return run(at.button(key="quiz_begin").click())


def draw_prompted(at: AppTest, picture: np.ndarray) -> AppTest:
    draw(at, picture, "quiz_pad")
    return run(at.button(key="quiz_next").click())


def test_twenty_digits_each_twice_are_asked_for_and_judged(open_page: Open, evaluated_run: Run, hand: Path) -> None:
    at = start_quiz(open_page)
    quiz = at.session_state["quiz"]
    assert sorted(quiz.prompts) == sorted([*range(10)] * 2)
    model = load_model(evaluated_run)
    pictures = [digit((1, 4, 5, 7)[number % 4], pen=14 + number) for number in range(20)]
    read = [read_digit(model, picture, invert="no").digit for picture in pictures]
    quiz.prompts = read[:8] + [(one + 1) % 10 for one in read[8:]]  # eight will be right and twelve wrong
    for prompt, picture in zip(quiz.prompts, pictures, strict=True):
        assert f"Write the digit {prompt}" in said(run(at))
        draw_prompted(at, picture)
    assert "It reads 8 of your 20 digits correctly" in said(at)
    yours, tested = at.metric
    assert yours.value.endswith(")")
    assert " to " in yours.value
    assert "±" in tested.value
    run(at.button(key="keep_wrong").click())
    assert len(picture_store.list_kept(hand)) == 12
    assert "keep_wrong" not in [button.key for button in at.button]
    run(at.button(key="keep_all").click())
    assert len(picture_store.list_kept(hand)) == 20
    assert sorted(picture.label for picture in picture_store.list_kept(hand)) == sorted(quiz.prompts)


def test_next_waits_for_a_drawing_and_stop_leaves(open_page: Open, trained_run: Run) -> None:
    at = start_quiz(open_page)
    assert at.button(key="quiz_next").disabled
    run(at.button(key="quiz_stop").click())
    assert at.button(key="quiz_begin")


def test_a_model_not_tested_yet_links_to_its_test_and_one_that_learned_the_drawings_says_so(
    open_page: Open, trained_run: Run, hand: Path, trained_at_once: None
) -> None:
    at = start_quiz(open_page)
    at.session_state["quiz"].prompts = [1, 4]
    for label in (1, 4):
        draw_prompted(at, digit(label))
    assert "never" not in said(at)
    assert any("Not evaluated on test images yet" in link.proto.label for link in at.get("page_link"))
    run(at.button(key="keep_all").click())
    taught, _ = finetune.create_fine_tuning_run(trained_run)
    trainer.train_run(taught.folder)
    run(at)
    run(at.selectbox(key="predict_run").set_value(taught.run_id))
    assert "was trained on 2 of these drawings" in at.warning[0].value


def test_the_drawing_of_the_test_and_that_of_predict_are_two(open_page: Open, trained_run: Run) -> None:
    at = draw(open_page("predict"), digit(4))
    before = answers(at)
    run(at.switch_page("my_handwriting.py"))
    run(at.button(key="quiz_begin").click())
    assert at.button(key="quiz_next").disabled
    assert answers(run(at.switch_page("predict.py"))) == before


def test_a_damaged_report_leaves_the_page_train_whole(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 12)
    taught, _ = finetune.create_fine_tuning_run(trained_run)
    trainer.train_run(taught.folder)
    (taught.folder / finetune.FILE).write_text("eggs")
    at = open_page("train", run=taught.run_id)
    assert "damaged" in at.error[0].value
    assert "Training loss" in [metric.label for metric in at.metric]


def test_how_far_the_judging_is_is_told_though_no_step_is_made(
    trained_run: Run, hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FRESH_SECONDS", 0.0)
    fill(hand, 12)
    taught, _ = finetune.create_fine_tuning_run(trained_run)
    trainer.train_run(taught.folder)
    path = taught.folder / finetune.FILE
    whole = path.read_text()
    report = json.loads(whole)
    path.write_text(json.dumps({**report, "parts_done": 1}))
    before = live.watched(taught).news().words.run_progress
    path.write_text(json.dumps({**report, "parts_done": 2}))
    assert "part 2 of" in before
    assert "part 3 of" in live.watched(taught).news().words.run_progress


def opened(at: AppTest, picture: picture_store.Kept) -> AppTest:
    """With the picture opened large."""
    return run(at.button(key=f"open_{picture.path.parent.name}-{picture.path.stem}").click())


def test_a_kept_picture_is_opened_large_and_relabelled(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 1)
    [picture] = picture_store.list_kept(hand)
    at = opened(open_page("my_handwriting"), picture)
    assert at.pills(key="relabel").value == 1
    assert any("Probabilities of the ten digits" in html.proto.body for html in at.get("html"))
    at.pills(key="relabel").set_value(8)
    run(at.button(key="save_label").click())
    [again] = picture_store.list_kept(hand)
    assert (again.label, again.path.name) == (8, picture.path.name)
    assert again.image is not None
    assert np.array_equal(again.image, picture.image)
    assert toasts(at) == ["Kept as 8 now."]


def test_what_is_kept_as_not_a_digit_is_shown_counted_and_not_learned(
    open_page: Open, trained_run: Run, hand: Path
) -> None:
    fill(hand, 2)
    first, _ = picture_store.list_kept(hand)
    at = opened(open_page("my_handwriting"), first)
    at.pills(key="relabel").set_value(NOT_A_DIGIT)
    run(at.button(key="save_label").click())
    assert len(picture_store.list_kept(hand)) == 1
    assert len(examples.gather(hand)[0]) == 1
    assert "1 picture kept as not a digit" in said(at)
    assert [button.key for button in at.button if (button.key or "").startswith("drop_not-a-digit-")]
    [picture] = picture_store.list_not_digits(hand)
    at = opened(at, picture)
    at.pills(key="relabel").set_value(1)
    run(at.button(key="save_label").click())
    assert len(picture_store.list_kept(hand)) == 2


def test_with_nothing_but_non_digits_there_is_nothing_to_teach(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 1)
    [picture] = picture_store.list_kept(hand)
    picture_store.relabel(picture.path, NOT_A_DIGIT, hand)
    at = open_page("my_handwriting")
    assert "Learn my handwriting" not in buttons(at)
    assert "Delete all" in buttons(at)


def test_a_deleted_picture_is_put_back_byte_for_byte(open_page: Open, trained_run: Run, hand: Path) -> None:
    fill(hand, 3)
    picture = picture_store.list_kept(hand)[1]
    before = picture.path.read_bytes()
    at = open_page("my_handwriting")
    assert "undo_delete" not in [button.key for button in at.button]
    run(at.button(key=f"drop_{picture.label}-{picture.path.stem}").click())
    assert not picture.path.exists()
    run(at.button(key="undo_delete").click())
    assert picture.path.read_bytes() == before
    assert "undo_delete" not in [button.key for button in at.button]


def test_predict_leads_to_my_handwriting_and_what_it_keeps_arrives_there(
    open_page: Open, trained_run: Run, hand: Path
) -> None:
    at = draw(open_page("predict"), digit(4))
    run(at.segmented_control(key="was_drawn").set_value(4))
    assert any("My handwriting" in link.proto.label for link in at.get("page_link"))
    run(at.switch_page("my_handwriting.py"))
    [drop] = [button for button in at.button if (button.key or "").startswith("drop_4-")]
    assert drop


def test_all_twenty_are_shown_with_what_was_read_and_the_wrong_ones_marked(
    open_page: Open, evaluated_run: Run, hand: Path
) -> None:
    at = start_quiz(open_page)
    quiz = at.session_state["quiz"]
    read = read_digit(load_model(evaluated_run), digit(4), invert="no").digit
    quiz.prompts = [read, (read + 1) % 10]
    for _ in range(2):
        draw_prompted(at, digit(4))
    said_below = captions(at)
    assert [text.split(", read as")[0] for text in said_below] == [f"Your {prompt}" for prompt in quiz.prompts]
    [body] = [html.proto.body for html in at.get("html") if "<figcaption" in html.proto.body]
    assert body.count('<figcaption class="wrong">') == 1


def test_without_a_model_it_is_said_how_to_get_one(open_page: Open) -> None:
    assert "no trained model yet" in said(open_page("my_handwriting"))
