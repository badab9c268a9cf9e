"""A digit drawn, by mouse and by touch, and read, with a small network trained here.

What is uploaded, corrected and kept is gone through without a browser, in tests/pages/test_predict.py and
test_my_handwriting.py.
"""

from collections.abc import Callable, Sequence

import pytest
from drawings import LIT, digit
from harness import Server, wait_idle
from playwright.sync_api import Page, expect
from small_runs import copy_run

from mnist_core.datasets import picture_store
from mnist_core.runs.run import Run

SEVEN = [(60, 60), (215, 60), (120, 235)]
BAR = [(100, 150), (200, 150)]
CORNER = [(250, 8), (250, 200)]  # where the canvas's own toolbar would lie, unseen, under a finger


@pytest.fixture
def model(app: Server, small_run: Run) -> Run:
    """A trained network among the app's runs."""
    return copy_run(small_run, app.checkpoints)


def open_predict(app: Server, page: Page, run: Run) -> None:
    page.goto(f"{app.url}/predict?run={run.run_id}")
    page.locator("canvas").last.wait_for()
    wait_idle(page)


def stroke(page: Page, points: Sequence[tuple[int, int]]) -> None:
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    (x, y), *rest = points
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    for x_next, y_next in rest:
        page.mouse.move(box["x"] + x_next, box["y"] + y_next, steps=6)
    page.mouse.up()


def lit(page: Page) -> int:
    """How many pixels of the pad are drawn on."""
    return int(page.locator("canvas.dc-canvas.lower-canvas").evaluate(LIT))


def wait_until_lit(page: Page, pixels: int) -> None:
    """Wait until the pad shows as much ink as that, give or take the edges of strokes."""
    expect(page.locator("canvas.dc-canvas.lower-canvas")).to_be_visible()
    page.wait_for_function(
        f"([canvas, wanted]) => Math.abs(({LIT})(canvas) - wanted) <= 0.02 * wanted",
        arg=[page.locator("canvas.dc-canvas.lower-canvas").element_handle(), pixels],
    )


def touch(page: Page, points: Sequence[tuple[float, float]]) -> None:
    """A stroke with a finger."""
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(points):
        kind = "touchMove" if number else "touchStart"
        where = [{"x": box["x"] + x, "y": box["y"] + y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_drawn_digit_is_read_and_both_survive_another_page_and_another_tab(
    app: Server, page: Page, model: Run
) -> None:
    open_predict(app, page, model)
    page.locator("canvas").last.hover()
    expect(page.get_by_role("img", name="Drawing pad")).to_be_visible()
    expect(page.locator(".dc-toolbar")).to_be_hidden()
    stroke(page, SEVEN)
    answer = page.locator(".answer")
    expect(answer).to_be_visible()
    expect(page.get_by_text("sure.")).to_be_visible()
    expect(page.locator(".bars")).to_be_visible()
    expect(page.get_by_text("What the model saw")).to_be_visible()
    read, ink = answer.inner_text(), lit(page)
    assert ink > 1000
    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    page.get_by_test_id("stTopNavLink").filter(has_text="Predict").click()
    expect(answer).to_have_text(read)
    wait_until_lit(page, ink)
    page.get_by_role("tab", name="Upload").click()
    expect(page.locator(".st-key-uploads")).to_be_visible()
    page.get_by_role("tab", name="Draw").click()
    expect(answer).to_have_text(read)
    wait_until_lit(page, ink)


def test_undo_takes_one_stroke_back_without_moving_the_pad_and_clear_takes_all(
    app: Server, page: Page, model: Run
) -> None:
    open_predict(app, page, model)
    stroke(page, SEVEN)
    expect(page.locator(".answer")).to_be_visible()
    strip, ink = page.locator(".film-frame img").last, lit(page)
    first = strip.get_attribute("src")
    assert first
    stroke(page, BAR)
    expect(strip).not_to_have_attribute("src", first)
    pad = page.locator("canvas.dc-canvas.lower-canvas").element_handle()
    page.locator(".st-key-pad_undo button:visible").click()
    wait_until_lit(page, ink)
    expect(strip).to_have_attribute("src", first)
    page.locator(".st-key-pad_clear button:visible").click()
    expect(page.get_by_text("Draw a digit from 0 to 9")).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    wait_until_lit(page, 0)
    assert pad.evaluate("canvas => canvas.isConnected")  # the same one all the while: nothing jumped
    stroke(page, BAR)
    expect(page.locator(".answer")).to_be_visible()


def test_a_digit_is_drawn_with_a_finger_on_a_phone_also_in_the_corner(
    app: Server, new_page: Callable[..., Page], model: Run
) -> None:
    page = new_page(width=390, touch=True)
    open_predict(app, page, model)
    expect(page.get_by_role("img", name="Drawing pad")).to_be_visible()
    (x, y), (_, end) = CORNER
    touch(page, [(x, y + (end - y) * n / 10) for n in range(11)])
    expect(page.locator(".answer")).to_be_visible()


def test_what_was_kept_is_learned_at_a_press_beside_a_drawing_that_asks_for_runs_of_the_script(
    app: Server, page: Page, model: Run
) -> None:
    hand = app.checkpoints.parent / "handwriting"
    for pen in (10, 11, 12):
        picture_store.keep(hand, digit(4, pen=pen), 4)
    page.goto(f"{app.url}/my_handwriting?run={model.run_id}")
    page.get_by_role("button", name="Begin").click()
    page.locator("canvas").last.wait_for()
    learn = page.get_by_role("button", name="Learn my handwriting")
    expect(learn).to_be_enabled()
    stroke(page, SEVEN)
    learn.click()
    expect(page.get_by_role("button", name="Use this model")).to_be_visible()
    [taught] = [folder.name for folder in app.checkpoints.iterdir() if (folder / "teaching.json").exists()]
    assert taught != model.run_id
