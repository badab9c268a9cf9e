"""The Predict page under Streamlit's AppTest: what a visitor does there, and what it answers."""

import base64
import io
import itertools

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

NUMBERS = itertools.count()


def png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def stroke() -> dict[str, object]:
    """A stroke like no other."""
    return {"type": "path", "path": [["M", 1, 1], ["L", 9, next(NUMBERS)]]}


def send(at: AppTest, picture: np.ndarray, strokes: list[dict[str, object]], pad: str = "pad") -> AppTest:
    """What the canvas on screen sends after it changed."""
    url = "data:image/png;base64," + base64.b64encode(png(picture)).decode()
    at.session_state[at.session_state[pad].canvas_key] = {"drawing": {"raw": {"objects": strokes}, "data": url}}
    return run(at)


def draw(at: AppTest, picture: np.ndarray, pad: str = "pad") -> AppTest:
    """A picture drawn in one stroke."""
    return send(at, picture, [stroke()], pad)


def run(changed: AppTest | Widget) -> AppTest:
    """Run the app after a change, of the app or of one of its widgets."""
    at = changed.run()
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
