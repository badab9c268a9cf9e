"""The Predict page without a browser: each state, what a stroke brings, and what hostile files get."""

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
from drawings import digit, on_paper, paste
from on_screen import captions, chart, said
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnist_core.runs import Run

Open = Callable[..., AppTest]
STROKES = {"objects": [{"type": "path", "path": [["M", 1, 1], ["L", 9, 9]]}]}


def png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def draw(at: AppTest, picture: np.ndarray, *, canvas: str = "canvas_1") -> AppTest:
    """What the canvas sends after a stroke."""
    url = "data:image/png;base64," + base64.b64encode(png(picture)).decode()
    at.session_state[canvas] = {"drawing": {"raw": STROKES, "data": url}}
    at.run()
    assert not at.exception
    return at


def upload(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    at.session_state["predict_tab"] = "Upload"
    at.run()
    for name, content in files:
        at.file_uploader(key="uploads").upload(name, content, "image/png")
    at.run()
    assert not at.exception
    return at


def answers(at: AppTest) -> list[str]:
    """What is said large."""
    bodies = [html.proto.body for html in at.get("html")]
    return [body.split('aria-label="Read as ')[1].split('"')[0] for body in bodies if "Read as " in body]


def test_without_a_model_the_page_leads_to_training(open_page: Open) -> None:
    at = open_page("predict")
    assert "no trained model" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Train one"]


def test_before_the_first_stroke_the_page_says_what_to_do(open_page: Open, trained_run: Run) -> None:
    at = open_page("predict")
    assert "Draw one digit" in said(at)
    assert at.button(key="pad_undo").disabled
    assert at.button(key="pad_clear").disabled


def test_a_drawn_digit_is_answered_with_its_probabilities_and_what_the_model_saw(
    open_page: Open, trained_run: Run
) -> None:
    at = draw(open_page("predict"), digit(4))
    [answer] = answers(at)
    assert answer in "0123456789"
    assert "sure." in said(at)
    assert chart(at, "draw_probabilities")["fig"]["data"]
    assert "What the model saw" in said(at)
    assert captions(at)[-1].endswith("28 × 28")


def test_clear_empties_the_pad_and_undo_goes_back_one_drawing(open_page: Open, trained_run: Run) -> None:
    at = draw(open_page("predict"), digit(4))
    assert answers(at)
    at.button(key="pad_undo").click().run()
    assert not at.exception
    assert answers(at) == []
    draw(at, digit(7), canvas="canvas_2")
    at.button(key="pad_clear").click().run()
    assert not at.exception
    assert "Draw one digit" in said(at)


def test_a_drawing_is_still_there_after_another_page(open_page: Open, trained_run: Run) -> None:
    at = draw(open_page("predict"), digit(4))
    before = answers(at)
    at.switch_page("runs.py").run()
    at.switch_page("predict.py").run()
    assert not at.exception
    assert answers(at) == before


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


def test_several_digits_are_read_as_a_number(open_page: Open, trained_run: Run) -> None:
    page = np.zeros((160, 300), np.uint8)
    paste(page, digit(7, 100, 10), 20, 30)
    paste(page, digit(4, 100, 10), 160, 30)
    at = open_page("predict")
    at.toggle(key="read_number").set_value(True)
    [answer] = answers(upload(at, ("page.png", png(page))))
    assert len(answer) == 2


def test_a_damaged_model_is_one_sentence(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "weights.safetensors").write_bytes(b"junk")
    at = draw(open_page("predict"), digit(4))
    assert any("damaged" in error.value for error in at.error)
