"""The exam of a run in a real browser: a cell of the confusion matrix chosen, and what stays when a switch is moved.

That cells are chosen by finger and by keyboard too is the chart's own, in test_plotly_view.py; which images stand
behind a cell, and that address and split are kept, is seen without a browser in tests/pages/test_evaluate.py.
"""

import re

import numpy as np
import pytest
from drawings import LIT
from harness import Server, wait_idle
from playwright.sync_api import Page, expect
from small_runs import copy_run

from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.statistics.confusion_matrix import confusion_matrix
from mnist_core.types import Evaluation

Cell = tuple[int, int]  # (true label, predicted label)


@pytest.fixture
def examined(app: Server, small_run: Run) -> Server:
    """The app with a run that has been judged."""
    copy_run(small_run, app.checkpoints, judged=True)
    return app


@pytest.fixture
def evaluation(small_run: Run) -> Evaluation:
    kept = evaluations.load_evaluation(small_run, "test")
    assert kept is not None
    return kept


def most_frequent_mistakes(evaluation: Evaluation) -> list[Cell]:
    errors = confusion_matrix(evaluation)
    np.fill_diagonal(errors, 0)
    places = np.argsort(-errors, axis=None, kind="stable")[:2]
    return [(int(place) // 10, int(place) % 10) for place in places]


def centre_of(page: Page, cell: Cell) -> tuple[float, float]:
    """Where a cell's middle is, in the window."""
    x, y = page.evaluate(
        """([row, column]) => {
            const plot = document.querySelector('.st-key-confusion .pv-plot');
            plot.scrollIntoView({ block: 'center' });
            const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
            return [left + xaxis._offset + xaxis.d2p(column), top + yaxis._offset + yaxis.d2p(row)];
        }""",
        list(cell),
    )
    return x, y


def expect_images_of(page: Page, evaluation: Evaluation, cell: Cell) -> None:
    """The images behind the cell are on screen, each with its two probabilities."""
    true, predicted = cell
    count = min(12, int(confusion_matrix(evaluation)[cell]))
    expect(page.get_by_role("heading", name=f"{true} read as {predicted}", exact=True)).to_be_visible()
    pictures = page.get_by_role("img", name=f"a handwritten {true}, read as {predicted}", exact=True)
    expect(pictures).to_have_count(count)
    both = re.compile(rf"read {predicted}: [<>\d. ]+ %\s*true {true}: [<>\d. ]+ %")
    expect(page.locator(".digits figcaption", has_text=both)).to_have_count(count)


def test_a_click_on_a_cell_shows_the_images_behind_it_and_switches_and_a_reload_keep_them(
    examined: Server, page: Page, evaluation: Evaluation
) -> None:
    first, second = most_frequent_mistakes(evaluation)
    page.goto(f"{examined.url}/evaluate?run={evaluation.run_id}")
    page.locator(".st-key-confusion .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    expect(page.get_by_role("heading", name="What it gets wrong")).to_be_visible()
    page.evaluate("document.querySelector('.st-key-confusion .pv-plot').dataset.mine = 'yes'")
    for cell in (first, second):
        page.mouse.click(*centre_of(page, cell))
        expect_images_of(page, evaluation, cell)
    page.get_by_text("Percent", exact=True).click()
    share = confusion_matrix(evaluation)[second] / np.sum(evaluation.labels == second[0])
    expect(page.locator(".st-key-confusion .heatmap-label", has_text=f"{100 * share:.1f}").first).to_be_visible()
    page.get_by_text("Show errors only").click()
    wait_idle(page)
    expect_images_of(page, evaluation, second)
    expect(page.locator(".st-key-confusion .pv-plot")).to_have_attribute("data-mine", "yes")
    expect(page).to_have_url(re.compile(rf"\?run={evaluation.run_id}&cell={second[0]}-{second[1]}$"))
    page.reload()
    expect_images_of(page, evaluation, second)
    page.get_by_role("button", name="All mistakes").click()
    expect(page.get_by_role("heading", name="What it gets wrong")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"\?run={evaluation.run_id}$"))


def open_gallery(app: Server, page: Page) -> None:
    page.goto(f"{app.url}/evaluate?split=test")
    page.locator("[data-open]").first.wait_for()
    wait_idle(page)


def test_a_press_on_an_image_opens_it_and_leads_to_the_next_and_the_previous(examined: Server, page: Page) -> None:
    open_gallery(examined, page)
    first, second = (page.locator("[data-open]").nth(place).get_attribute("data-open") for place in (0, 1))
    page.locator("[data-open]").first.click()
    expect(page.locator(".st-key-opened")).to_contain_text(f"Image {first} of")
    expect(page).to_have_url(re.compile(f"image={first}$"))
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".st-key-opened")).to_contain_text(f"Image {second} of")
    page.get_by_role("button", name="Previous").click()
    expect(page.locator(".st-key-opened")).to_contain_text(f"Image {first} of")
    page.get_by_role("button", name="All images").click()
    expect(page.locator(".st-key-opened")).to_have_count(0)
    page.locator("[data-open]").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-opened")).to_contain_text(f"Image {second} of")
    expect(page.locator(".st-key-opened .bars")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Take it to the canvas")).to_be_in_viewport()


def test_an_open_image_taken_to_the_canvas_is_seen_there_and_can_be_drawn_on(examined: Server, page: Page) -> None:
    open_gallery(examined, page)
    page.locator("[data-open]").first.click()
    page.get_by_role("button", name="Take it to the canvas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Predict")
    expect(page.locator(".answer")).to_be_visible()
    canvas = page.locator("canvas.dc-canvas.lower-canvas")
    expect(canvas).to_be_visible()
    page.wait_for_function(f"canvas => ({LIT})(canvas) > 1000", arg=canvas.element_handle())
    laid = int(canvas.evaluate(LIT))
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 270, steps=6)
    page.mouse.up()
    page.wait_for_function(f"([canvas, laid]) => ({LIT})(canvas) > laid + 2000", arg=[canvas.element_handle(), laid])
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_enabled()


def test_the_heading_stays_where_it_is_when_a_cell_is_chosen(
    examined: Server, page: Page, evaluation: Evaluation
) -> None:
    open_gallery(examined, page)
    heading = page.locator(".st-key-images_heading h3")
    before = heading.bounding_box()
    true, predicted = most_frequent_mistakes(evaluation)[0]
    page.mouse.click(*centre_of(page, (true, predicted)))
    expect(heading).to_have_text(f"{true} read as {predicted}")
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    after, back = heading.bounding_box(), page.locator(".st-key-clear_cell button").bounding_box()
    assert before
    assert after
    assert back
    assert after["y"] == pytest.approx(before["y"], abs=0.5)
    assert after["height"] == before["height"]
    assert after["y"] + after["height"] / 2 == pytest.approx(back["y"] + back["height"] / 2, abs=2)
