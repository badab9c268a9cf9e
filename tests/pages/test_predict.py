"""The Predict page without a browser: each state, what a stroke brings, and what hostile files get."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import digit, on_paper, paste
from on_screen import captions, said
from predict_page import answers, draw, png, run, send, stroke, upload
from small_runs import copy_refusing_run, copy_run
from streamlit.testing.v1 import AppTest

from mnist_core.errors import CheckpointError
from mnist_core.reading.one_or_several import HowMany
from mnist_core.runs.run import Run
from pages.components.predict.reading import Options, read
from pages.components.shared.pad import MAX_STROKES

Open = Callable[..., AppTest]


def canvas(at: AppTest) -> dict[str, Any]:
    """What the canvas was told."""
    [given] = [c.proto.json for c in at.get("bidi_component") if "-canvas_" in c.proto.id]
    told: dict[str, Any] = json.loads(given)
    return told


def bars(at: AppTest) -> str:
    """The ten probabilities."""
    [body] = [html.proto.body for html in at.get("html") if 'class="bars"' in html.proto.body]
    return str(body)


def film(at: AppTest) -> str:
    """The preprocessing steps."""
    [body] = [html.proto.body for html in at.get("html") if 'class="film"' in html.proto.body]
    return str(body)


def test_without_a_model_the_page_leads_to_training(open_page: Open) -> None:
    at = open_page("predict")
    assert "no trained model" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Train one"]


def test_before_the_first_stroke_the_page_says_what_to_do(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict")
    assert "Draw a digit" in said(at)
    assert at.button(key="pad_undo").disabled
    assert at.button(key="pad_clear").disabled


def test_a_drawn_digit_is_answered_with_its_probabilities_and_what_the_model_saw(
    open_page: Open, trained_run: Run
) -> None:
    at = draw(open_page("predict"), digit(4))
    [answer] = answers(at)
    assert answer in "0123456789"
    assert "sure." in said(at)
    assert bars(at).count('class="meant"') == 1
    assert f'class="meant" title="{answer}: ' in bars(at)
    assert "What the model saw" in said(at)
    assert film(at).endswith("28 × 28</div></div></div>")


def test_undo_has_the_canvas_redraw_itself_without_the_last_stroke(open_page: Open, trained_run: Run) -> None:
    first, second = stroke(), stroke()
    at = send(open_page("predict"), digit(4), [first, second])
    run(at.button(key="pad_undo").click())
    assert canvas(at)["initialDrawing"]["objects"] == [first]
    send(at, digit(7), [first])
    assert len(answers(at)) == 1
    run(at.button(key="pad_undo").click())
    assert answers(at) == []
    assert canvas(at)["initialDrawing"]["objects"] == []


def test_undo_pressed_twice_before_the_canvas_answers_takes_two_strokes_back(open_page: Open, trained_run: Run) -> None:
    strokes = [stroke(), stroke(), stroke()]
    at = send(open_page("predict"), digit(4), strokes)
    for _ in range(2):
        run(at.button(key="pad_undo").click())
    assert canvas(at)["initialDrawing"]["objects"] == strokes[:1]


def test_clear_empties_the_pad_and_what_the_canvas_still_stands_at_does_not_come_back(
    open_page: Open, trained_run: Run
) -> None:
    strokes = [stroke()]
    at = send(open_page("predict"), digit(4), strokes)
    run(at.button(key="pad_clear").click())
    send(at, digit(4), strokes)
    assert "Draw a digit" in said(at)
    assert answers(at) == []
    assert at.button(key="pad_clear").disabled
    assert len(answers(draw(at, digit(7)))) == 1


def test_clear_asks_for_an_empty_canvas_each_time_it_is_pressed(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict")
    asked = []
    for _ in range(2):
        draw(at, digit(4))
        run(at.button(key="pad_clear").click())
        asked.append(canvas(at)["initialDrawing"])
    assert asked[0]["objects"] == asked[1]["objects"] == []
    assert asked[0] != asked[1]  # or the canvas would not notice


@pytest.mark.parametrize("elsewhere", ["tab", "page"])
def test_a_drawing_and_its_answer_are_there_at_once_after_something_else(
    open_page: Open, trained_run: Run, elsewhere: str
) -> None:
    strokes = [stroke(), stroke()]
    at = send(open_page("predict"), digit(4), strokes)
    before = answers(at)
    if elsewhere == "page":
        run(at.switch_page("runs.py"))
        at.switch_page("predict.py")
    else:
        at.session_state["predict_tab"] = "Upload"
        run(at)
        at.session_state["predict_tab"] = "Draw"
    run(at)
    assert answers(at) == before
    assert canvas(at)["initialDrawing"]["objects"] == strokes


def test_a_full_pad_takes_no_more_strokes_until_one_is_taken_back(open_page: Open, trained_run: Run) -> None:
    at = run(send(open_page("predict"), digit(4), [stroke() for _ in range(MAX_STROKES)]))
    assert canvas(at)["disabled"]
    assert f"{MAX_STROKES} strokes" in said(at)
    run(at.button(key="pad_undo").click())
    assert not canvas(at)["disabled"]


def test_another_model_reads_the_drawing_that_stands(open_page: Open, add_run: Callable[..., Run]) -> None:
    first, second = add_run("20260101-000000-mlp-aaaa"), add_run("20260102-000000-mlp-bbbb")
    at = draw(open_page("predict", run=first.run_id), digit(4))
    run(at.selectbox(key="predict_run").set_value(second.run_id))
    assert len(answers(at)) == 1
    assert second.run_id in at.query_params["run"]


def test_a_run_that_is_not_there_is_said_and_another_reads(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict", run="20200101-000000-mlp-none")
    assert "was not found" in at.info[0].value
    assert len(answers(draw(at, digit(4)))) == 1


def test_an_uploaded_photograph_is_read(open_page: Open, trained_run: Run) -> None:
    at = upload(open_page("predict"), ("four.png", png(on_paper(digit(4)))))
    assert len(answers(at)) == 1
    assert "What the model saw" in said(at)


@pytest.mark.parametrize(
    "content",
    [b"", b"I am no picture", png(digit(4))[:300], bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n" + b"\x00" * 50],
    ids=["empty", "text", "truncated", "random", "torn header"],
)
def test_a_file_that_is_no_picture_gets_a_sentence_and_the_others_are_read(
    open_page: Open, trained_run: Run, content: bytes
) -> None:
    at = upload(open_page("predict"), ("bad *_<b>.png", content), ("good.png", png(digit(7))))
    assert len(at.error) == 1
    assert len(answers(at)) == 1


def test_a_blank_picture_is_said_to_be_blank(open_page: Open, trained_run: Run) -> None:
    at = upload(open_page("predict"), ("blank.png", png(np.full((50, 50), 255, np.uint8))))
    assert "No ink to read" in said(at)


@pytest.fixture
def refusing_run(small_run: Run, checkpoints: Path) -> Run:
    """The only run: it takes nothing for a digit."""
    return copy_refusing_run(small_run, checkpoints)


def test_what_is_not_a_digit_is_said_to_be_none_with_a_guess_and_no_bar_that_stands_out(
    open_page: Open, refusing_run: Run
) -> None:
    at = draw(open_page("predict"), digit(4))
    assert answers(at) == []
    assert "Probably not a digit." in said(at)
    assert "The nearest is" in said(at)
    assert "sure." not in said(at)
    assert bars(at).count('class="other"') == 11
    assert 'title="no digit: ' in bars(at)
    assert "What the model saw" in said(at)


def test_what_is_not_a_digit_is_a_question_mark_among_several(open_page: Open, refusing_run: Run) -> None:
    page = np.zeros((160, 300), np.uint8)
    paste(page, digit(7, 100, 10), 20, 30)
    paste(page, digit(4, 100, 10), 160, 30)
    at = open_page("predict")
    at.segmented_control(key="read_how_many").set_value("many")
    upload(at, ("page.png", png(page)))
    assert any('aria-label="Not a digit">??<' in html.proto.body for html in at.get("html"))
    last = [html.proto.body for html in at.get("html") if "<figcaption" in html.proto.body][-1]
    assert last.count(">?\nguess ") == 2


def test_uploads_that_are_no_digits_are_listed_as_such(open_page: Open, refusing_run: Run) -> None:
    at = upload(open_page("predict"), ("one.png", png(on_paper(digit(4)))), ("two.png", png(digit(7))))
    assert all("not a digit · nearest" in caption for caption in captions(at))


@pytest.mark.parametrize(("refuses", "told"), [(True, "It can also answer"), (False, "It has no")])
def test_the_help_says_whether_the_model_can_refuse(
    open_page: Open, small_run: Run, checkpoints: Path, refuses: bool, told: str
) -> None:
    (copy_refusing_run if refuses else copy_run)(small_run, checkpoints)
    at = draw(open_page("predict"), digit(4))
    assert any(told in markdown.help for markdown in at.markdown)


def test_several_digits_are_read_as_a_number(open_page: Open, trained_run: Run) -> None:
    page = np.zeros((160, 300), np.uint8)
    paste(page, digit(7, 100, 10), 20, 30)
    paste(page, digit(4, 100, 10), 160, 30)
    at = open_page("predict")
    at.segmented_control(key="read_how_many").set_value("many")
    [answer] = answers(upload(at, ("page.png", png(page))))
    assert len(answer) == 2


def test_several_digits_are_found_out_without_asking(open_page: Open, trained_run: Run) -> None:
    page = np.zeros((160, 400), np.uint8)
    for place in range(3):
        paste(page, digit(7, 100, 10), 20 + 130 * place, 30)
    at = open_page("predict")
    assert at.segmented_control(key="read_how_many").value == "auto"
    [answer] = answers(upload(at, ("page.png", png(page))))
    assert len(answer) == 3
    [answer] = answers(run(at.segmented_control(key="read_how_many").set_value("one")))
    assert len(answer) == 1
    assert "2 more pieces of ink as large as a digit" in at.info[0].value


def test_the_steps_stand_in_one_row_and_the_last_is_never_alone_in_another(open_page: Open, trained_run: Run) -> None:
    at = upload(open_page("predict"), ("photo.png", png(on_paper(digit(4)))))
    strip = film(at)
    steps = strip.count('role="listitem"')
    columns = {name: int(n) for name, n in re.findall(r"--(all|half|narrow): (\d+)", strip)}
    assert steps >= 5
    assert columns["all"] == steps
    assert steps % columns["half"] != 1
    assert steps % columns["narrow"] != 1
    assert "28 × 28" in strip.rsplit('role="listitem"', 1)[1]


def test_several_digits_are_drawn_with_a_finer_pen(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict")
    broad = canvas(at)["strokeWidth"]
    run(at.segmented_control(key="read_how_many").set_value("many"))
    assert canvas(at)["strokeWidth"] < broad
    assert "Draw several digits" in said(at)


def test_several_bad_files_are_told_together_one_sentence_each(open_page: Open, trained_run: Run) -> None:
    at = upload(open_page("predict"), ("one.png", b"text"), ("two.png", b""), ("good.png", png(digit(7))))
    [error] = at.error
    assert len(error.value.splitlines()) == 2
    assert len(answers(at)) == 1


def test_only_the_first_fifty_pictures_are_read_and_the_page_says_so(open_page: Open, trained_run: Run) -> None:
    content = png(digit(7, 28, 3))
    at = upload(open_page("predict"), *((f"{n}.png", content) for n in range(60)))
    assert "first 50 of 60" in at.warning[0].value
    assert len(at.selectbox(key="closer_upload").options) == 50


@pytest.mark.parametrize("how_many", ["auto", "one", "many"])
def test_a_photograph_is_kept_no_larger_than_it_is_shown(trained_run: Run, how_many: HowMany) -> None:
    photograph = on_paper(digit(4, 1500, 100))
    reading = read(trained_run, photograph, Options(how_many=how_many))
    assert max(reading.picture.shape) <= 720
    assert reading.scale == pytest.approx(reading.picture.shape[0] / 1500)
    assert reading.digits[0].digit is not None


def test_a_damaged_model_is_one_sentence_before_the_first_stroke(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "weights.safetensors").write_bytes(b"junk")
    at = open_page("predict")
    [error] = at.error
    assert "damaged" in error.value
    [error] = draw(at, digit(4)).error
    assert "damaged" in error.value


def test_a_model_deleted_meanwhile_is_one_sentence(open_page: Open, add_run: Callable[..., Run]) -> None:
    add_run("20260101-000000-mlp-aaaa")
    second = add_run("20260102-000000-mlp-bbbb")
    at = draw(open_page("predict", run=second.run_id), digit(4))
    shutil.rmtree(second.folder)
    run(at)
    assert "was not found" in at.info[0].value
    assert len(answers(at)) == 1


def test_reading_with_a_model_deleted_meanwhile_says_so(trained_run: Run) -> None:
    shutil.rmtree(trained_run.folder)
    with pytest.raises(CheckpointError, match="deleted"):
        read(trained_run, digit(4), Options())
